/** One string, number or word of JSON. */
const SCALAR =
  /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const SPACE = /[ \t\n\r]*/y;

/** What may come next. */
type Expected = 'value' | 'first value' | 'name' | 'first name' | 'colon' | 'rest';

/** A place in a text, as editors count. */
export interface TextPosition {
  /** Line, from 1 up. */
  readonly line: number;

  /** Column, from 1 up. */
  readonly column: number;
}

/**
 * Where a text stops being JSON; nothing where it does not.
 *
 * Node's own message has no position before Node 22, and quotes the text, which may hold a key.
 */
export function jsonErrorPosition(text: string): TextPosition | undefined {
  const at = firstError(text);
  if (at === undefined) {
    return undefined;
  }
  const before = text.slice(0, at).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

function firstError(text: string): number | undefined {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let at = skip(SPACE, text, 0);
  while (at < text.length) {
    const character = text[at] ?? '';
    const wantsValue: boolean = expected === 'value' || expected === 'first value';
    const wantsName: boolean = expected === 'name' || expected === 'first name';
    const scalar = wantsValue || (wantsName && character === '"') ? skip(SCALAR, text, at) : at;
    if (scalar > at) {
      expected = wantsName ? 'colon' : 'rest';
      at = scalar;
    } else if (wantsValue && (character === '{' || character === '[')) {
      open.push(character);
      expected = character === '{' ? 'first name' : 'first value';
      at++;
    } else if (expected === 'colon' && character === ':') {
      expected = 'value';
      at++;
    } else if (expected === 'rest' && character === ',' && open.length > 0) {
      expected = open.at(-1) === '{' ? 'name' : 'value';
      at++;
    } else if (closes(character, open.at(-1), expected)) {
      open.pop();
      expected = 'rest';
      at++;
    } else {
      return at;
    }
    at = skip(SPACE, text, at);
  }
  return expected === 'rest' && open.length === 0 ? undefined : at;
}

function closes(character: string, open: '{' | '[' | undefined, expected: Expected): boolean {
  return open === '{'
    ? character === '}' && (expected === 'rest' || expected === 'first name')
    : open === '[' && character === ']' && (expected === 'rest' || expected === 'first value');
}

/** Where a pattern that starts at a place ends; the same place where it does not start there. */
function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
