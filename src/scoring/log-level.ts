/**
 * How much a scoring server and its script write to their log: messages of this level and of those after it.
 *
 * The levels are those of Python's `logging`.
 *
 * @see https://docs.python.org/3/library/logging.html#logging-levels
 */
export enum LogLevel {
  /** Everything, each step included. */
  DEBUG = 'DEBUG',

  /** What happens as it should, each call included. */
  INFO = 'INFO',

  /** What is doubtful, though the server works. */
  WARNING = 'WARNING',

  /** What failed. */
  ERROR = 'ERROR',

  /** What the server cannot go on after. */
  CRITICAL = 'CRITICAL',
}
