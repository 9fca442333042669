import { expect, test } from 'vitest';
import type { TritonModel } from '../../../src/triton/model-repository-folders';
import { serviceCalls } from '../../../src/triton/service-calls';
import { modelSource } from '../../fixtures';

const PIXELS = 'input [ { name: "pixels" data_type: TYPE_FP32 dims: [ 64 ] } ]';
const model = (name: string, config = ''): TritonModel => ({
  name,
  content: modelSource({ 'config.pbtxt': config, '1/model.onnx': '' }).read(),
  prefix: '',
});
const addresses = { httpAddress: '10.0.0.7:8000', grpcAddress: '10.0.0.7:8001' };
const models = [model('digits', PIXELS), model('bidaf-9')];

test('a service says where each model is called and describes itself, and where the server says that it is well', () => {
  expect(serviceCalls({ ...addresses, models }).addresses).toEqual({
    http_url: 'http://10.0.0.7:8000',
    grpc_address: '10.0.0.7:8001',
    scoring_uris: {
      digits: 'http://10.0.0.7:8000/v2/models/digits/infer',
      'bidaf-9': 'http://10.0.0.7:8000/v2/models/bidaf-9/infer',
    },
    metadata_urls: {
      digits: 'http://10.0.0.7:8000/v2/models/digits',
      'bidaf-9': 'http://10.0.0.7:8000/v2/models/bidaf-9',
    },
    health_urls: {
      live: 'http://10.0.0.7:8000/v2/health/live',
      ready: 'http://10.0.0.7:8000/v2/health/ready',
    },
  });
});

test('the command lines hold the command that prints the key', () => {
  const keyCommand = 'az keyvault secret show --vault-name kv --name one --query value --output tsv';
  const key = `${keyCommand} | sed 's/^/Authorization: Bearer /'`;

  expect(serviceCalls({ ...addresses, models, keyCommand }).commands).toEqual({
    ready: `${key} | curl --fail --include --header @- http://10.0.0.7:8000/v2/health/ready`,
    metadata: {
      digits: `${key} | curl --fail --header @- http://10.0.0.7:8000/v2/models/digits`,
      'bidaf-9': `${key} | curl --fail --header @- http://10.0.0.7:8000/v2/models/bidaf-9`,
    },
  });
});

test('the command lines stand in JSON as a shell takes them', () => {
  const { commands } = serviceCalls({ ...addresses, models, keyCommand: 'az keyvault secret show' });

  expect(JSON.stringify(commands)).not.toContain('\\');
});

test('the command lines hold no key where callers need none', () => {
  expect(serviceCalls({ ...addresses, models: models.slice(0, 1) }).commands).toEqual({
    ready: 'curl --fail --include http://10.0.0.7:8000/v2/health/ready',
    metadata: { digits: 'curl --fail http://10.0.0.7:8000/v2/models/digits' },
  });
});

test('the programs call the first model, as its configuration says', () => {
  const { client } = serviceCalls({ ...addresses, models });

  expect(client?.http).toContain('client = triton.InferenceServerClient("10.0.0.7:8000")');
  expect(client?.grpc).toContain('client = triton.InferenceServerClient("10.0.0.7:8001")');
  for (const text of [client?.http, client?.grpc]) {
    expect(text).toContain('tensor("pixels", "FP32", np.zeros([64])),');
    expect(text).toContain('client.infer("digits", inputs)');
  }
});

test('there are no programs without a model, and general ones for a configuration that is refused elsewhere', () => {
  expect(serviceCalls({ ...addresses, models: [] }).client).toBeUndefined();
  for (const config of ['input {', 'input [ { } ]', 'input [ { name: "a" data_type: TYPE_X dims: [ 1 ] } ]']) {
    expect(serviceCalls({ ...addresses, models: [model('digits', config)] }).client?.http).toContain('inputs = [');
  }
});
