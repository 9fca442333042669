import { Token } from 'cdktf';

/**
 * What is wrong with the reference of an image that a program names; nothing when it is right, or a token.
 *
 * Without a registry, Docker Hub is meant to some tools and nothing to others; without a version, every pull may be
 * another image.
 *
 * @param what what the image is, such as `baseImage`, for the message
 */
export function imageReferenceProblem(what: string, reference: string): string | undefined {
  const registry = /^(?:[a-z0-9-]+\.)+[a-z0-9-]+(?::\d+)?\//i;
  const repository = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*/;
  const version = /^(?::[\w][\w.-]{0,127}(?:@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$/;
  const name = reference.replace(registry, '');
  const rest = name.replace(repository, '');
  if (Token.isUnresolved(reference) || (name !== reference && rest !== name && version.test(rest))) {
    return undefined;
  }
  return (
    `${what} is the reference of an image with its registry and a tag or digest, such as 'prod.azurecr.io/digits:3'; ` +
    `got '${reference}'`
  );
}

/** What is doubtful about the reference of an image. */
export function imageReferenceWarning(what: string, reference: string): string | undefined {
  return reference.endsWith(':latest')
    ? `${what}: the tag 'latest' of '${reference}' is another image tomorrow; give the tag or the digest of the one that ` +
        'was tried'
    : undefined;
}
