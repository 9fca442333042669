import { Token } from 'cdktf';
import { ValidationError } from '../errors';
import { shownNumber } from '../validation';

/** What can be compared with a number. */
interface Comparable {
  readonly title: string;
  readonly expression: string;
}

/** The expression that holds while a figure is above a number. */
export function above(metric: Comparable, value: number): string {
  return comparison(metric, '>', value);
}

/** The expression that holds while a figure is below a number. */
export function below(metric: Comparable, value: number): string {
  return comparison(metric, '<', value);
}

function comparison({ title, expression }: Comparable, operator: string, value: number): string {
  if (Token.isUnresolved(value) || !Number.isFinite(value)) {
    const message = `'${title}' is compared with a number that is known while synthesizing; got ${shownNumber(value)}`;
    throw new ValidationError([{ path: '', message }]);
  }
  // `or` and `unless` would otherwise hold the comparison for their right side alone
  return `(${expression}) ${operator} ${value}`;
}
