"""Trains the classifiers and writes them as Triton serves them, with one request and its right answer.

pip install -r requirements.txt && python train.py
"""

import textwrap
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline

HERE = Path(__file__).parent
LEAST_ACCURACY = 0.98
LEAST_SURE = 0.6
GAMMA = 0.05

# Written out, because json.dumps puts either every number on a line of its own or all of them on one.
REQUEST = """\
{
  "inputs": [
    {
      "name": "pixels",
      "shape": [1, 64],
      "datatype": "UINT8",
      "data": [
%s
      ]
    }
  ]
}
"""
ANSWER = """\
{
  "digit": %d,
  "probability": %.3f,
  "votes": [%d, %d]
}
"""


def normalized(pixels: np.ndarray) -> np.ndarray:
    """What the model `normalize` makes of images."""
    darkest = pixels.min(axis=1, keepdims=True)
    return (pixels - darkest) / np.maximum(pixels.max(axis=1, keepdims=True) - darkest, 1)


def network_to_onnx(classifier: MLPClassifier) -> bytes:
    (hidden, output), (hidden_bias, output_bias) = classifier.coefs_, classifier.intercepts_
    return to_onnx(
        nodes=[
            helper.make_node("Gemm", ["image", "hidden", "hidden_bias"], ["weighted"]),
            helper.make_node("Relu", ["weighted"], ["activated"]),
            helper.make_node("Gemm", ["activated", "output", "output_bias"], ["scores"]),
        ],
        constants={
            "hidden": hidden,
            "hidden_bias": hidden_bias,
            "output": output,
            "output_bias": output_bias,
        },
    )


def kernel_to_onnx(classifier: Pipeline) -> bytes:
    """Likeness to each of some images of the training set, as exp(-gamma * squared distance), weighed by class."""
    kernel, weights = classifier.named_steps.values()
    images = kernel.components_
    return to_onnx(
        nodes=[
            helper.make_node("ReduceSumSquare", ["image"], ["own_square"], axes=[1], keepdims=1),
            helper.make_node("Gemm", ["image", "images", "squares"], ["crossed"], alpha=-2.0, transB=1),
            helper.make_node("Add", ["crossed", "own_square"], ["distance"]),
            helper.make_node("Mul", ["distance", "falloff"], ["exponent"]),
            helper.make_node("Exp", ["exponent"], ["likeness"]),
            helper.make_node("Gemm", ["likeness", "output", "output_bias"], ["scores"]),
        ],
        constants={
            "images": images,
            "squares": np.square(images).sum(axis=1),
            "falloff": -GAMMA,
            "output": kernel.normalization_.T @ weights.coef_.T,
            "output_bias": weights.intercept_,
        },
    )


def to_onnx(nodes: list[onnx.NodeProto], constants: dict[str, np.ndarray]) -> bytes:
    graph = helper.make_graph(
        name="digits",
        nodes=[*nodes, helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1)],
        inputs=[helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 64])],
        outputs=[helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 10])],
        initializer=[numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in constants.items()],
    )
    # Newer versions than these would shut out the onnxruntime in Triton images of 2024.
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


def write(model: bytes, folder: str) -> None:
    path = HERE / "models" / "triton" / folder / "model.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model)


def train() -> None:
    pixels, digits = load_digits(return_X_y=True)
    train_pixels, test_pixels, train_digits, test_digits = train_test_split(
        pixels, digits, test_size=0.25, random_state=0, stratify=digits
    )
    test_images = normalized(test_pixels)

    def trained(folder: str, classifier: MLPClassifier | Pipeline) -> np.ndarray:
        """Trains a classifier, writes it as a graph, and gives what the graph makes of the test set."""
        classifier.fit(normalized(train_pixels), train_digits)
        model = (kernel_to_onnx if isinstance(classifier, Pipeline) else network_to_onnx)(classifier)
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        (probabilities,) = session.run(["probabilities"], {"image": test_images.astype(np.float32)})
        np.testing.assert_allclose(probabilities, classifier.predict_proba(test_images), rtol=0, atol=1e-4)
        print(f"{folder}: test accuracy {accuracy(probabilities):.4f}, model of {len(model)} bytes")
        write(model, folder)
        return probabilities

    def accuracy(probabilities: np.ndarray) -> float:
        return np.mean(probabilities.argmax(axis=1) == test_digits)

    trained("digits-network/1", MLPClassifier(hidden_layer_sizes=(16,), max_iter=1000, random_state=0))
    network = trained(
        "digits-network/2", MLPClassifier(hidden_layer_sizes=(64,), alpha=0.1, max_iter=1000, random_state=0)
    )
    kernel = trained(
        "digits-kernel/1",
        make_pipeline(Nystroem(gamma=GAMMA, n_components=100, random_state=0), LogisticRegression(C=10, max_iter=3000)),
    )
    vote = (network + kernel) / 2
    print(f"vote of the latest: test accuracy {accuracy(vote):.4f} on {len(test_digits)} images")
    if accuracy(vote) < LEAST_ACCURACY or accuracy(vote) <= max(accuracy(network), accuracy(kernel)):
        raise SystemExit(f"expected an accuracy of at least {LEAST_ACCURACY}, and above that of each")

    write_example(test_pixels, test_digits, network, kernel)


def write_example(pixels: np.ndarray, digits: np.ndarray, network: np.ndarray, kernel: np.ndarray) -> None:
    """An image that one classifier misreads, and that both together read so clearly that the answer survives the small
    differences between CPU and GPU."""
    vote = (network + kernel) / 2
    votes = np.stack([network.argmax(axis=1), kernel.argmax(axis=1)], axis=1)
    is_saved = (votes[:, 0] != votes[:, 1]) & (vote.argmax(axis=1) == digits)
    chosen = np.where(is_saved, vote.max(axis=1), 0).argmax()
    if not is_saved[chosen] or vote[chosen].max() < LEAST_SURE:
        raise SystemExit("expected an image that the vote reads and one of the classifiers misreads")
    image = textwrap.indent(textwrap.fill(", ".join(f"{pixel:.0f}" for pixel in pixels[chosen]), 112), " " * 8)
    (HERE / "request.json").write_text(REQUEST % image)
    (HERE / "answer.json").write_text(ANSWER % (digits[chosen], vote[chosen].max(), *votes[chosen]))


if __name__ == "__main__":
    train()
