import type { ConfigValues } from './model-config-reader';
import type { FieldSchema, FieldType, MessageSchema } from './model-config-schema';
import type { WritableField, WritableValue } from './text-format-writer';

/** The fields of a message that holds such values, in the order of the schema. */
export function messageFields(values: ConfigValues, schema: MessageSchema): WritableField[] {
  return schema.fields.flatMap((field) => {
    const value = values[field.member];
    return value === undefined ? [] : fieldsOf(field, value);
  });
}

function fieldsOf({ name, type, isRepeated }: FieldSchema, value: unknown): WritableField[] {
  if (typeof type === 'object' && 'kind' in type && type.kind === 'map') {
    const entries = Object.entries(value as ConfigValues).map(([key, held]): WritableValue => {
      const fields = [field('key', written(key, type.key)), field('value', written(held, type.value))];
      return { kind: 'message', fields };
    });
    return entries.map((entry) => field(name, entry));
  }
  if (isRepeated) {
    const values = (value as readonly unknown[]).map((each) => written(each, type));
    return values.length === 0 ? [] : [{ name, isList: true, values }];
  }
  return [field(name, written(value, type))];
}

function field(name: string, value: WritableValue): WritableField {
  return { name, isList: false, values: [value] };
}

function written(value: unknown, type: FieldType): WritableValue {
  if (typeof type === 'object' && 'kind' in type) {
    const [only] = type.kind === 'message' && type.isOnlyField ? type.fields : [];
    const values = only === undefined ? (value as ConfigValues) : { [only.member]: value };
    return { kind: 'message', fields: type.kind === 'message' ? messageFields(values, type) : [] };
  }
  if (typeof type === 'object' || type === 'bool') {
    return { kind: 'word', value: String(value) };
  }
  if (type === 'float') {
    return { kind: 'float', value: Object.is(value, -0) ? '-0' : String(value) };
  }
  return { kind: type === 'string' ? 'text' : 'integer', value: String(value) };
}
