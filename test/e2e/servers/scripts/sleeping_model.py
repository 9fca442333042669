"""A model that sleeps for as many seconds as it is told, and ends its server when they are negative."""

import os
import signal
import time

import triton_python_backend_utils as triton


class TritonPythonModel:
    def execute(self, requests):
        return [self.answer(request) for request in requests]

    def answer(self, request):
        seconds = triton.get_input_tensor_by_name(request, "seconds").as_numpy()
        if seconds[0] < 0:
            os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(abs(float(seconds[0])))
        return triton.InferenceResponse([triton.Tensor("slept", seconds)])
