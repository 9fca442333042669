/** One thing that is wrong with a program, and the construct that it is about. */
export interface Problem {
  /** Path of the construct in the tree, such as `prod-cluster/cluster/a100`. */
  readonly path: string;

  /** What was given, what is allowed and what to do: lower case, no final period. */
  readonly message: string;
}

/**
 * Everything that is wrong with a program, in one error.
 *
 * Thrown at synthesis, before a stack of this library is written, so that one run names every mistake.
 */
export class ValidationError extends Error {
  /** What is wrong, in the order of the construct tree. */
  public readonly problems: readonly Problem[];

  /** @param problems at least one */
  constructor(problems: readonly Problem[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super(`${count} in this program:\n${problems.map(render).join('\n')}`);
    this.name = 'ValidationError';
    this.problems = [...problems];
    // the mistakes are in the program, not where synthesis noticed them, and the message says everything else
    this.stack = `${this.name}: ${this.message}`;
    Object.defineProperty(this, 'problems', { enumerable: false });
  }
}

function render(problem: Problem): string {
  return `  - ${problem.path || 'the app'}: ${problem.message.replaceAll('\n', '\n      ')}`;
}
