"""Sends a picture to the service and prints what it is taken for.

az keyvault secret show … --query value --output tsv | python client.py http://localhost:8080/score seven.png
"""

import argparse
import base64
import json
import sys
from pathlib import Path
from urllib.request import Request, urlopen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], epilog="The key is read from standard input.")
    parser.add_argument("scoring_uri", help="where the service answers, as 'cdktf output' says it")
    parser.add_argument("picture", type=Path, help="a handwritten digit, white on black, in any format and size")
    arguments = parser.parse_args()

    request = Request(
        arguments.scoring_uri,
        data=json.dumps({"picture": base64.b64encode(arguments.picture.read_bytes()).decode()}).encode(),
        headers={"Authorization": f"Bearer {sys.stdin.readline().strip()}", "Content-Type": "application/json"},
    )
    with urlopen(request, timeout=70) as answer:
        for digit in json.load(answer)["digits"]:
            print(f"{digit['name']:6} {digit['probability']:.3f}")


if __name__ == "__main__":
    main()
