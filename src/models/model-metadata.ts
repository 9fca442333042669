/** Names that C#, and so blob storage, keeps for itself; the ones a person might choose for a tag. */
const RESERVED = new Set(['class', 'event', 'in', 'is', 'new', 'object', 'public', 'private', 'string', 'this']);

/** What a person says about a model. */
export interface ModelDescription {
  /** Free text. */
  readonly description?: string;

  /** Free values by name. */
  readonly tags: { readonly [name: string]: string };
}

/** What is wrong with the tags of a model. */
export function tagProblems(tags: { readonly [name: string]: string }): string[] {
  return Object.keys(tags)
    .filter((name) => !/^[a-z_][a-z0-9_]*$/.test(name) || RESERVED.has(name) || name === 'description')
    .map(
      (name) =>
        `a tag's name is lowercase letters, digits and underscores, the first not a digit, and not a word that blob ` +
        `storage reserves, since tags become metadata of the model's blobs; got '${name}'`,
    );
}

/**
 * Tags and description as metadata of a blob.
 *
 * Metadata travels in HTTP headers, so characters outside printable ASCII, and `%` itself, are percent-encoded.
 */
export function blobMetadata(model: ModelDescription): { [name: string]: string } {
  const values = model.description === undefined ? model.tags : { ...model.tags, description: model.description };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, encode(value)]));
}

function encode(value: string): string {
  return value.trim().replaceAll(/[^ -~]+|%/gu, (text) => encodeURIComponent(Buffer.from(text).toString()));
}
