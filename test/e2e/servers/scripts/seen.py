"""Tells which bodies it has been sent in this process, and answers as they say."""

import time

from azureml.contrib.services.aml_request import rawhttp
from azureml.contrib.services.aml_response import AMLResponse

seen = []


def init():
    pass


@rawhttp
def run(request):
    body = request.get_data()
    start = body[:20].decode("latin1")
    seen.append([request.method, request.path, request.headers.get("Content-Type"), len(body), start])
    if body == b"fail":
        raise ValueError("too cold")
    if body == b"slow":
        time.sleep(3)
    if body == b"teapot":
        return AMLResponse("short and stout " * 100, 418)
    return AMLResponse(seen, 200, json_str=True)
