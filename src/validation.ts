import { Token } from 'cdktf';
import type { IConstruct } from 'constructs';

/** One rule about the input of a construct: the message is given when `broken` is true. */
export interface Rule {
  /** Whether the input breaks the rule. */
  readonly broken: boolean;

  /** What was given, what is allowed and what to do. */
  readonly message: string;
}

/**
 * Keeps what is wrong with the input of a construct until synthesis, where all of it is reported at once.
 *
 * Constructors do not throw for a wrong value: the first mistake would hide the others.
 */
export function refuse(scope: IConstruct, problems: readonly (string | undefined)[]): void {
  const messages = problems.filter((problem): problem is string => problem !== undefined);
  if (messages.length > 0) {
    scope.node.addValidation({ validate: () => messages });
  }
}

/** Like `refuse`, for what is known only when the program is complete. */
export function refuseAtSynth(scope: IConstruct, problems: () => readonly string[]): void {
  scope.node.addValidation({ validate: () => [...problems()] });
}

/** The messages of the rules that are broken. */
export function broken(rules: readonly Rule[]): string[] {
  return rules.filter((rule) => rule.broken).map((rule) => rule.message);
}

/** A number as a message shows it. A token of one is another number, which nobody gave. */
export function shownNumber(value: number): string {
  return Token.isUnresolved(value) ? 'a token' : String(value);
}

/** A rule that a number is whole and lies between two limits, both included. */
export function wholeNumber(what: string, value: number, minimum: number, maximum: number): Rule {
  if (Token.isUnresolved(value)) {
    return { broken: true, message: `${what} must be a number that is known while synthesizing; got a token` };
  }
  return {
    broken: !Number.isInteger(value) || value < minimum || value > maximum,
    message: `${what} must be a whole number from ${minimum} to ${maximum}; got ${value}`,
  };
}
