"""Sends the images of a request and prints what the service takes each for, in words, and how its classifiers voted.

pip install tritonclient[http]
az keyvault secret show … --query value --output tsv | python client.py localhost:8000 request.json
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], epilog="The key is read from standard input.")
    parser.add_argument("address", help="host and port of the service, those of its http_url in 'cdktf output'")
    parser.add_argument("request", type=Path, help="a file such as request.json")
    parser.add_argument("--classes", type=int, default=2, help="how many classes are told of an image; 2 by default")
    arguments = parser.parse_args()

    (given,) = json.loads(arguments.request.read_text())["inputs"]
    pixels = triton.InferInput("pixels", given["shape"], "UINT8")
    pixels.set_data_from_numpy(np.array(given["data"], np.uint8).reshape(given["shape"]))
    client = triton.InferenceServerClient(arguments.address, network_timeout=70)
    try:
        answer = client.infer(
            "digit-reader",
            [pixels],
            outputs=[
                # Triton picks the likeliest classes and names each by its line in digits.txt
                triton.InferRequestedOutput("probabilities", class_count=arguments.classes),
                triton.InferRequestedOutput("votes"),
            ],
            headers={"Authorization": f"Bearer {sys.stdin.readline().strip()}"},
        )
    except InferenceServerException as refused:
        sys.exit(f"{refused.status()}: {refused.message()}")

    for classes, (network, kernel) in zip(answer.as_numpy("probabilities"), answer.as_numpy("votes"), strict=True):
        named = [text.decode().split(":") for text in classes]
        told = ", ".join(f"{label} {float(probability):.3f}" for probability, _, label in named)
        print(f"{told}  votes: network {network}, kernel {kernel}")


if __name__ == "__main__":
    main()
