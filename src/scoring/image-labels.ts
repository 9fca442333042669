/** What a person says about an image. */
export interface ImageDescription {
  /** Free text. */
  readonly description?: string;

  /** Free values by name. */
  readonly tags?: { readonly [name: string]: string };
}

/** Labels that the library sets itself. */
const TITLE = 'org.opencontainers.image.title';
const DESCRIPTION = 'org.opencontainers.image.description';

/**
 * Labels of an image, by name: tags under their own, the rest under those of the Open Container Initiative.
 *
 * @see https://github.com/opencontainers/image-spec/blob/main/annotations.md
 */
export function imageLabels(imageName: string, { description, tags }: ImageDescription): { [name: string]: string } {
  return { ...tags, [TITLE]: imageName, ...(description === undefined ? {} : { [DESCRIPTION]: description }) };
}

/**
 * What is wrong with tags that become labels of an image.
 *
 * @see https://docs.docker.com/engine/manage-resources/labels/
 */
export function labelProblems(tags: { readonly [name: string]: string }): string[] {
  return Object.keys(tags).flatMap((name) => {
    if (name === TITLE || name === DESCRIPTION) {
      return [`the tag '${name}' is a label that the library sets itself; leave it out, or use 'description'`];
    }
    return /^[A-Za-z0-9](?:[\w./-]*[A-Za-z0-9])?$/.test(name)
      ? []
      : [
          "a tag's name is letters, digits, underscores, hyphens, periods and slashes, the first and the last a letter or " +
            `digit, since tags become labels of the image; got '${name}'`,
        ];
  });
}
