import type { ScoringOptions } from '../scoring/scoring-options';
import { readProfile } from './profile-report';

/** The options that a profile knows. */
type ProfiledOptions = Pick<
  ScoringOptions,
  'cpuCores' | 'memoryGb' | 'replicaMaxConcurrentRequests' | 'problems' | 'warnings'
>;

/**
 * The options of a service that a profile recommends.
 *
 * Nothing is thrown: what is wrong with the file is in the result, as `problems` that a service of these options is refused
 * for. Where nothing is wrong there are no `problems`, lest they take the place of those of another file.
 *
 * @param path absolute, or relative to the folder of `cdktf.json`
 */
export function readProfiledOptions(path: string): ProfiledOptions {
  const { report, problem } = readProfile(path);
  if (report === undefined) {
    return { problems: problem === undefined ? [] : [problem] };
  }
  const { recommendedCpu, recommendedMemoryInGB, usageError, best } = report;
  const isMeasured = recommendedCpu !== undefined && recommendedMemoryInGB !== undefined;
  return {
    ...(recommendedCpu === undefined ? {} : { cpuCores: recommendedCpu }),
    ...(recommendedMemoryInGB === undefined ? {} : { memoryGb: recommendedMemoryInGB }),
    replicaMaxConcurrentRequests: best.concurrency,
    ...(isMeasured
      ? {}
      : {
          warnings: [
            `${path} does not say how much CPU and memory a replica needs` +
              `${usageError === undefined ? '' : `: ${usageError}`}; cpuCores and memoryGb are what they are without it`,
          ],
        }),
  };
}
