import { terraformText } from '../terraform-text';
import type { TritonModelConfig } from './model-config';
import { TritonDataType, type TritonModelInput } from './model-config-tensors';

/** Environment variable from which a client takes the key before it asks the vault. */
const KEY_VARIABLE = 'SERVICE_KEY';

/** A call as clients make it. */
export interface ClientCall {
  /** Host and port for HTTP. */
  readonly httpAddress: string;

  /** Host and port for gRPC. */
  readonly grpcAddress: string;

  /** Model that is called, by the name under which Triton serves it. */
  readonly modelName: string;

  /** What its `config.pbtxt` says; without it, or without inputs in it, a client asks the service for them. */
  readonly config?: TritonModelConfig;

  /** Command line that prints the key; nothing where callers need none. */
  readonly keyCommand?: string;
}

/** Programs in Python that call a service with Triton's own client. */
export interface ClientLines {
  /** Over HTTP; nothing for a model with any number of answers, which that client cannot call. */
  readonly http?: string;

  /** Over gRPC. */
  readonly grpc: string;
}

/**
 * Programs that ask for the metadata of a model and call it, as they stand. Their tensors are zeros, or `text` for texts,
 * to be replaced by data.
 *
 * @see https://github.com/triton-inference-server/client
 */
export function clientLines(call: ClientCall): ClientLines {
  const grpc = program('grpc', call);
  return isDecoupled(call) ? { grpc } : { http: program('http', call), grpc };
}

function program(protocol: 'http' | 'grpc', call: ClientCall): string {
  const { httpAddress, grpcAddress, modelName, keyCommand } = call;
  const needsKey = keyCommand !== undefined;
  const headers = needsKey ? ', headers=headers' : '';
  const metadataMore = protocol === 'grpc' ? `${headers}, as_json=True` : headers;
  const model = quoted(modelName);
  return text([
    `# pip install 'tritonclient[${protocol}]'`,
    ...(needsKey ? ['import os', 'import subprocess', ''] : []),
    'import numpy as np',
    `import tritonclient.${protocol} as triton`,
    'from tritonclient.utils import triton_to_np_dtype',
    '',
    ...(needsKey
      ? [
          `KEY_COMMAND = ${JSON.stringify(keyCommand)}`,
          `key = os.environ.get("${KEY_VARIABLE}") or subprocess.check_output(KEY_COMMAND, shell=True, text=True).strip()`,
          // gRPC takes names of headers in lower case only
          'headers = {"authorization": f"Bearer {key}"}',
        ]
      : []),
    `client = triton.InferenceServerClient("${protocol === 'http' ? httpAddress : grpcAddress}")`,
    `metadata = client.get_model_metadata(${model}${metadataMore})`,
    'print(metadata)',
    '',
    '',
    'def tensor(name, datatype, values):',
    '    given = triton.InferInput(name, list(values.shape), datatype)',
    '    given.set_data_from_numpy(values.astype(triton_to_np_dtype(datatype)))',
    '    return given',
    '',
    '',
    ...inputLines(call.config),
    ...(isDecoupled(call)
      ? streamLines(model, sequence(call), headers)
      : inferLines(model, `${sequence(call)}${headers}`)),
  ]);
}

/** The tensors of a request: those that the configuration names, and otherwise those of which the service tells. */
function inputLines(config: TritonModelConfig | undefined): string[] {
  if (config === undefined || config.inputs.length === 0) {
    return [
      'inputs = [',
      '    tensor(each["name"], each["datatype"], np.zeros([max(int(size), 1) for size in each["shape"]]))',
      '    for each in metadata["inputs"]',
      ']',
    ];
  }
  const batch = config.maxBatchSize > 0 ? [1] : [];
  return ['inputs = [', ...config.inputs.map((input) => `    ${tensorOf(input, batch)},`), ']'];
}

function tensorOf({ name, dataType, dims }: TritonModelInput, batch: readonly number[]): string {
  const shape = `[${[...batch, ...dims.map((size) => Math.max(size, 1))].join(', ')}]`;
  return dataType === TritonDataType.TYPE_STRING
    ? `tensor(${quoted(name)}, "BYTES", np.full(${shape}, "text"))`
    : `tensor(${quoted(name)}, ${quoted(dataType.replace(/^TYPE_/, ''))}, np.zeros(${shape}))`;
}

function inferLines(model: string, more: string): string[] {
  return [
    `answer = client.infer(${model}, inputs${more})`,
    'for output in metadata["outputs"]:',
    '    print(output["name"], answer.as_numpy(output["name"]))',
  ];
}

/** Only a stream carries no answer or several; it ends once all have come. The client passes both arguments by name. */
function streamLines(model: string, more: string, headers: string): string[] {
  return [
    'def show(result, error):',
    '    print(error or {output["name"]: result.as_numpy(output["name"]) for output in metadata["outputs"]})',
    '',
    '',
    `client.start_stream(show${headers})`,
    `client.async_stream_infer(${model}, inputs${more})`,
    'client.stop_stream()',
  ];
}

/** A model of sequences takes no request that belongs to none. */
function sequence({ config }: ClientCall): string {
  return config?.sequenceBatching === undefined ? '' : ', sequence_id=1, sequence_start=True, sequence_end=True';
}

function isDecoupled({ config }: ClientCall): boolean {
  return config?.modelTransactionPolicy?.decoupled === true;
}

/** A person's text as Python writes it, which has the escapes of JSON, for Terraform to leave alone. */
function quoted(value: string): string {
  return terraformText(JSON.stringify(value));
}

function text(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
