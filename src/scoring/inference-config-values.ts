import { type FieldKind, fieldKind, unknownFieldProblem } from './inference-config-fields';
import { isJsonObject, type JsonObject, kindOf } from './json-file';

/** What a field must hold, in words. */
const KINDS: { readonly [kind in FieldKind]: string } = {
  boolean: 'true or false, without quotation marks',
  text: 'a text',
  list: 'a list, [ … ]',
  section: 'an object, { … }',
  content: 'an object, { … }',
  key: 'a text',
};

/** The fields of an inference configuration that hold what they should. */
export class InferenceConfigValues {
  /** What is wrong with the others. */
  public readonly problems: string[] = [];

  /** The values by path, such as `environment.docker.baseImage`. */
  public readonly values = new Map<string, unknown>();

  constructor(content: JsonObject) {
    this.collect(content, '');
  }

  /** A text that is not empty. */
  public text(field: string): string | undefined {
    const value = this.values.get(field);
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  /** Whether a field holds more than an empty value, which Azure ML took for none. */
  public says(field: string): boolean {
    const value = this.values.get(field);
    return isJsonObject(value)
      ? Object.values(value).some((part) => part !== null)
      : value !== undefined && value !== false && value !== '' && !(Array.isArray(value) && value.length === 0);
  }

  /** Keeps the values of the right kind, by path; `null` is what Azure ML's tools write for a field that is left out. */
  private collect(section: JsonObject, prefix: string): void {
    for (const [name, value] of Object.entries(section)) {
      const field = `${prefix}${name}`;
      const kind = fieldKind(field);
      if (value === null) {
        continue;
      }
      if (kind === undefined) {
        this.problems.push(unknownFieldProblem(field));
      } else if (!isOfKind(value, kind)) {
        this.problems.push(`${field} must be ${KINDS[kind]}; got ${kindOf(value)}`);
      } else {
        this.values.set(field, value);
        if (kind === 'section') {
          this.collect(value as JsonObject, `${field}.`);
        }
      }
    }
  }
}

function isOfKind(value: unknown, kind: FieldKind): boolean {
  switch (kind) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'text':
      return typeof value === 'string';
    case 'list':
      return Array.isArray(value);
    case 'key':
      return true;
    case 'section':
    case 'content':
      return isJsonObject(value);
  }
}
