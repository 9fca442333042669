import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTextFormat, type TextValue, textValues } from '../../../src/triton/text-format';
import { type WritableField, type WritableValue, writeTextFormat } from '../../../src/triton/text-format-writer';

/** Messages as plain objects, to be read by people. */
function plain(value: TextValue): unknown {
  if (value.kind !== 'message') {
    return value.kind === 'integer' || value.kind === 'float' ? Number(value.value) : value.value;
  }
  const names = [...new Set(value.fields.map(({ name }) => name))];
  return Object.fromEntries(names.map((name) => [name, textValues(value, name).map(plain)]));
}

const read = (text: string) => plain(parseTextFormat(text));

/** What the text is refused with. */
function refusal(text: string): unknown {
  try {
    return parseTextFormat(text);
  } catch (error) {
    const { name, line, column, message } = error as { name: string; line: number; column: number; message: string };
    return name === 'TextFormatError' ? `${line}:${column}: ${message}` : error;
  }
}

describe('a value', () => {
  test.each([
    ['"digits"', 'digits'],
    ["'digits'", 'digits'],
    [String.raw`"a \"b\" \\ \n\t\r"`, 'a "b" \\ \n\t\r'],
    [String.raw`'it\'s'`, "it's"],
    [String.raw`"\a\b\f\v\?"`, '\x07\b\f\v?'],
    [String.raw`"\0\101\1012"`, '\0AA2'],
    [String.raw`"\x41\x4a1\x9"`, 'AJ1\t'],
    [String.raw`"\303\251\xc3\xa9"`, 'éé'],
    [String.raw`"\u00e9\U0001F600\ud83d\ude00"`, 'é😀😀'],
    ['"é 😀"', 'é 😀'],
    ['"one "\n  \'two\'', 'one two'],
    ['""', ''],
    ['"# no comment"', '# no comment'],
    ['KIND_GPU', 'KIND_GPU'],
    ['true', 'true'],
    ['inf', 'inf'],
    ['-inf', Number.NEGATIVE_INFINITY],
    ['-nan', Number.NaN],
    ['- # minus\n 1', -1],
    ['64', 64],
    ['0', 0],
    ['-1', -1],
    ['017', 15],
    ['0.5', 0.5],
    ['.5', 0.5],
    ['1.', 1],
    ['2.5e-3', 0.0025],
    ['-2E3', -2000],
    ['1.5f', 1.5],
    ['10F', 10],
    ['0x1F', 31],
    ['-0x1f', -31],
  ])('is read: %s', (text, value) => {
    expect(read(`a: ${text}`)).toEqual({ a: [value] });
  });

  test('that is whole keeps all of its digits', () => {
    const { fields } = parseTextFormat('a: 18446744073709551615 b: -0x8000000000000000');

    expect(fields.map(({ values }) => values[0])).toMatchObject([
      { kind: 'integer', value: '18446744073709551615' },
      { kind: 'integer', value: '-9223372036854775808' },
    ]);
  });

  test('knows where it stands, and its field, too', () => {
    expect(parseTextFormat('# c\na {\n  b: [1,\n\t"x" ]\n}')).toEqual({
      kind: 'message',
      line: 1,
      column: 1,
      fields: [
        {
          name: 'a',
          isList: false,
          line: 2,
          column: 1,
          values: [
            {
              kind: 'message',
              line: 2,
              column: 3,
              fields: [
                {
                  name: 'b',
                  isList: true,
                  line: 3,
                  column: 3,
                  values: [
                    { kind: 'integer', value: '1', line: 3, column: 7 },
                    { kind: 'text', value: 'x', line: 4, column: 2 },
                  ],
                },
              ],
            },
          ],
        },
      ],
    });
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

  test.each(['a { b: 1 }', 'a: { b: 1 }', 'a < b: 1 >', 'a: < b: 1 >', 'a [ { b: 1 } ]', 'a: [ < b: 1 > ]'])(
    'may be inside another: %s',
    (text) => {
      expect(read(text)).toEqual({ a: [{ b: [1] }] });
    },
  );

  test.each(['a: 1, b: 2', 'a: 1; b: 2;', 'a: 1 b: 2 # end', '# start\na:1\nb:2', 'a: 1\r\nb: 2\r\n', 'a:1\fb:2\v'])(
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

describe('fails with line and column', () => {
  test.each([
    ['a: 1\nb 2', "2:3: expected ':' after 'b', got '2'"],
    ['a [ 1 ]', "1:1: expected ':' after 'a'; only a message, { … }, may go without"],
    ['a:\n\n]', "3:1: expected a value, got ']'"],
    ['a: - b', "1:6: expected a value, got 'b'"],
    ['a: +1', '1:4: unexpected "+"'],
    ['a: [1 2]', "1:7: expected ',' or ']', got '2'"],
    ['a: [1, 2,\n]', "2:1: a list has no ',' after its last value"],
    ['a [ { }, ]', "1:10: a list has no ',' after its last value"],
    ['# c\n"a": 1', "2:1: expected the name of a field, got 'a'"],
    ['a: 1,; b: 2', "1:6: expected the name of a field, got ';'"],
    ['a: 1 }', "1:6: expected the name of a field, got '}'"],
    ['a {\n b: 1\n', '2:5: the text ends in the middle of a field'],
    ['a {\n b: 1\n>', "3:1: expected the name of a field, got '>'"],
    ['a: [1,\n2', '2:1: the text ends in the middle of a field'],
    ['a:', '1:2: the text ends in the middle of a field'],
    ['a: 1\nb: "open', '2:4: a string ends on the line it starts on; the one that starts here has no closing "'],
    ["a: 'x\ny'", "1:4: a string ends on the line it starts on; the one that starts here has no closing '"],
    ['a: 1\nb: @', '2:4: unexpected "@"'],
    ['é: 1', '1:1: unexpected "é"'],
    ['a: 1b', "1:4: '1b' is no number"],
    ['a: 09', "1:4: '09' is no number"],
    ['a: 1.2.3', "1:4: '1.2.3' is no number"],
    [String.raw`a: "\q"`, String.raw`1:4: a string has the escape '\q', which does not exist`],
    [String.raw`a: "\u12"`, String.raw`1:4: a string has the escape '\u', which does not exist`],
    [String.raw`a: "\777"`, String.raw`1:4: a string has the escape '\777', which is above a byte`],
    [String.raw`a: "\ud83d"`, String.raw`1:4: a string has the escape '\ud83d', which is no character of Unicode`],
    [
      String.raw`a: "\U00110000"`,
      String.raw`1:4: a string has the escape '\U00110000', which is no character of Unicode`,
    ],
    [String.raw`a: "\377"`, '1:4: a string holds bytes that are no UTF-8'],
    [
      '\uFEFFa: 1',
      '1:1: the text begins with a byte order mark, which Triton does not read; save it as UTF-8 without one',
    ],
    [
      '[foo.bar]: 1',
      "1:1: expected the name of a field, got '['; names in brackets, of extensions and of Any, are none that Triton has",
    ],
  ])('%j', (text, message) => {
    expect(refusal(text)).toBe(message);
  });
});

describe('what is written', () => {
  const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/);
  const scalar: fc.Arbitrary<WritableValue> = fc.oneof(
    fc.string({ unit: 'binary' }).map((value) => ({ kind: 'text' as const, value })),
    fc.bigInt().map((value) => ({ kind: 'integer' as const, value: String(value) })),
    fc
      .double({ noDefaultInfinity: true, noNaN: true })
      .map((value) => ({ kind: 'float' as const, value: Object.is(value, -0) ? '-0' : String(value) })),
    fc.stringMatching(/^[A-Z]{1,3}_[A-Z0-9]{1,4}$/).map((value) => ({ kind: 'word' as const, value })),
  );
  const { fields } = fc.letrec<{ fields: WritableField[]; message: WritableValue }>((tie) => ({
    message: fc.record({ kind: fc.constant('message' as const), fields: tie('fields') }),
    fields: fc.array(
      fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.record({ name, isList: fc.constant(false), values: fc.tuple(scalar) }),
        fc.record({ name, isList: fc.constant(true), values: fc.array(scalar, { maxLength: 4 }) }),
        fc.record({ name, isList: fc.constant(false), values: fc.tuple(tie('message')) }),
        fc.record({
          name,
          isList: fc.constant(true),
          values: fc.array(tie('message'), { minLength: 1, maxLength: 3 }),
        }),
      ),
      { maxLength: 4 },
    ),
  }));

  /** A value without its place. */
  function unplaced(value: TextValue | WritableValue): WritableValue {
    return value.kind === 'message' ? { kind: 'message', fields: value.fields.map(unplacedField) } : pair(value);
  }
  const pair = ({ kind, value }: { kind: 'text' | 'integer' | 'float' | 'word'; value: string }) => ({ kind, value });
  const unplacedField = ({ name, isList, values }: WritableField): WritableField => ({
    name,
    isList,
    values: values.map(unplaced),
  });

  test('is read as the same, whatever it is', () => {
    fc.assert(
      fc.property(fields, (given) => {
        const text = writeTextFormat({ fields: given });

        expect(parseTextFormat(text).fields.map(unplacedField)).toEqual(given.map(unplacedField));
      }),
    );
  });

  test('is one field a line, two spaces a level', () => {
    const text =
      'name: "a\\"b"\nversions: [1, 2]\ninput [\n  {\n    dims: [-1]\n  },\n  {}\n]\nlatest {\n  count: 1\n}\n';

    expect(writeTextFormat(parseTextFormat(text))).toBe(text);
  });

  test('has escapes where a text would not be one line of readable characters', () => {
    const value = '\0\x07"\\\n1é\u0085';

    expect(writeTextFormat({ fields: [{ name: 'a', isList: false, values: [{ kind: 'text', value }] }] })).toBe(
      'a: "\\000\\007\\"\\\\\\n1é\\302\\205"\n',
    );
  });
});
