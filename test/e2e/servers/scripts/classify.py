"""Asks for the digit of an image by Triton's own clients, over HTTP and gRPC, and writes both answers as JSON."""

import json
import sys

import numpy as np
import tritonclient.grpc
import tritonclient.http


def digit(client, address, pixels, key):
    connection = client.InferenceServerClient(address)
    image = client.InferInput("pixels", [1, 64], "FP32")
    image.set_data_from_numpy(np.array([pixels], np.float32))
    answer = connection.infer("digits", [image], headers={"authorization": f"Bearer {key}"})
    return int(answer.as_numpy("digit")[0, 0])


def main():
    asked = json.load(sys.stdin)
    found = {
        name: digit(client, asked["address"], asked["pixels"], asked["key"])
        for name, client in {"http": tritonclient.http, "grpc": tritonclient.grpc}.items()
    }
    json.dump(found, sys.stdout)


main()
