/** Whether a text is JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * JSON for people: indented, with an array of numbers on one line.
 *
 * The numbers stay as they are written, which `JSON.stringify` of a 64-bit integer does not promise.
 *
 * @param text what is JSON
 */
export function indentJson(text: string): string {
  const tokens = text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|\[[^[\]{}"]*\]|\{\s*\}|[[\]{},:]|[^\s[\]{},:"]+/g);
  let depth = 0;
  let indented = '';
  const breakLine = () => `\n${'  '.repeat(depth)}`;
  for (const [token] of tokens) {
    if (token === '[' || token === '{') {
      depth += 1;
      indented += token + breakLine();
    } else if (token === ']' || token === '}') {
      depth -= 1;
      indented += breakLine() + token;
    } else if (token === ',') {
      indented += token + breakLine();
    } else if (token === ':') {
      indented += ': ';
    } else if (token.startsWith('[')) {
      indented += `[${token
        .slice(1, -1)
        .trim()
        .split(/\s*,\s*/)
        .join(', ')}]`;
    } else {
      indented += token.startsWith('{') ? '{}' : token;
    }
  }
  return indented;
}
