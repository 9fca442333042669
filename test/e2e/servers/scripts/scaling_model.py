"""A model that multiplies by its weight, a number in a file beside it."""

from pathlib import Path

import numpy as np
import triton_python_backend_utils as triton


class TritonPythonModel:
    def initialize(self, args):
        folder = Path(args["model_repository"]) / args["model_version"]
        self.weight = np.float32((folder / "weight.txt").read_text())

    def execute(self, requests):
        return [self.answer(request) for request in requests]

    def answer(self, request):
        value = triton.get_input_tensor_by_name(request, "value").as_numpy()
        return triton.InferenceResponse([triton.Tensor("scaled", value * self.weight)])
