import type { TextPosition } from '../json-error';
import { nearestSpelling } from '../spelling';
import type { FieldSchema, FieldType, MapSchema, MessageSchema } from './model-config-schema';
import type { TextField, TextMessage, TextScalar, TextValue } from './text-format';

/** Something wrong with a text, and where. */
export interface TextProblem extends TextPosition {
  /** What was given, what is allowed and what to do: lower case, no final period. */
  readonly message: string;
}

/** What a message holds, by the library's names. */
export type ConfigValues = { readonly [member: string]: unknown };

/** The limits of whole numbers. An index is as far as JavaScript's numbers are exact. */
const LIMITS: { readonly [type: string]: readonly [bigint, bigint] } = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
  index: [BigInt(Number.MIN_SAFE_INTEGER), BigInt(Number.MAX_SAFE_INTEGER)],
};

const WORDS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['True', true],
  ['t', true],
  ['1', true],
  ['false', false],
  ['False', false],
  ['f', false],
  ['0', false],
]);

/** Values that Triton takes as if none were given. */
const NOTHING: readonly Pick<TextScalar, 'kind' | 'value'>[] = [
  { kind: 'text', value: '' },
  { kind: 'word', value: 'TYPE_INVALID' },
  { kind: 'integer', value: '0' },
];

/**
 * Turns a message of the text format into values, as Triton does: a field that it does not know, one that is given
 * twice, and a value of another type are problems. What is right is read all the same.
 */
export class ModelConfigReader {
  /** What is wrong, in the order in which it was found. */
  public readonly problems: TextProblem[] = [];

  /** @param what the message, for messages: a field such as `instance_group`; nothing for the whole file */
  public message(message: TextMessage, schema: MessageSchema, what?: string): ConfigValues {
    const fields = new Map<FieldSchema, TextField[]>();
    for (const field of message.fields) {
      const known = schema.fields.find(({ name }) => name === field.name);
      if (known === undefined) {
        this.refuse(field, unknownField(field.name, schema, what));
      } else {
        fields.set(known, [...(fields.get(known) ?? []), field]);
      }
    }
    this.checkChoices([...fields]);
    this.checkRequired(message, schema, fields, what);
    return Object.fromEntries(
      schema.fields.flatMap((field) => {
        const values = this.field(field, fields.get(field) ?? []);
        return values === undefined ? [] : [[field.member, values]];
      }),
    );
  }

  /** The value of a field; nothing where it is not given, unless it has several, or Triton asks for it. */
  private field(schema: FieldSchema, given: readonly TextField[]): unknown {
    const values = given.flatMap((field) => field.values);
    const { type } = schema;
    if (isMap(type)) {
      return given.length === 0
        ? undefined
        : Object.fromEntries(values.map((value) => this.entry(type, value, schema)));
    }
    if (schema.isRepeated) {
      const read = values.map((value) => this.value(value, type, schema.name)).filter((value) => value !== undefined);
      return given.length === 0 && !schema.isRequired ? undefined : read;
    }
    for (const list of given.filter(({ isList }) => isList)) {
      this.refuse(list, `'${schema.name}' has one value and no list, [ … ]`);
    }
    for (const again of given.slice(1)) {
      this.refuse(again, `'${schema.name}' is given more than once`);
    }
    const [value] = given.filter(({ isList }) => !isList).flatMap((field) => field.values);
    const read = value === undefined ? undefined : this.value(value, type, schema.name);
    return read === undefined && schema.isRequired ? absent(type) : read;
  }

  private entry(map: MapSchema, value: TextValue, { name }: FieldSchema): [string, unknown] {
    if (value.kind !== 'message') {
      this.refuse(value, `'${name}' has entries, { key: … value: … }; got ${spelled(value)}`);
      return ['', absent(map.value)];
    }
    const field = { isRepeated: false, isRequired: false };
    const schema: MessageSchema = {
      kind: 'message',
      isOnlyField: false,
      fields: [
        { name: 'key', member: 'key', type: map.key, ...field },
        { name: 'value', member: 'value', type: map.value, ...field },
      ],
    };
    const { key, value: held } = this.message(value, schema, name);
    return [String(key ?? absent(map.key)), held ?? absent(map.value)];
  }

  private value(value: TextValue, type: FieldType, name: string): unknown {
    if (typeof type === 'object' && 'kind' in type) {
      if (type.kind === 'map' || value.kind !== 'message') {
        this.refuse(value, `'${name}' is a message, { … }; got ${spelled(value)}`);
        return undefined;
      }
      const values = this.message(value, type, name);
      const [first] = type.fields;
      return type.isOnlyField && first ? (values[first.member] ?? absent(first.isRepeated ? [] : first.type)) : values;
    }
    if (value.kind === 'message') {
      this.refuse(value, `'${name}' is ${kindOf(type)}; got a message, { … }`);
      return undefined;
    }
    return this.scalar(value, type, name);
  }

  private scalar(value: TextScalar, type: Exclude<FieldType, MessageSchema | MapSchema>, name: string): unknown {
    const read = readScalar(value, type);
    if (read === undefined) {
      this.refuse(value, `'${name}' is ${kindOf(type)}; got ${spelled(value)}${scalarHint(value, type)}`);
    }
    return read;
  }

  /** Of some fields Triton takes one at most. */
  private checkChoices(given: readonly (readonly [FieldSchema, readonly TextField[]])[]): void {
    const first = new Map<string, string>();
    for (const [{ choice, name }, [field]] of given) {
      const other = choice === undefined ? undefined : first.get(choice);
      if (other !== undefined && field !== undefined) {
        this.refuse(field, `'${name}' and '${other}' exclude one another; leave one out`);
      } else if (choice !== undefined) {
        first.set(choice, name);
      }
    }
  }

  private checkRequired(
    message: TextMessage,
    schema: MessageSchema,
    given: ReadonlyMap<FieldSchema, readonly TextField[]>,
    what = 'the configuration',
  ): void {
    for (const field of schema.fields.filter(({ isRequired }) => isRequired)) {
      const values = (given.get(field) ?? []).flatMap(({ values }) => values);
      if (values.every((value) => !field.isRepeated && saysNothing(value))) {
        const [place = message] = given.get(field) ?? [];
        this.refuse(place, `'${what}' needs '${field.name}'${example(field)}`);
      }
    }
  }

  private refuse({ line, column }: TextPosition, message: string): void {
    this.problems.push({ line, column, message });
  }
}

function saysNothing(value: TextValue): boolean {
  return NOTHING.some(({ kind, value: nothing }) => value.kind === kind && value.value === nothing);
}

function isMap(type: FieldType): type is MapSchema {
  return typeof type === 'object' && 'kind' in type && type.kind === 'map';
}

/** What a field holds that is not given. */
function absent(type: FieldType): unknown {
  if (Array.isArray(type)) {
    return type[0] ?? [];
  }
  if (typeof type === 'object') {
    const [first] = 'fields' in type ? type.fields : [];
    return 'isOnlyField' in type && type.isOnlyField && first ? absent(first.isRepeated ? [] : first.type) : {};
  }
  return type === 'string' ? '' : type === 'bool' ? false : 0;
}

function readScalar(value: TextScalar, type: Exclude<FieldType, MessageSchema | MapSchema>): unknown {
  if (typeof type === 'object') {
    // Triton takes the number of a word, too
    return value.kind === 'integer' ? type[Number(value.value)] : type.find((word) => isWord(value, word));
  }
  switch (type) {
    case 'string':
      return value.kind === 'text' ? value.value : undefined;
    case 'bool':
      return value.kind === 'word' || value.kind === 'integer' ? WORDS.get(value.value) : undefined;
    case 'float':
      return value.kind === 'word' ? infinite(value.value) : value.kind === 'text' ? undefined : Number(value.value);
    default:
      return value.kind === 'integer' ? whole(BigInt(value.value), type) : undefined;
  }
}

function isWord(value: TextScalar, word: string): boolean {
  return value.kind === 'word' && value.value === word;
}

function infinite(word: string): number | undefined {
  return /^inf(inity)?$/i.test(word) ? Number.POSITIVE_INFINITY : /^nan$/i.test(word) ? Number.NaN : undefined;
}

function whole(value: bigint, type: string): number | bigint | undefined {
  const [minimum, maximum] = LIMITS[type] ?? [value, value];
  if (value < minimum || value > maximum) {
    return undefined;
  }
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** What a field holds, in words. */
function kindOf(type: Exclude<FieldType, MessageSchema | MapSchema>): string {
  if (typeof type === 'object') {
    return `one of ${type.filter((word) => word !== 'TYPE_INVALID').join(', ')}`;
  }
  const [minimum, maximum] = LIMITS[type] ?? [];
  const kinds = { string: 'a text in quotation marks', bool: 'true or false', float: 'a number' };
  return minimum === undefined ? kinds[type as keyof typeof kinds] : `a whole number from ${minimum} to ${maximum}`;
}

function spelled(value: TextValue): string {
  return value.kind === 'message'
    ? 'a message, { … }'
    : value.kind === 'text'
      ? `'${value.value}' in quotation marks`
      : value.value;
}

/** The word that was meant. */
function scalarHint(value: TextScalar, type: Exclude<FieldType, MessageSchema | MapSchema>): string {
  const meant = typeof type === 'object' ? nearestSpelling(value.value, type) : undefined;
  return meant === undefined ? '' : `; '${meant}' would do, without quotation marks`;
}

function unknownField(name: string, { fields }: MessageSchema, what: string | undefined): string {
  const near = nearestSpelling(
    name,
    fields.map((field) => field.name),
  );
  return (
    `Triton knows no field '${name}' ${what === undefined ? 'of a model' : `of '${what}'`}` +
    `${near === undefined ? '' : `; '${near}' is the nearest it knows`}`
  );
}

function example({ name, type }: FieldSchema): string {
  const examples: { readonly [name: string]: string } = {
    data_type: 'TYPE_FP32',
    dims: '[ 3, 224, 224 ]',
    model_version: '-1',
  };
  return name in examples
    ? `, such as ${name}: ${examples[name]}`
    : type === 'string'
      ? ', a text that is not empty'
      : '';
}
