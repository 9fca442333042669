import { SCORING_SERVER_PORT } from '../../src/gateway/ports';
import { perfAnalyzerImage, profiledModel, tritonCallProblems } from '../../src/profile/triton-profile';
import { readWarmupRequest } from '../../src/scoring/warmup-request';
import type { TritonModel } from '../../src/triton/model-repository-folders';
import { TRITON_PORTS } from '../../src/triton/server';
import type { TritonProfileOptions } from '../service-profile';
import type { ProfileTarget } from './profile-job';

/** Folder of program, settings and request. */
export const PROFILE_PROGRAM_FOLDER = '/etc/inference-profile';

/** File of the request there. */
const PROFILE_REQUEST = `${PROFILE_PROGRAM_FOLDER}/request`;

/**
 * A scoring script that is called over HTTP, by a load generator that runs in its own image.
 *
 * @param warmupRequest the file of the request that the script is warmed with, where there is one
 * @param triton options that are for Triton alone
 */
export function scoringTarget(
  image: string,
  requestFile: string | undefined,
  warmupRequest: string | undefined,
  { model, batch, perfAnalyzerImage: analyzer }: TritonProfileOptions = {},
): ProfileTarget {
  const path = requestFile ?? warmupRequest;
  const read = requestFile === undefined ? undefined : readWarmupRequest(requestFile, 'requestFile');
  // the service itself is refused for its own
  const { request } = read ?? (warmupRequest === undefined ? {} : readWarmupRequest(warmupRequest));
  const options = Object.entries({ model, batch, perfAnalyzerImage: analyzer });
  const others = options.flatMap(([name, value]) => (value === undefined ? [] : [name]));
  return {
    image,
    request,
    http: {
      url: `http://127.0.0.1:${SCORING_SERVER_PORT}/score`,
      contentType: request?.contentType ?? 'application/json',
      file: PROFILE_REQUEST,
    },
    batch: 1,
    problems: [
      read?.problem,
      path === undefined
        ? 'a profile sends a script a request of yours; give addProfile a requestFile, or the script a warmupRequest'
        : undefined,
      others.length === 0
        ? undefined
        : `${others.join(', ')} must not be given with a scoring script before Triton, which is called in its place`,
    ],
  };
}

/** A model of Triton that perf_analyzer calls over gRPC. */
export function tritonTarget(
  serverImage: string,
  loaded: readonly TritonModel[],
  { requestFile, model, batch = 1, perfAnalyzerImage: image }: TritonProfileOptions,
): ProfileTarget {
  const { request, problem } = requestFile === undefined ? {} : readWarmupRequest(requestFile, 'requestFile');
  const call = { loaded, model, batch, request };
  return {
    image: image ?? perfAnalyzerImage(serverImage),
    request,
    triton: {
      command: 'perf_analyzer',
      model: profiledModel(call)?.name ?? '',
      grpc: `127.0.0.1:${TRITON_PORTS.grpc}`,
      http: `http://127.0.0.1:${TRITON_PORTS.http}`,
      file: request && PROFILE_REQUEST,
    },
    batch,
    // a file that cannot be read says nothing about the model
    problems: problem === undefined ? tritonCallProblems(call) : [problem],
  };
}
