/** A value in protobuf's text format: text, number, word (`true`, `KIND_GPU`) or a message. */
export type TextValue = string | number | TextMessage;

/** The fields of a message in order; a repeated field has several values. */
export type TextMessage = ReadonlyMap<string, readonly TextValue[]>;

/** Why a text is not in protobuf's text format. */
export class TextFormatError extends Error {
  constructor(
    message: string,
    /** Line of the text, from 1. */
    public readonly line: number,
  ) {
    super(message);
    this.name = 'TextFormatError';
  }
}

interface Piece {
  readonly kind: 'word' | 'text' | 'number' | 'sign';
  readonly value: string;
  readonly line: number;
}

const PIECE =
  /(?<skip>[\s]+|#[^\n]*)|(?<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<number>[-+]?(?:0x[0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?f?))|(?<word>-?[A-Za-z_][\w.]*)|(?<sign>[{}[\]<>:,;])/y;

const ESCAPES: { readonly [letter: string]: string } = { n: '\n', r: '\r', t: '\t' };

/**
 * Reads a message in protobuf's text format, the format of Triton's `config.pbtxt`.
 *
 * @throws TextFormatError with the line
 * @see https://protobuf.dev/reference/protobuf/textformat-spec/
 */
export function parseTextFormat(text: string): TextMessage {
  const reader = new Reader(split(text));
  return reader.message(undefined);
}

function split(text: string): Piece[] {
  const pieces: Piece[] = [];
  let line = 1;
  for (let at = 0; at < text.length; at = PIECE.lastIndex) {
    PIECE.lastIndex = at;
    const groups = PIECE.exec(text)?.groups;
    if (groups === undefined) {
      throw new TextFormatError(`unexpected ${JSON.stringify(text[at])}`, line);
    }
    const { skip, text: quoted, number, word, sign } = groups;
    if (skip !== undefined) {
      line += skip.split('\n').length - 1;
    } else if (quoted !== undefined) {
      const value = quoted.slice(1, -1).replaceAll(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter);
      pieces.push({ kind: 'text', value, line });
    } else if (number !== undefined) {
      pieces.push({ kind: 'number', value: number, line });
    } else if (word !== undefined) {
      pieces.push({ kind: 'word', value: word, line });
    } else if (sign !== undefined) {
      pieces.push({ kind: 'sign', value: sign, line });
    }
  }
  return pieces;
}

class Reader {
  private at = 0;

  constructor(private readonly pieces: readonly Piece[]) {}

  /** Reads fields up to the closing sign, or to the end of the text where there is none. */
  public message(closing: string | undefined): TextMessage {
    const fields = new Map<string, TextValue[]>();
    while (!this.skip(closing)) {
      const name = this.next();
      if (name.kind !== 'word') {
        throw new TextFormatError(`expected the name of a field, got '${name.value}'`, name.line);
      }
      const colon = this.skip(':');
      const opening = this.peek()?.value;
      if (!colon && opening !== '{' && opening !== '<' && opening !== '[') {
        throw new TextFormatError(`expected ':' after '${name.value}'`, name.line);
      }
      const values = this.skip('[') ? this.list() : [this.value()];
      fields.set(name.value, [...(fields.get(name.value) ?? []), ...values]);
      this.skip(',');
      this.skip(';');
    }
    return fields;
  }

  private list(): TextValue[] {
    const values: TextValue[] = [];
    while (!this.skip(']')) {
      values.push(this.value());
      if (!this.skip(',') && this.peek()?.value !== ']') {
        const { value, line } = this.next();
        throw new TextFormatError(`expected ',' or ']', got '${value}'`, line);
      }
    }
    return values;
  }

  private value(): TextValue {
    const piece = this.next();
    if (piece.kind === 'sign') {
      if (piece.value === '{' || piece.value === '<') {
        return this.message(piece.value === '{' ? '}' : '>');
      }
      throw new TextFormatError(`expected a value, got '${piece.value}'`, piece.line);
    }
    if (piece.kind === 'number') {
      return Number(piece.value.replace(/(?<!x.*)f$/, ''));
    }
    let text = piece.value;
    while (piece.kind === 'text' && this.peek()?.kind === 'text') {
      text += this.next().value;
    }
    return text;
  }

  private peek(): Piece | undefined {
    return this.pieces[this.at];
  }

  private next(): Piece {
    const piece = this.pieces[this.at++];
    if (piece === undefined) {
      throw new TextFormatError('the text ends in the middle of a field', this.pieces.at(-1)?.line ?? 1);
    }
    return piece;
  }

  /** Takes the sign when it is next; without a sign, tells whether the text is at its end. */
  private skip(sign: string | undefined): boolean {
    const piece = this.peek();
    if (sign === undefined) {
      return piece === undefined;
    }
    if (piece?.kind === 'sign' && piece.value === sign) {
      this.at++;
      return true;
    }
    return false;
  }
}
