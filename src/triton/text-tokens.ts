import type { TextPosition } from '../json-error';

/** Why a text is not in protobuf's text format. */
export class TextFormatError extends Error {
  constructor(
    message: string,
    /** Line of the text, from 1. */
    public readonly line: number,
    /** Column of the line, from 1. */
    public readonly column: number,
  ) {
    super(message);
    this.name = 'TextFormatError';
  }
}

/** One word, number, string or sign of a text in protobuf's text format. */
export interface TextToken extends TextPosition {
  /** What it is. */
  readonly kind: 'word' | 'text' | 'integer' | 'float' | 'sign';

  /** What a string holds; anything else as it is written. */
  readonly value: string;
}

/**
 * Everything that may stand between two places of a text. A number ends before what could not follow it, so that `1a` is
 * no number and then a word.
 */
const TOKEN =
  /(?<skip>[ \t\n\r\v\f]+|#[^\n]*)|(?<text>"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*')|(?<float>(?:(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+)[fF]?|\d+[fF])(?![\w.])|(?<integer>0[xX][\da-fA-F]+|0[0-7]*|[1-9]\d*)(?![\w.])|(?<word>[A-Za-z_]\w*)|(?<sign>[-{}[\]<>:,;/.])/y;

const LETTERS: { readonly [letter: string]: number } = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  '"': 34,
  "'": 39,
  '?': 63,
  '\\': 92,
};

/** One escape, or a run of what is none. */
const PART =
  /\\(?:(?<octal>[0-7]{1,3})|x(?<hex>[\da-fA-F]{1,2})|u(?<short>[\da-fA-F]{4})|U(?<long>[\da-fA-F]{8})|(?<letter>[abtnvfr"'?\\]))|[^\\]+/y;

/**
 * The tokens of a text, without spaces and comments.
 *
 * @throws TextFormatError for what is no token
 */
export function textTokens(text: string): TextToken[] {
  const tokens: TextToken[] = [];
  let line = 1;
  let lineStart = 0;
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    const position = { line, column: at - lineStart + 1 };
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined) {
      throw new TextFormatError(unreadable(text, at), position.line, position.column);
    }
    const { skip, text: quoted, float, integer, word, sign } = groups;
    if (skip !== undefined) {
      const lines = skip.split('\n');
      line += lines.length - 1;
      lineStart = lines.length > 1 ? at + skip.lastIndexOf('\n') + 1 : lineStart;
    } else if (quoted !== undefined) {
      tokens.push({ kind: 'text', value: unquoted(quoted, position), ...position });
    } else if (float !== undefined) {
      tokens.push({ kind: 'float', value: float.replace(/[fF]$/, ''), ...position });
    } else if (integer !== undefined) {
      tokens.push({ kind: 'integer', value: integer, ...position });
    } else {
      tokens.push({ kind: word === undefined ? 'sign' : 'word', value: word ?? sign ?? '', ...position });
    }
  }
  return tokens;
}

/** What is wrong at a place where no token starts. */
function unreadable(text: string, at: number): string {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  if (character === '"' || character === "'") {
    return `a string ends on the line it starts on; the one that starts here has no closing ${character}`;
  }
  if (character === '\uFEFF') {
    return 'the text begins with a byte order mark, which Triton does not read; save it as UTF-8 without one';
  }
  const [number] = /^[\d.]+\w*/.exec(text.slice(at)) ?? [];
  return number === undefined ? `unexpected ${JSON.stringify(character)}` : `'${number}' is no number`;
}

/** What a string in quotation marks holds; its escapes may be bytes, which together must be UTF-8. */
function unquoted(quoted: string, position: TextPosition): string {
  const inner = quoted.slice(1, -1);
  const bytes: Buffer[] = [];
  const refuse = (message: string): never => {
    throw new TextFormatError(message, position.line, position.column);
  };
  for (let at = 0; at < inner.length; at = PART.lastIndex) {
    PART.lastIndex = at;
    const match = PART.exec(inner);
    if (match === null) {
      return refuse(`a string has the escape '${inner.slice(at, at + 2)}', which does not exist`);
    }
    const { octal, hex, short, long, letter } = match.groups ?? {};
    const byte = octal ? Number.parseInt(octal, 8) : hex ? Number.parseInt(hex, 16) : LETTERS[letter ?? ''];
    if (byte !== undefined) {
      bytes.push(byte < 256 ? Buffer.of(byte) : refuse(`a string has the escape '${match[0]}', which is above a byte`));
    } else if (short !== undefined || long !== undefined) {
      const [spelling, code] = codePoint(inner, at, match[0]);
      PART.lastIndex = at + spelling.length;
      bytes.push(
        code === undefined
          ? refuse(`a string has the escape '${spelling}', which is no character of Unicode`)
          : Buffer.from(String.fromCodePoint(code)),
      );
    } else {
      bytes.push(Buffer.from(match[0]));
    }
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(bytes));
  } catch {
    return refuse('a string holds bytes that are no UTF-8');
  }
}

/** The character that an escape names; two halves of a pair, one after the other, name one character. */
function codePoint(text: string, at: number, spelling: string): [spelling: string, code: number | undefined] {
  const code = Number.parseInt(spelling.slice(2), 16);
  if (code < 0xd800 || code > 0xdfff) {
    return [spelling, code > 0x10ffff ? undefined : code];
  }
  const [low] = /^\\u[dD][c-fC-F][\da-fA-F]{2}/.exec(text.slice(at + spelling.length)) ?? [];
  return low === undefined || code > 0xdbff
    ? [spelling, undefined]
    : [spelling + low, 0x10000 + (code - 0xd800) * 0x400 + (Number.parseInt(low.slice(2), 16) - 0xdc00)];
}
