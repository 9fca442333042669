import { broken, wholeNumber } from '../validation';

/** The load that a profile sends. */
export interface ProfileLoad {
  /** Calls at once, level by level. */
  readonly concurrency: readonly number[];

  /** How long each level is measured. */
  readonly durationSeconds: number;
}

/** How long a level is measured unless told otherwise. */
export const DEFAULT_DURATION_SECONDS = 30;

/** The most levels: more say nothing new, and take a GPU for long. */
const MOST_LEVELS = 20;

/** The most calls at once; the load generator has a thread for each. */
export const MOST_CALLS = 1000;

/** What is wrong with a load. */
export function loadProblems({ concurrency, durationSeconds }: ProfileLoad): string[] {
  const twice = concurrency.filter((level, index) => concurrency.indexOf(level) !== index);
  return broken([
    {
      broken: concurrency.length === 0 || concurrency.length > MOST_LEVELS,
      message: `concurrency has 1 to ${MOST_LEVELS} levels; got ${concurrency.length}`,
    },
    ...concurrency.map((level) => wholeNumber('each level of concurrency', level, 1, MOST_CALLS)),
    {
      broken: twice.length > 0,
      message: `concurrency names each level once; got ${[...new Set(twice)].join(', ')} more than once`,
    },
    wholeNumber('durationSeconds', durationSeconds, 1, 3600),
  ]);
}

/** One call at once, two, four and so on, until there are twice as many as a replica takes. */
export function levelsFor(replicaMaxConcurrentRequests: number): number[] {
  const most = Math.min(MOST_CALLS, 2 * Math.max(1, replicaMaxConcurrentRequests));
  const levels = [];
  for (let level = 1; level <= most; level *= 2) {
    levels.push(level);
  }
  return levels;
}

/** How long a server is called before a level counts. */
export function warmUpSeconds(durationSeconds: number): number {
  return Math.min(5, durationSeconds / 5);
}
