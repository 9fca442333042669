"""Calls what it is told to, fails where it is told to, and answers what it was sent otherwise."""

import http.client
import json
import urllib.parse
import urllib.request

import requests


def init():
    pass


def by_http_client(url):
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port)
    connection.request("GET", parts.path)
    return connection.getresponse().status


def by_triton(url):
    import tritonclient.http

    client = tritonclient.http.InferenceServerClient(urllib.parse.urlsplit(url).netloc)
    return 200 if client.is_server_ready() else 503


def by_grpc(target):
    import grpc

    channel = grpc.insecure_channel(target)
    call = channel.unary_unary("/inference.GRPCInferenceService/ServerLive")
    try:
        call(b"", timeout=5)
        return "OK"
    except grpc.RpcError as error:
        return error.code().name


CALLS = {
    "requests": lambda url: requests.get(url, timeout=5).status_code,
    "urllib": lambda url: urllib.request.urlopen(url, timeout=5).status,
    "http.client": by_http_client,
    "tritonclient": by_triton,
    "grpc": by_grpc,
}


def run(raw_data):
    data = json.loads(raw_data)
    if "fail" in data:
        raise ValueError(data["fail"])
    if "call" in data:
        return {"status": CALLS[data["by"]](data["call"])}
    return data
