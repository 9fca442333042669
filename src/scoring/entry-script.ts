import { nearestSpelling } from '../spelling';
import { decodePython, type PythonLine, pythonLines } from './python-text';

/** Functions that the scoring server calls, and when. */
const CALLED = { init: 'once, when it starts', run: 'with each request' } as const;

type Called = keyof typeof CALLED;

/** Where a name gets its value. */
interface Binding {
  readonly name: string;
  readonly line: number;

  /** Whether it is a function or a class. */
  readonly isDefined?: boolean;

  /** Whether it is a function that must be awaited. */
  readonly isAsync?: boolean;

  /** What it is inside of, in words; nothing at the top of the script. */
  readonly inside?: string;
}

/** A statement whose lines are indented below it. */
interface Block {
  readonly indent: number;

  /** What is inside is no name of the script: why, in words. */
  readonly inside?: string;
}

/** Ways to give a script names that its text does not show. */
const UNSEEN =
  /\bfrom\s+\S+\s+import\s*\(?\s*\*|\b(globals|exec|vars|locals|setattr)\s*\(|\bsys\s*\.\s*modules\b|\b__getattr__\b/;

/** Decorators of the scoring server, which leave a function asynchronous; others may not. */
const KEEPS_ASYNC = /^@\s*(\w+\.)*(rawhttp|input_schema|output_schema)\b/;

/**
 * What is wrong with a script that the scoring server is to load: it needs the functions `init` and `run`, at the top.
 *
 * Nothing of it is run, so that what its text does not show counts as there.
 *
 * @param name path of the script as the program names it, for messages
 * @param contents the file
 * @see https://pypi.org/project/azureml-inference-server-http/
 */
export function entryScriptProblems(name: string, contents: Buffer): string[] {
  const { text, problem } = decodePython(contents);
  if (text === undefined) {
    return [`${name}${problem}`];
  }
  const lines = pythonLines(text);
  const bindings = bindingsOf(lines);
  const mayHaveMore = lines.some((line) => UNSEEN.test(line.text));
  return (['init', 'run'] as const).flatMap((called) => functionProblems(called, bindings, mayHaveMore, name));
}

function functionProblems(
  called: Called,
  bindings: readonly Binding[],
  mayHaveMore: boolean,
  script: string,
): string[] {
  const why = `the scoring server calls ${called}() ${CALLED[called]}`;
  const same = bindings.filter(({ name }) => name === called);
  const atTheTop = same.filter(({ inside }) => inside === undefined);
  const [first] = atTheTop;
  if (first !== undefined) {
    return atTheTop.every(({ isAsync }) => isAsync)
      ? [
          `${script}:${first.line}: ${called}() is 'async def', and ${why} without awaiting it; write 'def ${called}', with ` +
            'asyncio.run() inside where something must be awaited',
        ]
      : [];
  }
  if (mayHaveMore) {
    return [];
  }
  const [hidden] = same;
  if (hidden !== undefined) {
    return [
      `${script}:${hidden.line}: ${called}() ${hidden.inside}; ${why}, and finds it at the top of the script alone`,
    ];
  }
  const near = nearName(
    called,
    bindings.filter(({ inside, isDefined, name }) => inside === undefined && isDefined && !(name in CALLED)),
  );
  return near === undefined
    ? [`${script}: has no function ${called}(); ${why}; define it at the top of the script`]
    : [`${script}:${near.line}: defines '${near.name}'; ${why}, so that its name must be '${called}'`];
}

/** A name that was probably meant. */
function nearName(called: Called, bindings: readonly Binding[]): Binding | undefined {
  const bare = (name: string) => name.toLowerCase().replaceAll('_', '');
  const likeIt = bindings.filter(({ name }) => bare(name).startsWith(called.charAt(0)));
  const nearest = nearestSpelling(
    called,
    likeIt.map(({ name }) => bare(name)),
  );
  return likeIt.find(({ name }) => bare(name) === nearest);
}

/** Every name that the script gives a value, in order. */
function bindingsOf(lines: readonly PythonLine[]): Binding[] {
  const bindings: Binding[] = [];
  const blocks: Block[] = [];
  let decorators: string[] = [];
  for (const { line, indent, text } of lines) {
    while (blocks.length > 0 && (blocks.at(-1)?.indent ?? 0) >= indent) {
      blocks.pop();
    }
    if (text.startsWith('@')) {
      decorators.push(text);
      continue;
    }
    const inside = blocks.at(-1)?.inside;
    const { names, isDefined, isAsync, header, rest } = readStatement(text);
    const staysAsync = isAsync && decorators.every((each) => KEEPS_ASYNC.test(each));
    decorators = [];
    bindings.push(...names.map((name) => ({ name, line, inside, isDefined, isAsync: staysAsync })));
    const block = { indent, inside: insideOf(header) ?? inside };
    blocks.push(block);
    bindings.push(...simpleNames(rest).map((name) => ({ name, line, inside: block.inside })));
  }
  return [...bindings, ...globalNames(lines)];
}

/** Names that functions give a value outside of them. */
function globalNames(lines: readonly PythonLine[]): Binding[] {
  return lines.flatMap(({ line, text }) =>
    /^global\s/.test(text) ? identifiers(text.slice('global'.length)).map((name) => ({ name, line })) : [],
  );
}

interface Statement {
  /** Names that the statement itself gives a value. */
  readonly names: readonly string[];

  /** Whether it defines a function or a class. */
  readonly isDefined: boolean;

  /** Whether it is an asynchronous function. */
  readonly isAsync: boolean;

  /** The statement up to its colon; empty where it has none. */
  readonly header: string;

  /** What follows the colon on the same line. */
  readonly rest: string;
}

const COMPOUND = /^(?:async\s+)?(def|class|if|elif|else|try|except|finally|for|while|with|match|case)\b/;

function readStatement(text: string): Statement {
  const kind = COMPOUND.exec(text)?.[1];
  const colon = kind === undefined ? -1 : headerEnd(text);
  // `match` and `case` are names as well
  if (kind === undefined || colon < 0 || (/^(match|case)$/.test(kind) && /^\w+\s*(:|[-+*/%&|^@]?=)/.test(text))) {
    return { names: simpleNames(text), isDefined: false, isAsync: false, header: '', rest: '' };
  }
  const header = text.slice(0, colon);
  const rest = text.slice(colon + 1).trim();
  const defined = /^(?:async\s+)?(?:def|class)\s+([^\W\d]\w*)/u.exec(header)?.[1];
  const names = defined === undefined ? headerNames(kind, header) : [defined];
  const isAsync = kind === 'def' && header.startsWith('async');
  return { names, isDefined: defined !== undefined, isAsync, header, rest };
}

/** The colon that ends the header of a block: not one in brackets, nor a `:=`. */
function headerEnd(text: string): number {
  let depth = 0;
  for (const { 0: piece, index } of text.matchAll(/[([{]|[)\]}]|:=?/g)) {
    if (piece === ':' && depth === 0) {
      return index;
    }
    depth += '([{'.includes(piece) ? 1 : ')]}'.includes(piece) ? -1 : 0;
  }
  return -1;
}

function headerNames(kind: string, header: string): string[] {
  const walrus = [...header.matchAll(/([^\W\d]\w*)\s*:=/gu)].map(([, name = '']) => name);
  if (kind === 'for') {
    return [...walrus, ...identifiers(/\bfor\b(.*?)\bin\b/s.exec(header)?.[1] ?? '')];
  }
  return kind === 'with'
    ? [...walrus, ...[...header.matchAll(/\bas\s+([^\W\d]\w*)/gu)].map(([, name = '']) => name)]
    : walrus;
}

/** Why names of a block are none of the script; nothing where they are. */
function insideOf(header: string): string | undefined {
  const [, kind, name] = /^(?:async\s+)?(def|class)\s+([^\W\d]\w*)/u.exec(header) ?? [];
  if (kind !== undefined) {
    return kind === 'class' ? `belongs to class ${name}` : `is inside of the function ${name}()`;
  }
  return /^(el)?if\b.*\b__name__\s*==/s.test(header)
    ? "is defined under 'if __name__ ==', which holds for programs and not for what the server loads"
    : undefined;
}

/** Names that statements on one line give a value. */
function simpleNames(text: string): string[] {
  return topLevelParts(text, ';').flatMap((statement) => {
    const from = /^from\s+\S+\s+import\b(.*)$/s.exec(statement);
    const imported = from?.[1] ?? /^import\b(.*)$/s.exec(statement)?.[1];
    if (imported !== undefined) {
      return imported.split(',').map((each) => {
        const [, path = '', alias] = /([\w.]+)(?:\s+as\s+(\w+))?/u.exec(each) ?? [];
        return alias ?? path.split('.')[0] ?? '';
      });
    }
    const annotated = /^([^\W\d]\w*)\s*:(?!=).*?[^=!<>:]=(?!=)/su.exec(statement)?.[1];
    if (annotated !== undefined) {
      return [annotated];
    }
    const targets = topLevelParts(statement, '=').slice(0, -1);
    // `run.limit = 1` and `run["limit"] = 1` give no name a value
    return targets.flatMap((target) => identifiers(target.replaceAll(/[\w.]+\s*[.[][^,=]*/gu, '')));
  });
}

/** Parts of a text between a sign that stands in no brackets; `=` is the sign of an assignment alone. */
function topLevelParts(text: string, sign: ';' | '='): string[] {
  const parts: string[] = [];
  let [depth, begin] = [0, 0];
  for (const { 0: piece, index } of text.matchAll(/[=!<>:+\-*/%&|^@]=|[([{]|[)\]}]|[=;]/g)) {
    if (piece === sign && depth === 0) {
      parts.push(text.slice(begin, index).trim());
      begin = index + 1;
    } else if (piece.length === 1 && '([{'.includes(piece)) {
      depth++;
    } else if (piece.length === 1 && ')]}'.includes(piece)) {
      depth--;
    }
  }
  return [...parts, text.slice(begin).trim()];
}

function identifiers(text: string): string[] {
  return [...text.matchAll(/[^\W\d]\w*/gu)].map(([name]) => name);
}
