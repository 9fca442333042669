import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonErrorPosition } from '../../src/json-error';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test.each([
  ['', 1, 1],
  ['  ', 1, 3],
  ['{', 1, 2],
  ["{'a': 1}", 1, 2],
  ['{"a" 1}', 1, 6],
  ['{"a": }', 1, 7],
  ['{"a": 1,}', 1, 9],
  ['[1,]', 1, 4],
  ['[1}', 1, 3],
  ['{"a": 1]', 1, 8],
  ['{"a": 01}', 1, 8],
  ['{"a": .5}', 1, 7],
  ['{"a": nul}', 1, 7],
  ['{"a": "one\ntwo"}', 1, 7],
  ['{"a": "\\x"}', 1, 7],
  ['{}{}', 1, 3],
  ['1 2', 1, 3],
  [',', 1, 1],
  ['{\n  "a": 1, // one\n}', 2, 11],
  ['{\r\n  "a": 1\r\n  "b": 2\r\n}', 3, 3],
])('a text stops being JSON where it does: %j', (text, line, column) => {
  expect(jsonErrorPosition(text)).toEqual({ line, column });
});

test('every JSON is JSON, however it is written', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(undefined, 2, '\t'), (text, space) => {
      expect(jsonErrorPosition(JSON.stringify(JSON.parse(text), null, space))).toBeUndefined();
    }),
  );
});

test('what is JSON is what Node takes for it', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"',
    '\\',
    '1',
    '-',
    '.5',
    'e3',
    'true',
    ' ',
    '\n',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 7 }), (parts) => {
      expect(jsonErrorPosition(parts.join('')) === undefined).toBe(isJson(parts.join('')));
    }),
    { numRuns: 5000 },
  );
});

test('a JSON with one character changed is JSON when Node says so', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.constantFrom(...'{}[],:"\\1-x \u0001'), (text, place, character) => {
      const at = place % text.length;
      const changed = text.slice(0, at) + character + text.slice(at + 1);
      expect(jsonErrorPosition(changed) === undefined).toBe(isJson(changed));
    }),
    { numRuns: 2000 },
  );
});

test('a text that is nested without end is read to its end', () => {
  expect(jsonErrorPosition('['.repeat(200_000))).toEqual({ line: 1, column: 200_001 });
});
