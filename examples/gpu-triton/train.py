"""Trains the digits classifier and writes it as Triton serves it, with one request and its right answer.

pip install -r requirements.txt && python train.py
"""

import json
import textwrap
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

HERE = Path(__file__).parent
BRIGHTEST = 16
LEAST_ACCURACY = 0.97
SHOWN = 7
SURE = 0.99

# Written out, because json.dumps puts either every number on a line of its own or all of them on one.
REQUEST = """\
{
  "inputs": [
    {
      "name": "pixels",
      "shape": [1, 64],
      "datatype": "FP32",
      "data": [
%s
      ]
    }
  ]
}
"""


def to_onnx(classifier: MLPClassifier) -> bytes:
    """The classifier as a graph on raw grey values, so that callers need not know how it was trained."""
    (hidden, output), (hidden_bias, output_bias) = classifier.coefs_, classifier.intercepts_
    constants = {
        "brightest": BRIGHTEST,
        "hidden": hidden,
        "hidden_bias": hidden_bias,
        "output": output,
        "output_bias": output_bias,
    }
    graph = helper.make_graph(
        name="digits",
        nodes=[
            helper.make_node("Div", ["pixels", "brightest"], ["scaled"]),
            helper.make_node("Gemm", ["scaled", "hidden", "hidden_bias"], ["weighted"]),
            helper.make_node("Relu", ["weighted"], ["activated"]),
            helper.make_node("Gemm", ["activated", "output", "output_bias"], ["scores"]),
            helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
            # config.pbtxt says `dims: [ 1 ]`, which beside the batch makes two dimensions.
            helper.make_node("ArgMax", ["scores"], ["digit"], axis=1, keepdims=1),
        ],
        inputs=[helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["batch", 64])],
        outputs=[
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 10]),
            helper.make_tensor_value_info("digit", TensorProto.INT64, ["batch", 1]),
        ],
        initializer=[numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in constants.items()],
    )
    # Newer versions than these would shut out the onnxruntime in Triton images of 2024.
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


def train() -> None:
    pixels, digits = load_digits(return_X_y=True)
    train_pixels, test_pixels, train_digits, test_digits = train_test_split(
        pixels, digits, test_size=0.25, random_state=0, stratify=digits
    )
    classifier = MLPClassifier(hidden_layer_sizes=(64,), max_iter=500, random_state=0)
    classifier.fit(train_pixels / BRIGHTEST, train_digits)

    model = to_onnx(classifier)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    probabilities, winners = session.run(["probabilities", "digit"], {"pixels": test_pixels.astype(np.float32)})
    np.testing.assert_allclose(probabilities, classifier.predict_proba(test_pixels / BRIGHTEST), rtol=0, atol=1e-5)
    np.testing.assert_array_equal(winners, classifier.predict(test_pixels / BRIGHTEST)[:, np.newaxis])

    accuracy = np.mean(winners[:, 0] == test_digits)
    print(f"test accuracy {accuracy:.4f} on {len(test_digits)} images, model of {len(model)} bytes")
    if accuracy < LEAST_ACCURACY:
        raise SystemExit(f"expected an accuracy of at least {LEAST_ACCURACY}")

    # An image the model is sure of, whose answer survives the small differences between CPU and GPU.
    chosen = np.flatnonzero((test_digits == SHOWN) & (probabilities[:, SHOWN] > SURE))[0]
    image = textwrap.indent(textwrap.fill(", ".join(f"{pixel:.0f}" for pixel in test_pixels[chosen]), 112), " " * 8)
    answer = {"digit": SHOWN, "probability": round(float(probabilities[chosen, SHOWN]), 3)}

    path = HERE / "models" / "digits" / "1" / "model.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model)
    (HERE / "request.json").write_text(REQUEST % image)
    (HERE / "answer.json").write_text(json.dumps(answer, indent=2) + "\n")


if __name__ == "__main__":
    train()
