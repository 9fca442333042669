"""Reads a handwritten digit out of a picture: what comes before and after the model that Triton serves."""

import base64
import io
import json

import numpy as np
import tritonclient.http as triton
from PIL import Image
from tritonclient.utils import triton_to_np_dtype

MODEL = "digits"
BRIGHTEST = 16
CLASS_COUNT = 3


def init() -> None:
    global client, pixels_input
    client = triton.InferenceServerClient(url="localhost:8000")
    # the names, types and shapes are the model's own; the first dimension of a shape is that of the batch
    [pixels_input] = client.get_model_metadata(MODEL)["inputs"]


def run(data: str) -> dict:
    picture = Image.open(io.BytesIO(base64.b64decode(json.loads(data)["picture"])))
    answer = client.infer(
        MODEL,
        inputs=[to_input(picture)],
        outputs=[triton.InferRequestedOutput("probabilities", class_count=CLASS_COUNT)],
    )
    return {"digits": [to_class(each) for each in answer.as_numpy("probabilities")[0]]}


def to_input(picture: Image.Image) -> triton.InferInput:
    """A picture of any size, white on black, as the grey values that the model was trained on."""
    small = picture.convert("L").resize((8, 8), Image.Resampling.BOX)
    pixels = np.asarray(small, triton_to_np_dtype(pixels_input["datatype"])) / 255 * BRIGHTEST
    batch = pixels.reshape(1, *pixels_input["shape"][1:]).astype(pixels.dtype)
    tensor = triton.InferInput(pixels_input["name"], batch.shape, pixels_input["datatype"])
    tensor.set_data_from_numpy(batch)
    return tensor


def to_class(text: bytes) -> dict:
    """Triton writes a class as its value, its index and its name, with colons between them."""
    probability, _, name = text.decode().split(":")
    return {"name": name, "probability": round(float(probability), 3)}
