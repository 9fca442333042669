"""Sends a random image of the test set and prints its label and what the service takes it for.

pip install requests scikit-learn==1.9.1
az keyvault secret show … --query value --output tsv | python client.py http://localhost:8080/score
"""

import argparse
import sys

import numpy as np
import requests
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], epilog="The key is read from standard input.")
    parser.add_argument("scoring_uri", help="where the service answers, as 'cdktf output' says it")
    parser.add_argument("--rows", type=int, default=1, help="how many images are sent in one request; 1 by default")
    arguments = parser.parse_args()

    # the split that the model was trained with, so that it has seen none of these
    pixels, labels = load_digits(return_X_y=True)
    _, test_pixels, _, test_labels = train_test_split(pixels, labels, test_size=0.25, random_state=0, stratify=labels)
    chosen = np.random.default_rng().choice(len(test_pixels), size=arguments.rows, replace=False)

    answer = requests.post(
        arguments.scoring_uri,
        json={"data": test_pixels[chosen].tolist()},
        headers={"Authorization": f"Bearer {sys.stdin.readline().strip()}"},
        timeout=70,
    )
    if not answer.ok:
        sys.exit(f"{answer.status_code}: {answer.text}")

    for label, prediction, probability in zip(
        test_labels[chosen], answer.json()["digits"], answer.json()["probabilities"], strict=True
    ):
        print(f"label: {label}  prediction: {prediction}  probability: {probability:.4f}")


if __name__ == "__main__":
    main()
