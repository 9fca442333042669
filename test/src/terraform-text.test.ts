import { Fn, Token } from 'cdktf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { terraformText, terraformTexts } from '../../src/terraform-text';

/**
 * What Terraform 1.11 makes of a text without expressions: of the signs before a brace one fewer; it is refused where
 * an expression begins.
 */
function asTerraformReads(text: string): string {
  return text.replaceAll(/([$%])(\1*)\{/g, (_, sign: string, others: string) => {
    expect(others).not.toBe('');
    return `${sign.repeat(others.length)}{`;
  });
}

describe('a text', () => {
  test.each([
    ['${path.module}', '$${path.module}'],
    ['%{ if true }', '%%{ if true }'],
    ['$${x}', '$$${x}'],
    ['a $b $(c) %d {e} 100 %', 'a $b $(c) %d {e} 100 %'],
    ['', ''],
  ])('%j is written as %j', (text, written) => {
    expect(terraformText(text)).toBe(written);
  });

  test('arrives to the letter, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '%', '{', '}', 'x', '"', '\\', '\n') }), (text) => {
        expect(asTerraformReads(terraformText(text))).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });
});

test('a reference that cdktf put into a text stays one', () => {
  const reference = Token.asString(Fn.join(',', ['a']));

  expect(terraformText(`${reference} and \${x}`)).toBe(`${reference} and $\${x}`);
});

test('the texts of a map are written so, and their names', () => {
  expect(terraformTexts({ '${a}': '%{b}', c: 'd' })).toEqual({ '$${a}': '%%{b}', c: 'd' });
});

test('a name is nothing special, whatever it is', () => {
  expect(Object.entries(terraformTexts(JSON.parse('{"__proto__":"a","constructor":"b"}')))).toEqual([
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ]);
});
