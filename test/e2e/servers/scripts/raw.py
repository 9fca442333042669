"""Raw HTTP: tells what it was sent, or answers as the header x-test-answer asks."""

import base64
import hashlib
import json

from azureml.contrib.services.aml_request import AMLRequest, rawhttp
from azureml.contrib.services.aml_response import AMLResponse
from azureml.core.model import Model


def init():
    global weights
    with open(Model.get_model_path("weights")) as file:
        weights = file.read()


@rawhttp
def run(request: AMLRequest):
    if request.method == "GET":
        return AMLResponse(str.encode("GET is not supported"), 405)
    if "x-test-answer" in request.headers:
        asked = json.loads(request.headers["x-test-answer"])
        return AMLResponse(base64.b64decode(asked["body"]), asked["status"], asked["headers"])
    if "x-test-form" in request.headers:
        files = {name: digest(file.read()) for name, file in request.files.items()}
        return AMLResponse({"form": request.form.to_dict(), "files": files}, 200, json_str=True)
    body = request.get_data(False)
    told = {"bytes": len(body), "sha256": digest(body), "type": request.headers.get("Content-Type"), "weights": weights}
    return AMLResponse(told, 200, json_str=True)


def digest(content):
    return hashlib.sha256(content).hexdigest()
