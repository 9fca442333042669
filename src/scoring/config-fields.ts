import { nearestSpelling } from '../spelling';
import { isJsonObject, type JsonObject, kindOf } from './json-file';

/** What a field of one of Azure ML's configuration files holds. */
export type FieldKind = 'boolean' | 'number' | 'text' | 'list' | 'section' | 'content' | 'key';

/** What a kind of configuration file may have in it. */
export interface ConfigSchema {
  /** What a field holds, by its path; nothing for one that such files do not have. */
  readonly kindOf: (field: string) => FieldKind | undefined;

  /** What is wrong with such a one, and what to do. */
  readonly unknownFieldProblem: (field: string) => string;
}

/** What a field must hold, in words. */
const KINDS: { readonly [kind in FieldKind]: string } = {
  boolean: 'true or false, without quotation marks',
  number: 'a number, without quotation marks',
  text: 'a text',
  list: 'a list, [ … ]',
  section: 'an object, { … }',
  content: 'an object, { … }',
  key: 'a text',
};

/** A field as a message names it: in one line, and not all of a very long one. */
export function shownField(field: string): string {
  return JSON.stringify(field.length > 80 ? `${field.slice(0, 80)}…` : field).slice(1, -1);
}

/** The end of a message about an unknown field, such as `; did you mean autoScaler.minReplicas?`; empty without a guess. */
export function fieldGuess(
  field: string,
  knownFields: Iterable<string>,
  otherNames: readonly (readonly [name: string, field: string])[],
): string {
  const leaf = (path: string) => path.slice(path.lastIndexOf('.') + 1);
  const names = [...[...knownFields].map((known) => [leaf(known), known] as const), ...otherNames];
  const nearest = nearestSpelling(
    leaf(field).replaceAll('_', ''),
    names.map(([name]) => name),
  );
  const meant = names.find(([name]) => name === nearest)?.[1];
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}

/** The fields of a configuration file, by path such as `environment.docker.baseImage`. */
export class ConfigFields {
  /** The fields that hold anything. */
  public readonly given = new Set<string>();

  /** What those hold that hold what they should. */
  public readonly values = new Map<string, unknown>();

  /** What is wrong with the others. */
  public readonly problems: string[] = [];

  constructor(
    content: JsonObject,
    private readonly schema: ConfigSchema,
  ) {
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

  /** Keeps the values of the right kind; `null` is what Azure ML's tools write for a field that is left out. */
  private collect(section: JsonObject, prefix: string): void {
    for (const [name, value] of Object.entries(section)) {
      const field = `${prefix}${name}`;
      const kind = this.schema.kindOf(field);
      if (value === null) {
        continue;
      }
      this.given.add(field);
      if (kind === undefined) {
        this.problems.push(this.schema.unknownFieldProblem(field));
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
    case 'number':
      return typeof value === kind;
    case 'text':
      return typeof value === 'string';
    case 'list':
      return Array.isArray(value);
    case 'section':
    case 'content':
      return isJsonObject(value);
    case 'key':
      return true;
  }
}
