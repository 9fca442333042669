import { isJsonObject, type JsonObject, readJsonFile } from '../scoring/json-file';
import { PROFILE_KIND, PROFILE_SCHEMA_VERSION } from './profile-format';

/** What a profile found, as far as programs use it. */
export interface ProfileReport {
  /** Size of the node; nothing for a profile of a machine of the user's. */
  readonly vmSize?: string;

  /** GPUs that the server had. */
  readonly gpus?: number;

  /** CPU that one replica should be promised, in cores; nothing where it could not be measured. */
  readonly recommendedCpu?: number;

  /** Main memory that one replica should be promised, in GiB; nothing where it could not be measured. */
  readonly recommendedMemoryInGB?: number;

  /** Why CPU and memory could not be measured. */
  readonly usageError?: string;

  /** The calls at once that a replica should take, and the seconds that it works on each then. */
  readonly best: { readonly concurrency: number; readonly secondsPerRequest: number };
}

/** The report in a file, or why there is none. */
export interface ProfileFile {
  /** What was found; nothing where something is wrong. */
  readonly report?: ProfileReport;

  /** What is wrong with the file. */
  readonly problem?: string;
}

/** Where files of profiles come from. */
const SOURCE =
  "give a file that the command line wrote ('azure-inference profile'), or the one that commands.profile of a service's " +
  'output fetches';

/**
 * Reads the report of a profile. One that cannot be used is a problem in the result, not an exception.
 *
 * @param path absolute, or relative to the folder of `cdktf.json`
 */
export function readProfile(path: string): ProfileFile {
  const { content, problem } = readJsonFile('profile', path);
  if (content === undefined) {
    return { problem };
  }
  if (content.kind !== PROFILE_KIND) {
    return { problem: `${path} is no profile of a model server; ${SOURCE}` };
  }
  if (content.schemaVersion !== PROFILE_SCHEMA_VERSION) {
    return {
      problem:
        `${path} must be a profile of schemaVersion ${PROFILE_SCHEMA_VERSION}; got ${content.schemaVersion}; profile again ` +
        'with this version of the library',
    };
  }
  if (content.state !== 'Succeeded') {
    const error = typeof content.error === 'string' ? content.error : 'it does not say why';
    return { problem: `${path} is a profile without a result (${error}); mend that and profile again` };
  }
  const report = reportOf(content);
  return report === undefined
    ? { problem: `${path} is a profile whose 'best' level cannot be read; it was changed by hand, so ${SOURCE}` }
    : { report };
}

function reportOf(content: JsonObject): ProfileReport | undefined {
  const best = isJsonObject(content.best) ? content.best : {};
  const concurrency = above(0, best.concurrency);
  const secondsPerRequest = above(0, best.secondsPerRequest);
  if (concurrency === undefined || !Number.isInteger(concurrency) || secondsPerRequest === undefined) {
    return undefined;
  }
  return {
    vmSize: text(content.vmSize),
    gpus: above(-1, content.gpus),
    recommendedCpu: above(0, content.recommendedCpu),
    recommendedMemoryInGB: above(0, content.recommendedMemoryInGB),
    usageError: text(content.usageError),
    best: { concurrency, secondsPerRequest },
  };
}

function above(least: number, value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > least ? value : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
