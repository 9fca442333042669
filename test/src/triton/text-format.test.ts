import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseTextFormat, type TextMessage, type TextValue } from '../../../src/triton/text-format';

/** Messages as plain objects, to be read by people. */
function plain(value: TextValue | TextMessage): unknown {
  return typeof value === 'object'
    ? Object.fromEntries([...value].map(([name, all]) => [name, all.map(plain)]))
    : value;
}

const read = (text: string) => plain(parseTextFormat(text));

describe('a value', () => {
  test.each([
    ['"digits"', 'digits'],
    ["'digits'", 'digits'],
    [String.raw`"a \"b\" \\ \n\t\r"`, 'a "b" \\ \n\t\r'],
    [String.raw`'it\'s'`, "it's"],
    ['"one "\n  \'two\'', 'one two'],
    ['""', ''],
    ['"# no comment"', '# no comment'],
    ['KIND_GPU', 'KIND_GPU'],
    ['true', 'true'],
    ['-inf', '-inf'],
    ['64', 64],
    ['-1', -1],
    ['+1', 1],
    ['0.5', 0.5],
    ['.5', 0.5],
    ['1.', 1],
    ['2.5e-3', 0.0025],
    ['1.5f', 1.5],
    ['0x1F', 31],
    ['0x1f', 31],
  ])('is read: %s', (text, value) => {
    expect(read(`a: ${text}`)).toEqual({ a: [value] });
  });
});

describe('a message', () => {
  test('may be empty', () => {
    expect(read('')).toEqual({});
    expect(read(' # nothing\n')).toEqual({});
  });

  test('keeps all values of a repeated field, in order', () => {
    expect(read('a: 1 b: 2 a: 3')).toEqual({ a: [1, 3], b: [2] });
    expect(read('a: [1, 2] a: 3')).toEqual({ a: [1, 2, 3] });
    expect(read('a: []')).toEqual({ a: [] });
  });

  test.each(['a { b: 1 }', 'a: { b: 1 }', 'a < b: 1 >', 'a: < b: 1 >', 'a [ { b: 1 } ]', 'a: [ { b: 1 } ]'])(
    'may be inside another: %s',
    (text) => {
      expect(read(text)).toEqual({ a: [{ b: [1] }] });
    },
  );

  test.each(['a: 1, b: 2', 'a: 1; b: 2;', 'a: 1 b: 2 # end', '# start\na:1\nb:2', 'a: 1\r\nb: 2\r\n'])(
    'may be parted in several ways: %j',
    (text) => {
      expect(read(text)).toEqual({ a: [1], b: [2] });
    },
  );

  test('may have several messages in a list', () => {
    expect(read('input [ { name: "x" }, { name: "y" } ]')).toEqual({ input: [{ name: ['x'] }, { name: ['y'] }] });
  });

  test('is what the example’s configuration holds', () => {
    const text = readFileSync(join(__dirname, '../../../examples/gpu-triton/models/digits/config.pbtxt'), 'utf8');

    expect(read(text)).toMatchObject({ name: ['digits'], instance_group: [{ kind: ['KIND_GPU'], count: [1] }] });
  });
});

describe('fails with the line', () => {
  test.each([
    ['a: 1\nb 2', 2, "expected ':' after 'b'"],
    ['a:\n\n]', 3, "expected a value, got ']'"],
    ['a: [1 2]', 1, "expected ',' or ']', got '2'"],
    ['# c\n"a": 1', 2, "expected the name of a field, got 'a'"],
    ['a: 1 }', 1, "expected the name of a field, got '}'"],
    ['a {\n b: 1\n', 2, 'the text ends in the middle of a field'],
    ['a {\n b: 1\n>', 3, "expected the name of a field, got '>'"],
    ['a: [1,\n2', 2, 'the text ends in the middle of a field'],
    ['a:', 1, 'the text ends in the middle of a field'],
    ['a: 1\nb: "open', 2, 'unexpected "\\""'],
    ['a: 1\nb: @', 2, 'unexpected "@"'],
    ['a: "x\ny"', 1, 'unexpected "\\""'],
  ])('%j', (text, line, message) => {
    expect(() => parseTextFormat(text)).toThrow(expect.objectContaining({ name: 'TextFormatError', line, message }));
  });
});
