import { describe, expect, test } from 'vitest';
import { entryScriptProblems } from '../../../src/scoring/entry-script';

const problemsOf = (text: string | Buffer) => entryScriptProblems('source/score.py', Buffer.from(text as string));

const INIT = 'def init():\n    pass\n';
const RUN = 'def run(data):\n    return data\n';
const WHY_INIT = 'the scoring server calls init() once, when it starts';
const WHY_RUN = 'the scoring server calls run() with each request';
const TOP = 'and finds it at the top of the script alone';

describe('a script passes', () => {
  test.each([
    ['with two functions', INIT + RUN],
    ['with a decorator and a function of its own', `${INIT}\n@rawhttp\n${RUN}\n\ndef score(data):\n    return data\n`],
    ['with globals in init()', `def init():\n    global a, b\n    a = 1\n${RUN}`],
    ['that can be run by itself', `${INIT}${RUN}if __name__ == "__main__":\n    init()\n    print(run("{}"))\n`],
    [
      'with functions over several lines',
      'def init(\n    a=(1,\n2),\n): pass\ndef run(data) -> dict: return {\n"a": data}\n',
    ],
    ['with imported functions', 'from lib import init, run'],
    ['with imports in brackets', 'from lib import (\n  init,  # first\n  start as run,\n)'],
    ['with functions of whatever a module has', 'from lib import *'],
    ['with assignments', 'init = load\nrun: Callable = score'],
    ['with several targets', 'init = other = load\na, (run, b) = 1, (2, 3)'],
    ['with statements on one line', 'import lib; init = lib.init; run = lib.run'],
    ['with lambdas', 'init = run = lambda data=None: {1: data}'],
    ['with classes', 'class Run:\n    def __call__(self, data): ...\ninit = print\nrun = Run()\n'],
    [
      'with blocks',
      'if fast:\n    def run(data): ...\nelse:\n    run = slow\ntry:\n    from lib import init\nexcept ImportError:\n    raise\n',
    ],
    ['with blocks on one line', 'with open("a") as init: run = init.read'],
    ['with a loop', 'for init in [1]:\n    while (run := init): break\n'],
    ['with a match', `match kind:\n    case 1:\n        def run(data): ...\n${INIT}`],
    ['whose names an init() gives', 'def init():\n    global run\n    run = print\n'],
    ['whose names nobody sees', 'globals()["run"] = 1\nexec("init = 1")'],
    ['with tabs', INIT.replace('    ', '\t') + RUN.replace('    ', '\t')],
    ['with carriage returns', (INIT + RUN).replaceAll('\n', '\r\n')],
    ['with nothing but carriage returns', (INIT + RUN).replaceAll('\n', '\r')],
    ['with a byte order mark', `\uFEFF${INIT}${RUN}`],
    ['without a line break at the end', `${INIT}def run(data): return data`],
    [
      'with strings of all kinds',
      `a = "'\\""; b = r'\\'; c = f"{d["x"]}"; e = """ ' " """; f = '''\n"\n'''\n${INIT}${RUN}`,
    ],
    ['with lines that go on', `x = 1 + \\\n  2\ny = 'a\\\nb'\n${INIT}${RUN}`],
    ['with a long string', `x = """${'y '.repeat(500_000)}"""\n${INIT}${RUN}`],
    ['with an asynchronous helper', `async def helper(): ...\n${INIT}${RUN}`],
    ['with an asynchronous function that a decorator makes plain', `${INIT}@blocking\nasync def run(data): ...`],
    [
      'as a driver of another script',
      `driver_module = load("main.py")\n${INIT}def run(request): return driver_module.run(request)`,
    ],
    ['with a bracket that stays open, which Python names itself', `x = (\n${INIT}${RUN}`],
  ])('%s', (_, text) => {
    expect(problemsOf(text)).toEqual([]);
  });

  test('in an encoding that it names', () => {
    const text = `# -*- coding: latin-1 -*-\n# café\n${INIT}${RUN}`;

    expect(problemsOf(Buffer.from(text, 'latin1'))).toEqual([]);
    expect(problemsOf(Buffer.from(`#!/usr/bin/python\n${text}`, 'latin1'))).toEqual([]);
  });
});

describe('a script fails', () => {
  test('without the two functions', () => {
    expect(problemsOf('print("hello")\n')).toEqual([
      `source/score.py: has no function init(); ${WHY_INIT}; define it at the top of the script`,
      `source/score.py: has no function run(); ${WHY_RUN}; define it at the top of the script`,
    ]);
    expect(problemsOf('')).toHaveLength(2);
  });

  test.each([
    ['comments', `# def run(data): ...\n${INIT}`],
    ['strings', `${INIT}a = "def run(data): ..."\n`],
    ['texts of several lines', `"""\ndef run(data): ...\n"""\n${INIT}`],
    ['calls and arguments', `${INIT}run(1)\nserve(run=1)\nprint(run == 1)\n`],
    ['attributes and items', `${INIT}x.run = 1\nx["run"] = 2\nrun.limit = 3\n`],
    ['names of functions that are like others', `${INIT}import random, ruamel\nruns = 1\ndef fun(data): ...\n`],
  ])('with its functions in %s', (_, text) => {
    expect(problemsOf(text)).toEqual([
      `source/score.py: has no function run(); ${WHY_RUN}; define it at the top of the script`,
    ]);
  });

  test.each([
    ['Run', `${INIT}\ndef Run(data): ...`, 4],
    ['_run', `${INIT}def _run(data): ...`, 3],
    ['runs', `${INIT}def runs(data): ...`, 3],
  ])('with a name that is nearly right: %s', (name, text, line) => {
    expect(problemsOf(text)).toEqual([
      `source/score.py:${line}: defines '${name}'; ${WHY_RUN}, so that its name must be 'run'`,
    ]);
  });

  test.each([
    [
      'a method',
      `${INIT}class Model:\n    x = 1\n    def run(self, data):\n        pass\n`,
      5,
      'belongs to class Model',
    ],
    [
      'a function in a function',
      `${INIT}def main():\n\tif 1:\n\t\tdef run(data): ...\n`,
      5,
      'is inside of the function main()',
    ],
    ['a method behind a byte order mark', `\uFEFFclass A:\n def run(self): ...\n${INIT}`, 2, 'belongs to class A'],
    ['a method on the line of its class', `${INIT}class A: run = 1`, 3, 'belongs to class A'],
    [
      'a function of the program',
      `${INIT}if __name__ == '__main__':\n    def run(data): ...\n`,
      4,
      "is defined under 'if __name__ ==', which holds for programs and not for what the server loads",
    ],
  ])('with %s', (_, text, line, what) => {
    expect(problemsOf(text)).toEqual([`source/score.py:${line}: run() ${what}; ${WHY_RUN}, ${TOP}`]);
  });

  test.each(['', '@blocking\ndef other(): ...\n', '@rawhttp\n', '@input_schema("data", x)\n'])(
    'with an asynchronous function, decorated by %j',
    (decorator) => {
      const line = 2 + decorator.split('\n').length;

      expect(problemsOf(`${INIT}${decorator}async def run(data):\n    return data\n`)).toEqual([
        `source/score.py:${line}: run() is 'async def', and ${WHY_RUN} without awaiting it; write 'def run', with ` +
          'asyncio.run() inside where something must be awaited',
      ]);
    },
  );

  test('in an encoding that it does not name, with the line', () => {
    expect(problemsOf(Buffer.from(`${INIT}# café\n${RUN}`, 'latin1'))).toEqual([
      'source/score.py:3: is not UTF-8, as Python expects; save the file as UTF-8, or name its encoding in the first line: ' +
        '# -*- coding: latin-1 -*-',
    ]);
  });

  test('in UTF-16, which Python does not read', () => {
    expect(problemsOf(Buffer.from(`\uFEFF${INIT}${RUN}`, 'utf16le'))).toEqual([
      'source/score.py: is no text that Python reads: it has bytes of value 0, as UTF-16 has; save it as UTF-8',
    ]);
  });
});
