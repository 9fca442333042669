import { isJsonObject } from '../scoring/json-file';
import type { WarmupRequest } from '../scoring/warmup-request';
import { parseTritonImage } from '../triton/image-rules';
import { configOf } from '../triton/model-repository-config';
import type { TritonModel } from '../triton/model-repository-folders';
import { TRITON_IMAGE, tritonImage } from '../triton/server';

/** A call of Triton that is to be measured. */
export interface TritonCall {
  /** Models that callers may ask for. */
  readonly loaded: readonly TritonModel[];

  /** The model that is called, where it is named. */
  readonly model?: string;

  /** Items in each call. */
  readonly batch: number;

  /** The request, where there is one. */
  readonly request?: WarmupRequest;
}

/** The model that is called: the one that is named, else the only one that is no part of an ensemble. */
export function profiledModel({ loaded, model }: TritonCall): TritonModel | undefined {
  if (model !== undefined) {
    return loaded.find(({ name }) => name === model);
  }
  const whole = wholeModels(loaded);
  return whole.length === 1 ? whole[0] : undefined;
}

/** What is wrong with a call. */
export function tritonCallProblems(call: TritonCall): string[] {
  const { loaded, model, batch, request } = call;
  const found = profiledModel(call);
  if (found === undefined) {
    const names = loaded.map(({ name }) => `'${name}'`).join(', ');
    return loaded.length === 0
      ? [] // the service is refused for it
      : [
          model === undefined
            ? `the service has several models, and a profile is of one; name it as model: ${names}`
            : `model names one that the service loads: ${names}; got '${model}'`,
        ];
  }
  const config = configOf(found.content)?.config;
  const most = Math.max(1, config?.maxBatchSize ?? batch);
  const isOpen = config?.inputs.some(({ dims }) => dims.some((size) => size < 0)) ?? false;
  return [
    ...(Number.isInteger(batch) && batch >= 1 && batch <= most
      ? []
      : [
          `batch must be a whole number from 1 to ${most}, the max_batch_size of the model '${found.name}'; got ${batch}`,
        ]),
    ...(request === undefined && isOpen
      ? [
          `the model '${found.name}' has inputs of any size (-1), for which nothing can be made up; give requestFile, a ` +
            'request of yours',
        ]
      : []),
    ...(request === undefined || isTritonRequest(request)
      ? []
      : [
          "requestFile must hold JSON with 'inputs', as a call of Triton has them, or with 'data', as perf_analyzer reads it, " +
            "under a name that ends with '.json'",
        ]),
  ];
}

/**
 * NVIDIA's image with perf_analyzer of the release of a server, else of the newest.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/perf_analyzer/docs/install.html
 */
export function perfAnalyzerImage(serverImage: string): string {
  const tag = parseTritonImage(serverImage)?.tag;
  return tag === undefined ? `${TRITON_IMAGE}-sdk` : tritonImage(`${tag}-py3-sdk`);
}

function wholeModels(loaded: readonly TritonModel[]): TritonModel[] {
  const parts = new Set(
    loaded.flatMap(({ content }) =>
      (configOf(content)?.config?.ensembleScheduling?.steps ?? []).map(({ modelName }) => modelName),
    ),
  );
  return loaded.filter(({ name }) => !parts.has(name));
}

function isTritonRequest({ content, contentType }: WarmupRequest): boolean {
  // what is named so has been read as JSON already
  const body: unknown = contentType === 'application/json' ? JSON.parse(content.toString('utf8')) : undefined;
  return isJsonObject(body) && (Array.isArray(body.inputs) || Array.isArray(body.data));
}
