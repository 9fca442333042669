import { describe, expect, test } from 'vitest';
import { type ClientCall, clientLines } from '../../../src/triton/client-lines';
import { TritonModelConfig } from '../../../src/triton/model-config';

const call = { httpAddress: '10.0.0.7:8000', grpcAddress: '10.0.0.7:8001', modelName: 'digits' };
const keyCommand = 'az keyvault secret show --vault-name kv --name one --query value --output tsv';

const lines = (more: Partial<ClientCall> = {}) => clientLines({ ...call, ...more });
const configured = (text: string) => lines({ config: TritonModelConfig.parse(text) });

const PIXELS = 'input [ { name: "pixels" data_type: TYPE_FP32 dims: [ 64 ] } ]';

describe('the programs that call a model', () => {
  test('ask for its metadata, send its inputs and print its outputs, with the key from the environment or the vault', () => {
    const config = TritonModelConfig.parse(`max_batch_size: 8 ${PIXELS}`);

    expect(lines({ config, keyCommand }).http).toBe(`# pip install 'tritonclient[http]'
import os
import subprocess

import numpy as np
import tritonclient.http as triton
from tritonclient.utils import triton_to_np_dtype

KEY_COMMAND = "${keyCommand}"
key = os.environ.get("SERVICE_KEY") or subprocess.check_output(KEY_COMMAND, shell=True, text=True).strip()
headers = {"authorization": f"Bearer {key}"}
client = triton.InferenceServerClient("10.0.0.7:8000")
metadata = client.get_model_metadata("digits", headers=headers)
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
`);
  });

  test('differ over gRPC in the client, the address and the form of the metadata', () => {
    const { http, grpc } = lines({ keyCommand });

    expect(
      grpc
        .replaceAll('grpc', 'http')
        .replace('10.0.0.7:8001', '10.0.0.7:8000')
        .replace('headers=headers, as_json=True', 'headers=headers'),
    ).toBe(http);
  });

  test('speak of no key where callers need none', () => {
    const { http, grpc } = lines();

    for (const text of [http, grpc]) {
      expect(text).not.toMatch(/key|headers|import os|subprocess/i);
    }
    expect(grpc).toContain('metadata = client.get_model_metadata("digits", as_json=True)\n');
    expect(http).toContain('answer = client.infer("digits", inputs)\n');
  });

  test.each(['max_batch_size: 4', 'output [ { name: "digit" data_type: TYPE_INT64 dims: [ 1 ] } ]'])(
    'take from the service what it says of its inputs, where the configuration says nothing: %s',
    (text) => {
      const asked = `inputs = [
    tensor(each["name"], each["datatype"], np.zeros([max(int(size), 1) for size in each["shape"]]))
    for each in metadata["inputs"]
]
`;
      expect(lines().http).toContain(asked);
      expect(configured(text).http).toContain(asked);
      expect(configured(text).grpc).toContain(asked);
    },
  );

  test('have a dimension for the batch where the model has one, and one element where a dimension varies', () => {
    const input = 'input [ { name: "image" data_type: TYPE_UINT8 dims: [ 3, -1, -1 ] } ]';

    expect(configured(`max_batch_size: 8 ${input}`).http).toContain(
      'tensor("image", "UINT8", np.zeros([1, 3, 1, 1])),',
    );
    expect(configured(input).http).toContain('tensor("image", "UINT8", np.zeros([3, 1, 1])),');
  });

  test('send every input, texts as such', () => {
    const text = `
      input [ { name: "context" data_type: TYPE_STRING dims: [ -1 ] }, { name: "mask" data_type: TYPE_BOOL dims: [ 2 ] } ]
      input [ { name: "scale" data_type: TYPE_BF16 dims: [ 1 ] optional: true } ]`;

    expect(configured(text).grpc).toContain(`inputs = [
    tensor("context", "BYTES", np.full([1], "text")),
    tensor("mask", "BOOL", np.zeros([2])),
    tensor("scale", "BF16", np.zeros([1])),
]
`);
  });

  test('send one whole sequence to a model of sequences', () => {
    const { http, grpc } = configured(`${PIXELS} sequence_batching { }`);
    const infer = 'client.infer("digits", inputs, sequence_id=1, sequence_start=True, sequence_end=True)';

    expect(http).toContain(infer);
    expect(grpc).toContain(infer);
  });

  test('stream over gRPC alone from a model with any number of answers', () => {
    const config = TritonModelConfig.parse(`${PIXELS} model_transaction_policy { decoupled: true }`);
    const { http, grpc } = lines({ config, keyCommand });

    expect(http).toBeUndefined();
    expect(grpc).toContain(`def show(result, error):
    print(error or {output["name"]: result.as_numpy(output["name"]) for output in metadata["outputs"]})


client.start_stream(show, headers=headers)
client.async_stream_infer("digits", inputs)
client.stop_stream()
`);
    expect(grpc).not.toContain('client.infer(');
  });

  test('leave names as they are, for Python and for Terraform', () => {
    const { http } = configured('input [ { name: "a\\"b\\\\${c}%{d}" data_type: TYPE_FP32 dims: [ 1 ] } ]');

    expect(http).toContain('tensor("a\\"b\\\\$${c}%%{d}", "FP32", np.zeros([1]))');
  });
});
