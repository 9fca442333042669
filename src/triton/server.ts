/**
 * The release that services run unless told otherwise.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/release-notes/
 */
export const TRITON_IMAGE = 'nvcr.io/nvidia/tritonserver:26.10-py3';

/** Triton's own ports. */
export const TRITON_PORTS = { http: 8000, grpc: 8001, metrics: 8002 } as const;

/** How long Triton waits for requests in flight before it ends; its own default. */
export const TRITON_EXIT_TIMEOUT_SECONDS = 30;

/** Where in blob storage one model repository lies. */
export interface BlobRepository {
  /** Name of the storage account. */
  readonly account: string;

  /** Name of the blob container. */
  readonly container: string;

  /** Folder that holds the folders of models. */
  readonly folder: string;
}

/**
 * The command that starts Triton.
 *
 * One repository a model, so that a server loads the models of its service and no others of the store. Models are
 * loaded once and never at a caller's word: loading a model is running code. Requests come from the gateway of the pod
 * alone; metrics are read from outside.
 */
export function tritonArguments(repositories: readonly BlobRepository[], maxRequestBodyMiB: number): string[] {
  return [
    'tritonserver',
    ...repositories.map(
      ({ account, container, folder }) => `--model-repository=as://${account}/${container}/${folder}`,
    ),
    '--model-control-mode=none',
    '--strict-readiness=true',
    '--http-address=127.0.0.1',
    `--http-port=${TRITON_PORTS.http}`,
    `--http-max-input-size=${maxRequestBodyMiB * 1024 * 1024}`,
    '--grpc-address=127.0.0.1',
    `--grpc-port=${TRITON_PORTS.grpc}`,
    '--metrics-address=0.0.0.0',
    `--metrics-port=${TRITON_PORTS.metrics}`,
    `--exit-timeout-secs=${TRITON_EXIT_TIMEOUT_SECONDS}`,
  ];
}
