import type { TextPosition } from '../json-error';
import { type TextMessage, textValues } from './text-format';

/** Something about a model's configuration, found by a rule. */
export interface ConfigFinding {
  /** Names and numbers that lead to the field, as the file has them, such as `['input', 0, 'dims']`. */
  readonly path: readonly (string | number)[];

  /** What was given, what is allowed and what to do: lower case, no final period. */
  readonly message: string;

  /**
   * Whether Triton loads the model all the same.
   *
   * @default false
   */
  readonly isDoubt?: boolean;
}

/** Where a field is in the text; where it is not there, the nearest that it would be in. */
export function placeOf(message: TextMessage, path: readonly (string | number)[]): TextPosition {
  const [name, next, ...rest] = path;
  if (typeof name !== 'string') {
    return message;
  }
  const field = message.fields.find((candidate) => candidate.name === name);
  if (field === undefined) {
    return message;
  }
  const hasIndex = typeof next === 'number';
  const value = textValues(message, name)[hasIndex ? next : 0];
  const inside = hasIndex ? rest : path.slice(1);
  if (value?.kind === 'message') {
    return inside.length > 0 || hasIndex ? placeOf(value, inside) : field;
  }
  return value ?? field;
}
