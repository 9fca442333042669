/** A statement of Python up to its end, however many lines it takes, without comments and without what strings say. */
export interface PythonLine {
  /** Line that it begins in, from 1. */
  readonly line: number;

  /** How far it is indented, in columns. */
  readonly indent: number;

  /** The statement; strings are empty. */
  readonly text: string;
}

/** Text of a file of Python, or why Python would not read it. */
export interface PythonText {
  /** The text, with `\n` at the end of lines and no byte order mark. */
  readonly text?: string;

  /** What is wrong; the line first where there is one, as in `:3: is not UTF-8`. */
  readonly problem?: string;
}

/** Where Python looks for the name of an encoding: the first line, and the second after a comment (PEP 263). */
const ENCODING = /^(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))?[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([-\w.]+)/;

/** Decodes a file as Python does. Encodings that are not UTF-8 are read as Latin-1, which keeps what Python's words are of. */
export function decodePython(contents: Buffer): PythonText {
  if (contents.includes(0)) {
    return { problem: ': is no text that Python reads: it has bytes of value 0, as UTF-16 has; save it as UTF-8' };
  }
  const latin1 = contents.toString('latin1');
  const encoding = ENCODING.exec(latin1.replace(/^\u00EF\u00BB\u00BF/, ''))?.[1]?.toLowerCase() ?? 'utf-8';
  if (!/^utf[-_]?8([-_]sig)?$/.test(encoding)) {
    return { text: withLineFeeds(latin1) };
  }
  const text = contents.toString('utf8');
  if (!Buffer.from(text).equals(contents)) {
    const line = withLineFeeds(latin1)
      .split('\n')
      .findIndex(
        (each) => !Buffer.from(Buffer.from(each, 'latin1').toString('utf8')).equals(Buffer.from(each, 'latin1')),
      );
    return {
      problem:
        `:${line + 1}: is not UTF-8, as Python expects; save the file as UTF-8, or name its encoding in the first line: ` +
        '# -*- coding: latin-1 -*-',
    };
  }
  return { text: withLineFeeds(text.replace(/^\uFEFF/, '')) };
}

function withLineFeeds(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n');
}

/** A comment, a string of three or one quotation marks, a line that goes on, a bracket, the end of a line, or another. */
const PIECE =
  /(?<skip>#[^\n]*|\\\n)|(?<string>"""(?:[^\\]|\\[\s\S])*?(?:"""|$)|'''(?:[^\\]|\\[\s\S])*?(?:'''|$)|"(?:[^"\\\n]|\\[\s\S])*"?|'(?:[^'\\\n]|\\[\s\S])*'?)|(?<open>[([{])|(?<close>[)\]}])|(?<end>\n)|(?<other>[^#\\"'()[\]{}\n]+|\\)/y;

/** Words that begin a statement and stand in no brackets: brackets that are still open before them are a mistake. */
const BEGINS_STATEMENT = /^(def|class|async def|import)\b/;

/** Takes a text apart into statements that end at the end of a line; several on one line stay together. */
export function pythonLines(text: string): PythonLine[] {
  const lines: PythonLine[] = [];
  let [statement, begin, line, depth] = ['', 1, 1, 0];
  const end = () => {
    if (statement.trim() !== '') {
      lines.push({ line: begin, indent: indentOf(statement), text: statement.trim() });
    }
    [statement, begin, depth] = ['', line, 0];
  };
  for (let at = 0; at < text.length; at = PIECE.lastIndex) {
    PIECE.lastIndex = at;
    const groups = PIECE.exec(text)?.groups;
    if (groups === undefined) {
      break;
    }
    const piece = text.slice(at, PIECE.lastIndex);
    line += piece.split('\n').length - 1;
    if (groups.end !== undefined) {
      if (depth === 0 || BEGINS_STATEMENT.test(text.slice(PIECE.lastIndex, PIECE.lastIndex + 10))) {
        end();
      } else {
        statement += ' ';
      }
      continue;
    }
    if (statement.trim() === '' && groups.skip === undefined) {
      begin = line - (piece.split('\n').length - 1);
    }
    depth = Math.max(0, depth + (groups.open === undefined ? 0 : 1) - (groups.close === undefined ? 0 : 1));
    statement += groups.skip !== undefined ? ' ' : groups.string !== undefined ? "''" : piece;
  }
  end();
  return lines;
}

/** Columns before a statement: a tab goes to the next multiple of eight, a form feed back to the start. */
function indentOf(statement: string): number {
  let columns = 0;
  for (const character of /^\s*/.exec(statement)?.[0] ?? '') {
    columns = character === '\f' ? 0 : character === '\t' ? (Math.floor(columns / 8) + 1) * 8 : columns + 1;
  }
  return columns;
}
