import { Token } from 'cdktf';
import { broken, wholeNumber } from '../validation';

/** Which numbers an option takes. */
export interface NumberRange {
  /** The smallest. */
  readonly minimum: number;

  /** The largest. Without one the number need not be whole either. */
  readonly maximum?: number;
}

/** What is wrong with a number; nothing where it is left out, or right. */
export function rangeProblem(what: string, value: number | undefined, range: NumberRange): string | undefined {
  if (value === undefined) {
    return undefined;
  }
  if (range.maximum !== undefined || Token.isUnresolved(value)) {
    return broken([wholeNumber(what, value, range.minimum, range.maximum ?? range.minimum)])[0];
  }
  return Number.isFinite(value) && value >= range.minimum
    ? undefined
    : `${what} must be a number from ${range.minimum} up; got ${value}`;
}

/** What is wrong with the numbers of an object, by the ranges of its members. */
export function rangeProblems(values: object, ranges: { readonly [name: string]: NumberRange }): string[] {
  const given = new Map(Object.entries(values));
  return Object.entries(ranges)
    .map(([name, range]) => rangeProblem(name, given.get(name), range))
    .filter((problem) => problem !== undefined);
}
