"""Reads handwritten digits of 8 by 8 pixels."""

import json
import os
from pathlib import Path

import numpy as np
import onnxruntime

session = None


def init():
    global session
    session = onnxruntime.InferenceSession(Path(os.environ["AZUREML_MODEL_DIR"]) / "model.onnx")


def run(raw_data):
    pixels = np.array(json.loads(raw_data)["data"], dtype=np.float32)
    (probabilities,) = session.run(["probabilities"], {"pixels": pixels})
    return {
        "digits": probabilities.argmax(axis=1).tolist(),
        "probabilities": probabilities.max(axis=1).astype(float).round(4).tolist(),
    }
