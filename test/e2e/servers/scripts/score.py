"""Reads digits, and does what tests ask for besides: takes its time, fails, ends, counts its calls."""

import json
import os
import threading
import time

import numpy
import onnxruntime
from azureml_inference_server_http.api.aml_request import AMLRequest, rawhttp
from azureml_inference_server_http.api.aml_response import AMLResponse

lock = threading.Lock()
calls = {"now": 0, "most": 0, "ended": 0, "late": 0}


def init():
    global model
    path = os.path.join(os.environ["AZUREML_MODEL_DIR"], "model.onnx")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    model = onnxruntime.InferenceSession(path, options)


@rawhttp
def run(request: AMLRequest):
    body = request.get_data()
    question = json.loads(body) if body[:1] == b"{" else {}
    if "calls" in question:
        return AMLResponse(calls, 200, json_str=True)
    with lock:
        calls["now"] += 1
        calls["most"] = max(calls["most"], calls["now"])
    try:
        return answer(request, body, question)
    except TimeoutError:
        calls["late"] += 1
        raise
    finally:
        with lock:
            calls["now"] -= 1
            calls["ended"] += 1


def answer(request, body, question):
    time.sleep(question.get("sleep_seconds", 0))
    until = time.monotonic() + question.get("spin_seconds", 0)
    while time.monotonic() < until:
        pass
    if "exit" in question:
        os._exit(1)
    if "status" in question:
        response = AMLResponse(question.get("body", ""), question["status"], question.get("headers", {}))
        return response
    if "answer_bytes" in question:
        return AMLResponse("x" * question["answer_bytes"], 200)
    if "inputs" in question:
        return AMLResponse(digit(question["inputs"][0]), 200, json_str=True)
    return AMLResponse({"bytes": len(body), "headers": dict(request.headers)}, 200, json_str=True)


def digit(pixels):
    image = numpy.array(pixels["data"], dtype=numpy.float32).reshape(pixels["shape"])
    probabilities = model.run(["probabilities"], {"pixels": image})[0][0]
    return {"digit": int(probabilities.argmax()), "probability": round(float(probabilities.max()), 4)}
