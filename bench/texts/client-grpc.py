# pip install 'tritonclient[grpc]'
import os
import subprocess

import numpy as np
import tritonclient.grpc as triton
from tritonclient.utils import triton_to_np_dtype

KEY_COMMAND = "az keyvault secret show --vault-name digits-service-757a5e0f --name serving-digit-reader-primary --query value --output tsv"
key = os.environ.get("SERVICE_KEY") or subprocess.check_output(KEY_COMMAND, shell=True, text=True).strip()
headers = {"authorization": f"Bearer {key}"}
client = triton.InferenceServerClient("ADDRESS:8001")
metadata = client.get_model_metadata("digits", headers=headers, as_json=True)
print(metadata)


def tensor(name, datatype, values):
    given = triton.InferInput(name, list(values.shape), datatype)
    given.set_data_from_numpy(values.astype(triton_to_np_dtype(datatype)))
    return given


inputs = [
    tensor("pixels", "FP32", np.zeros([1, 64])),
]
answer = client.infer("digits", inputs, headers=headers)
for output in metadata["outputs"]:
    print(output["name"], answer.as_numpy(output["name"]))
