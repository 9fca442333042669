import type { TextPosition } from '../json-error';
import { TextFormatError, type TextToken, textTokens } from './text-tokens';

export { TextFormatError } from './text-tokens';

/** A value that is no message, with the place where it starts. */
export interface TextScalar extends TextPosition {
  /** Text in quotation marks, a number without or with a fraction, or a word such as `true` and `KIND_GPU`. */
  readonly kind: 'text' | 'integer' | 'float' | 'word';

  /** What a text holds; a word as it is written; an integer in decimal digits, all of them; a float as JavaScript has it. */
  readonly value: string;
}

/** Fields in their order, with the place where the message starts. */
export interface TextMessage extends TextPosition {
  readonly kind: 'message';

  /** One each time that a field is named; a list of values is one field. */
  readonly fields: readonly TextField[];
}

/** A value in protobuf's text format. */
export type TextValue = TextScalar | TextMessage;

/** One field of a message, with the place of its name. */
export interface TextField extends TextPosition {
  /** Name of the field, such as `instance_group`. */
  readonly name: string;

  /** Whether the values stand in a list, `[ … ]`. */
  readonly isList: boolean;

  /** Its values; exactly one where they are no list. */
  readonly values: readonly TextValue[];
}

/** All values of a message's field, in order, however often it is named. */
export function textValues(message: TextMessage, name: string): TextValue[] {
  return message.fields.filter((field) => field.name === name).flatMap((field) => field.values);
}

/**
 * Reads a message in protobuf's text format, the format of Triton's `config.pbtxt`.
 *
 * @throws TextFormatError with line and column
 * @see https://protobuf.dev/reference/protobuf/textformat-spec/
 */
export function parseTextFormat(text: string): TextMessage {
  return new Reader(textTokens(text)).whole();
}

class Reader {
  private at = 0;

  constructor(private readonly tokens: readonly TextToken[]) {}

  public whole(): TextMessage {
    return { kind: 'message', fields: this.fields(undefined), line: 1, column: 1 };
  }

  /** Reads fields up to the closing sign, or to the end of the text where there is none. */
  private fields(closing: string | undefined): TextField[] {
    const fields: TextField[] = [];
    while (closing === undefined ? this.peek() !== undefined : !this.skip(closing)) {
      fields.push(this.field());
      if (!this.skip(',')) {
        this.skip(';');
      }
    }
    return fields;
  }

  private field(): TextField {
    const { kind, value: name, line, column } = this.next();
    if (name === '[' && kind === 'sign') {
      throw new TextFormatError(
        "expected the name of a field, got '['; names in brackets, of extensions and of Any, are none that Triton has",
        line,
        column,
      );
    }
    if (kind !== 'word') {
      throw new TextFormatError(`expected the name of a field, got '${name}'`, line, column);
    }
    const colon = this.skip(':');
    const isList = this.skip('[');
    const values = isList ? this.list() : [this.value(colon ? undefined : name)];
    const bare = colon ? undefined : values.find((value) => value.kind !== 'message');
    if (bare !== undefined) {
      throw new TextFormatError(`expected ':' after '${name}'; only a message, { … }, may go without`, line, column);
    }
    return { name, isList, values, line, column };
  }

  /** Reads the rest of a list that has been opened. */
  private list(): TextValue[] {
    const values: TextValue[] = [];
    if (this.skip(']')) {
      return values;
    }
    for (;;) {
      const last = this.peek();
      if (last?.kind === 'sign' && last.value === ']') {
        throw new TextFormatError("a list has no ',' after its last value", last.line, last.column);
      }
      values.push(this.value());
      if (this.skip(']')) {
        return values;
      }
      if (!this.skip(',')) {
        const { value, line, column } = this.next();
        throw new TextFormatError(`expected ',' or ']', got '${value}'`, line, column);
      }
    }
  }

  /** @param withoutColon name of the field that is to have a message, since no colon follows it */
  private value(withoutColon?: string): TextValue {
    const { kind, value, line, column } = this.next();
    if (kind === 'sign' && (value === '{' || value === '<')) {
      return { kind: 'message', fields: this.fields(value === '{' ? '}' : '>'), line, column };
    }
    if (withoutColon !== undefined) {
      throw new TextFormatError(`expected ':' after '${withoutColon}', got '${value}'`, line, column);
    }
    switch (kind) {
      case 'text':
        return { kind, value: this.adjacent(value), line, column };
      case 'word':
        return { kind, value, line, column };
      case 'sign':
        return value === '-' ? this.negative({ line, column }) : refuseValue({ kind, value, line, column });
      default:
        return { ...number(kind, value, false), line, column };
    }
  }

  /** Strings one after the other are one string. */
  private adjacent(first: string): string {
    let text = first;
    while (this.peek()?.kind === 'text') {
      text += this.next().value;
    }
    return text;
  }

  private negative(sign: TextPosition): TextScalar {
    const token = this.next();
    if (token.kind === 'word' && /^(inf|infinity|nan)$/i.test(token.value)) {
      return { kind: 'float', value: /^n/i.test(token.value) ? 'NaN' : '-Infinity', ...position(sign) };
    }
    return token.kind === 'integer' || token.kind === 'float'
      ? { ...number(token.kind, token.value, true), ...position(sign) }
      : refuseValue(token);
  }

  private peek(): TextToken | undefined {
    return this.tokens[this.at];
  }

  private next(): TextToken {
    const token = this.tokens[this.at++];
    if (token === undefined) {
      const last = this.tokens.at(-1);
      throw new TextFormatError('the text ends in the middle of a field', last?.line ?? 1, last?.column ?? 1);
    }
    return token;
  }

  /** Takes the sign when it is next. */
  private skip(sign: string): boolean {
    const token = this.peek();
    const found = token?.kind === 'sign' && token.value === sign;
    this.at += found ? 1 : 0;
    return found;
  }
}

function position({ line, column }: TextPosition): TextPosition {
  return { line, column };
}

function number(kind: 'integer' | 'float', digits: string, negative: boolean): Pick<TextScalar, 'kind' | 'value'> {
  if (kind === 'float') {
    const value = negative ? -Number(digits) : Number(digits);
    return { kind, value: Object.is(value, -0) ? '-0' : String(value) };
  }
  // what starts with a zero is octal
  const value = BigInt(digits.replace(/^0(?=[0-7])/, '0o'));
  return { kind, value: String(negative ? -value : value) };
}

function refuseValue({ value, line, column }: TextToken): never {
  throw new TextFormatError(`expected a value, got '${value}'`, line, column);
}
