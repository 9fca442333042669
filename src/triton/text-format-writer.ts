/** What a message to be written holds, without places. */
export type WritableValue =
  | { readonly kind: 'text' | 'integer' | 'float' | 'word'; readonly value: string }
  | { readonly kind: 'message'; readonly fields: readonly WritableField[] };

/** A field to be written. */
export interface WritableField {
  /** Name of the field, such as `instance_group`. */
  readonly name: string;

  /** Whether the values stand in a list, `[ … ]`. */
  readonly isList: boolean;

  /** Its values; one where they are no list. */
  readonly values: readonly WritableValue[];
}

const ESCAPES: { readonly [character: string]: string } = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A message in protobuf's text format: fields in the order given, two spaces a level, one field a line. */
export function writeTextFormat(message: { readonly fields: readonly WritableField[] }): string {
  return fieldLines(message.fields, '').join('');
}

function fieldLines(fields: readonly WritableField[], indent: string): string[] {
  return fields.flatMap(({ name, isList, values }) => {
    if (!isList) {
      return values.map(
        (value) => `${indent}${name}${value.kind === 'message' ? '' : ':'} ${written(value, indent)}\n`,
      );
    }
    if (values.every(({ kind }) => kind !== 'message')) {
      return [`${indent}${name}: [${values.map((value) => written(value, indent)).join(', ')}]\n`];
    }
    const inner = `${indent}  `;
    const items = values.map((value) => `${inner}${written(value, inner)}`);
    return [`${indent}${name} [\n${items.join(',\n')}\n${indent}]\n`];
  });
}

function written(value: WritableValue, indent: string): string {
  if (value.kind === 'message') {
    return value.fields.length === 0 ? '{}' : `{\n${fieldLines(value.fields, `${indent}  `).join('')}${indent}}`;
  }
  if (value.kind === 'text') {
    return `"${quoted(value.value)}"`;
  }
  return value.kind === 'float' ? float(value.value) : value.value;
}

function quoted(text: string): string {
  // octal escapes have three digits, so that a digit after one is none of its own
  return text.replace(/["\\\p{Cc}]/gu, (character) => {
    return ESCAPES[character] ?? (/["\\]/.test(character) ? `\\${character}` : octalBytes(character));
  });
}

function octalBytes(character: string): string {
  return [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

/** A float that reads as one: with a fraction, an exponent or in words. */
function float(value: string): string {
  return /^-?\d+$/.test(value) ? `${value}.0` : value.replace('Infinity', 'inf').replace('NaN', 'nan');
}
