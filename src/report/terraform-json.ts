/** A JSON object as it stands in a `cdk.tf.json`. */
export interface JsonObject {
  readonly [name: string]: unknown;
}

/** Whether a value is an object, and neither a list nor null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as an object; anything else is an empty one, so that a look deep inside needs no questions on the way. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The blocks of a name: Terraform reads one block as an object or as a list of one. */
export function blocksOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : isObject(value) ? [value] : [];
}

/** The only or first block of a name; an empty one when there is none. */
export function blockOf(value: unknown): JsonObject {
  return blocksOf(value)[0] ?? {};
}

/** The value where it is text. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The texts of a list; anything else is an empty list. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
}

/** The value where it is a number, also one written as text, as the Kubernetes provider wants some. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value)) {
    return Number(value);
  }
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The value that a text of JSON stands for; nothing where it is no JSON. */
export function jsonOf(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
