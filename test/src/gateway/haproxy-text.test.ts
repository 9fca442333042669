import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonLiteral, literal, section, word } from '../../../src/gateway/haproxy-text';

/** Reads a line as HAProxy and a shell do, as far as words in single quotes go. */
function readWords(line: string): string[] {
  return (line.match(/(?:'[^']*'|\\.|[^\s'\\])+/g) ?? []).map((each) =>
    each.replaceAll(/'([^']*)'|\\(.)/g, (_, quoted, escaped) => quoted ?? escaped),
  );
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is left out
const blanks = (text: string) => text.replaceAll(/[\u0000-\u001f\u007f\u2028\u2029]/g, ' ');

const texts = fc.string({ unit: 'grapheme' });

describe('a text in a configuration', () => {
  test('is one word, whatever it holds', () => {
    fc.assert(
      fc.property(texts, texts, (one, other) => {
        expect(readWords(`${word(`a${one}`)} ${word(`b${other}`)}`)).toEqual([`a${blanks(one)}`, `b${blanks(other)}`]);
      }),
    );
  });

  test.each(['a\nb', 'a\rb', 'a\u0000b', 'a\tb', 'a\u007fb', 'a\u2028b'])('ends no line: %j', (text) => {
    expect(word(text)).toBe("'a b'");
  });

  test('has its percent signs doubled where HAProxy would read on behind them', () => {
    expect(literal('100 %[env(HOME)] %t')).toBe('100 %%[env(HOME)] %%t');
  });

  test('is a JSON string where it stands in one', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(JSON.parse(`"${jsonLiteral(text).replaceAll('%%', '%')}"`)).toBe(text);
      }),
    );
  });

  test('stands below the head of its section', () => {
    expect(section('backend model', ['one', 'two'])).toBe('backend model\n  one\n  two');
  });
});
