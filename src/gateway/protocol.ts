import { TRITON_PORTS } from '../triton/server';
import { SCORING_SERVER_PORT } from './ports';

/** What callers may ask of a model server, and where it answers inside the pod. */
export interface ServedProtocol {
  /** Paths that are let through over HTTP, as regular expressions. */
  readonly paths: readonly string[];

  /** The same for people. */
  readonly pathsInWords: string;

  /** Full names of the gRPC methods that are let through; none where the server speaks HTTP alone. */
  readonly grpcMethods: readonly string[];

  /** Those of them that take or give several messages. */
  readonly grpcStreams: readonly string[];

  /** Port of the server for HTTP, on the pod's loopback address. */
  readonly httpPort: number;

  /** Port of the server for gRPC, on the pod's loopback address. */
  readonly grpcPort?: number;

  /** Path that answers 200 while the server lives. */
  readonly livePath: string;

  /** Path that answers 200 once its models are loaded. */
  readonly readyPath: string;

  /**
   * Whether `error` is a text in the body of an error, as the server's own clients expect, and no object.
   *
   * @default false
   */
  readonly errorIsText?: boolean;

  /**
   * A server of the same pod that this one calls; callers do not reach it.
   *
   * @default - none
   */
  readonly behind?: ServerBehind;
}

/** A server that only another one of its pod calls. */
export interface ServerBehind {
  /** What it is, such as `triton`: its probes and metrics are asked for below `/triton`. */
  readonly name: string;

  /** Port for HTTP, on the pod's loopback address. */
  readonly httpPort: number;

  /** Path that answers 200 while it lives. */
  readonly livePath: string;

  /** Path that answers 200 once its models are loaded. */
  readonly readyPath: string;

  /** Port of its metrics, on the pod's loopback address. */
  readonly metricsPort: number;
}

/** Whether the server has methods for gRPC callers. */
export function speaksGrpc(protocol: ServedProtocol): boolean {
  return protocol.grpcPort !== undefined;
}

/** The Azure ML scoring server. */
export const SCORING_PROTOCOL: ServedProtocol = {
  paths: ['^/$', '^/score$', '^/swagger\\.json$'],
  pathsInWords: '/score, /swagger.json and / (health)',
  grpcMethods: [],
  grpcStreams: [],
  httpPort: SCORING_SERVER_PORT,
  livePath: '/',
  readyPath: '/',
};

const INFERENCE = '/inference.GRPCInferenceService';

/**
 * Triton, as far as callers need it: KServe v2 and generation. What changes a server stays closed: its repository, whose
 * load call runs code that comes with the request, shared memory, logging and trace settings.
 *
 * @see https://github.com/triton-inference-server/server/tree/main/docs/protocol
 */
export const TRITON_PROTOCOL: ServedProtocol = {
  paths: [
    '^/v2/health/(live|ready)$',
    '^/v2/?$',
    '^/v2/models/stats$',
    // names as models have them: no percent sign, no parent folder, nothing that Triton could read otherwise
    '^/v2/models/[A-Za-z0-9][A-Za-z0-9_.-]*(/versions/[0-9]+)?(/(infer|ready|config|stats|generate|generate_stream))?$',
  ],
  pathsInWords:
    '/v2, /v2/health/live, /v2/health/ready and, below /v2/models/NAME, infer, ready, config, stats, generate',
  grpcMethods: [
    '/grpc.health.v1.Health/Check',
    ...[
      'ServerLive',
      'ServerReady',
      'ServerMetadata',
      'ModelReady',
      'ModelMetadata',
      'ModelConfig',
      'ModelStatistics',
      'ModelInfer',
      'ModelStreamInfer',
    ].map((method) => `${INFERENCE}/${method}`),
  ],
  grpcStreams: [`${INFERENCE}/ModelStreamInfer`],
  httpPort: TRITON_PORTS.http,
  grpcPort: TRITON_PORTS.grpc,
  livePath: '/v2/health/live',
  readyPath: '/v2/health/ready',
  // https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md#inference-response-json-error-object
  errorIsText: true,
};

/** A scoring script that calls Triton, which nobody else reaches. */
export const SCRIPT_BEFORE_TRITON_PROTOCOL = {
  ...SCORING_PROTOCOL,
  behind: {
    name: 'triton',
    httpPort: TRITON_PORTS.http,
    livePath: TRITON_PROTOCOL.livePath,
    readyPath: TRITON_PROTOCOL.readyPath,
    metricsPort: TRITON_PORTS.metrics,
  },
} as const satisfies ServedProtocol;
