/**
 * The longest path of a file: a blob's name has at most 1024 characters, and the folder that the library puts it into takes some.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
 */
const PATH_CHARACTERS = 768;

/** The most bytes of one name on Linux, `NAME_MAX`. */
const NAME_BYTES = 255;

/**
 * What blob storage does not take (control characters, code points for private use and such as are none), what Terraform
 * or its provider for Azure (4.55), which escapes no address, takes for something else, and the backslash of Windows.
 */
const FORBIDDEN = /[\p{Cc}\p{Co}\p{Cs}\uFFFE\uFFFF\\?#%]|\$\{/u;

/** What a name that is not UTF-8 shows where it cannot be read. */
const UNREADABLE = '\uFFFD';

/** Why a file cannot be carried through blob storage: its path is the name of a blob on the way, and a file again. */
export function blobPathProblem(path: string): string | undefined {
  const names = path.split('/');
  const shown = JSON.stringify(path);
  if (path.includes(UNREADABLE)) {
    return `the file ${shown} has a name that is not UTF-8; rename it`;
  }
  if (FORBIDDEN.test(path)) {
    return (
      `the file ${shown} has a name with a control character or one of \\ ? # % \${, which is lost on the way ` +
      'through blob storage; rename it'
    );
  }
  if (names.some((name) => name.endsWith('.'))) {
    return `the file ${shown} has a name that ends with a dot, which blob storage drops; rename it`;
  }
  if (path.length > PATH_CHARACTERS) {
    return `the file ${shown} has a path of ${path.length} characters, and may have ${PATH_CHARACTERS}; shorten it`;
  }
  const long = names.find((name) => Buffer.byteLength(name) > NAME_BYTES);
  return long === undefined
    ? undefined
    : `the file ${shown} has a name of ${Buffer.byteLength(long)} bytes, and Linux allows ${NAME_BYTES}; shorten it`;
}
