/**
 * The release since which Triton knows a flag that not all of them know.
 *
 * The change that brought `--http-max-input-size` was still in review when 25.05 came out; 25.06 or 25.07 may have it, and
 * 25.08 does. Every other flag of this library is known to 24.10.
 *
 * @see https://github.com/triton-inference-server/server/pull/8061
 * @see https://github.com/triton-inference-server/server/pull/8174
 */
const FLAGS_SINCE = { 'grpc-infer-thread-count': '25.04', 'http-max-input-size': '25.08' } as const;

/** The first release that may refuse a body for its size. */
const LIMITED_SINCE = '25.06';

/** Size of a body that every release takes by HTTP: the default of `--http-max-input-size`. */
const DEFAULT_BODY_MIB = 64;

/** Whether Triton knows a flag; an image of unknown release must. */
export function knowsFlag(flag: keyof typeof FLAGS_SINCE, release: string | undefined): boolean {
  return release === undefined || release >= FLAGS_SINCE[flag];
}

/** Why a release cannot be started as it is told. */
export function flagProblems(
  { grpcInferThreadCount }: { readonly grpcInferThreadCount?: number },
  release: string | undefined,
): string[] {
  return grpcInferThreadCount === undefined || knowsFlag('grpc-infer-thread-count', release)
    ? []
    : [
        `grpcInferThreadCount is known to Triton ${FLAGS_SINCE['grpc-infer-thread-count']} and later; got ` +
          `${grpcInferThreadCount} for ${release}; leave it out, or give a later image`,
      ];
}

/** What a release may do otherwise than it is told. */
export function flagWarnings(
  { maxRequestBodyMiB }: { readonly maxRequestBodyMiB?: number },
  release: string | undefined,
): string[] {
  const isUnsure = release !== undefined && release >= LIMITED_SINCE && !knowsFlag('http-max-input-size', release);
  return isUnsure && maxRequestBodyMiB !== undefined && maxRequestBodyMiB > DEFAULT_BODY_MIB
    ? [
        `Triton ${release} may refuse HTTP calls of more than ${DEFAULT_BODY_MIB} MiB, and whether it can be told otherwise ` +
          `is not known; got maxRequestBodyMiB ${maxRequestBodyMiB}; try it first, or give ` +
          `${FLAGS_SINCE['http-max-input-size']} or later`,
      ]
    : [];
}
