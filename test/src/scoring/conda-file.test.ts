import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { parseConda, readCondaFile } from '../../../src/scoring/conda-file';
import { folderWith } from '../../fixtures';

const HOME = process.cwd();
afterEach(() => process.chdir(HOME));

const parse = (text: string) => parseConda(text, { name: 'conda.yml', hasLines: true, folder: '' });
const problemsOf = (...lines: string[]) => parse(lines.join('\n')).problems;
const warningsOf = (...lines: string[]) => parse(lines.join('\n')).warnings;

describe('a conda file', () => {
  test('is read with the lines of what it names', () => {
    const { channels, packages, pip, problems, warnings } = parse(`name: any
prefix: /opt/any
channels:
- conda-forge
dependencies:
# why
- python=3.12
- pip:
  - onnxruntime==1.23.2
  - --pre
- numpy >=1,<2
- "scipy"
`);

    expect(channels).toEqual(['conda-forge']);
    expect(packages).toEqual([
      { text: 'python=3.12', origin: 'conda.yml:7' },
      { text: 'numpy >=1,<2', origin: 'conda.yml:11' },
      { text: 'scipy', origin: 'conda.yml:12' },
    ]);
    expect(pip).toEqual([
      { text: 'onnxruntime==1.23.2', origin: 'conda.yml:9' },
      { text: '--pre', origin: 'conda.yml:10' },
    ]);
    expect([problems, warnings]).toEqual([[], []]);
  });

  test('may have anchors', () => {
    const { packages, problems } = parse(
      'dependencies:\n- &np numpy\n- *np\nchannels: &c [conda-forge]\nplatforms: *c',
    );

    expect(packages.map(({ text }) => text)).toEqual(['numpy', 'numpy']);
    expect(problems).toEqual([]);
  });

  test('gives what lists that it was written from held', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
    const version = fc.constantFrom('', '=1.2', '>=1,<2', ' =3.10');
    const conda = fc.array(fc.tuple(name, version).map((parts) => parts.join('')));
    const pip = fc.array(fc.tuple(name, fc.constantFrom('', '==1.2', '>=1,<2')).map((parts) => parts.join('')));
    fc.assert(
      fc.property(conda, pip, fc.array(name), (packages, pipPackages, channels) => {
        const read = parse(stringify({ channels, dependencies: [...packages, { pip: pipPackages }] }));
        expect(read.problems).toEqual([]);
        expect(read.channels).toEqual(channels);
        expect(read.packages.map(({ text }) => text)).toEqual(packages);
        expect(read.pip.map(({ text }) => text)).toEqual(pipPackages);
      }),
    );
  });

  test('is named as the program names it, and names requirements beside it', () => {
    process.chdir(
      folderWith({
        'cdktf.json': '{}',
        'env/conda.yml': '\uFEFFdependencies:\r\n- pip:\r\n  - -r requirements.txt\r\n  - numpy=1.2\r\n',
        'env/requirements.txt': 'scipy',
      }),
    );
    const { pip, problems } = readCondaFile('env/conda.yml');

    expect(pip).toEqual([{ text: 'scipy', origin: 'env/requirements.txt:1' }]);
    expect(problems).toEqual(["env/conda.yml:4: 'numpy=1.2' is how conda writes it; pip takes 'numpy==1.2'"]);
  });

  test('fails to be missing', () => {
    expect(readCondaFile('gone.yml').problems).toEqual([
      expect.stringMatching(/^the conda file 'gone\.yml' does not exist; it was looked for at '.*gone\.yml'$/),
    ]);
  });

  test.each<[string, string]>([
    ['dependencies:\n\t- numpy', 'conda.yml:2:1: a tab stands before the text of this line; YAML takes spaces alone'],
    ['a: 1\na: 2', 'conda.yml:2:1: the same key stands above already; put the two together'],
    ['channels: "x\n', 'conda.yml:2:1: a quotation mark, a bracket or a colon is missing'],
    ['a: 1\n---\nb: 2', "conda.yml:2:1: '---' starts a second document; a file describes one environment"],
    [
      'dependencies:\n - numpy\n- scipy',
      'conda.yml:3:1: this is not YAML; check the indentation, which lines of one list share, and colons and brackets',
    ],
  ])('fails to be no YAML: %j', (text, problem) => {
    expect(parse(text)).toMatchObject({ problems: [problem], packages: [], channels: [], pip: [] });
  });

  test.each([
    ['', 'nothing'],
    ['- numpy', 'a list'],
    ['numpy', 'a text'],
    ['5', '5 without quotation marks'],
  ])('fails to be something else than an environment: %j', (text, got) => {
    expect(problemsOf(text)).toEqual([
      `conda.yml must hold the parts of a conda environment, 'channels:' and 'dependencies:'; got ${got}`,
    ]);
  });
});

describe('dependencies', () => {
  test('must be there, as a list', () => {
    expect(problemsOf('name: any')).toEqual(["conda.yml has no 'dependencies:', the list of what to install"]);
    expect(problemsOf('dependencies:')).toEqual(["conda.yml has no 'dependencies:', the list of what to install"]);
    expect(problemsOf('dependencies: numpy')).toEqual([
      "conda.yml:1: 'dependencies' must be a list, a line '- numpy' for each package; got a text",
    ]);
    expect(problemsOf('dependencies:', '  numpy: 1.2')).toEqual([
      "conda.yml:2: 'dependencies' must be a list, a line '- numpy' for each package; got 'key: value'",
    ]);
  });

  test('fail to have a version behind a colon, which YAML would take for a number', () => {
    expect(problemsOf('dependencies:', '- python: 3.10')).toEqual([
      'conda.yml:2: a package and its version are one text, with an equals sign and no colon; write ' +
        "'- python=3.10'",
    ]);
  });

  test.each([
    ['3.10', '3.10 without quotation marks'],
    ['true', 'true without quotation marks'],
    ['', 'nothing'],
    ['[numpy]', 'a list'],
  ])('fail to be no texts: %s', (entry, got) => {
    expect(problemsOf('dependencies:', `- ${entry}`)).toEqual([
      expect.stringMatching(/^conda\.yml:2: a package is a text, such as '- numpy=2\.2'; got /),
    ]);
    expect(problemsOf('dependencies:', `- ${entry}`)[0]).toMatch(new RegExp(`; got ${got}$`));
  });

  test('fail to run over lines, as they do where the second is indented further', () => {
    expect(problemsOf('dependencies:', '- python=3.12', '  - numpy')).toEqual([
      "conda.yml:2: one text goes over several lines; indent each '-' of a list alike",
    ]);
  });

  test('fail to be what conda does not install', () => {
    expect(problemsOf('dependencies:', '- -r requirements.txt')).toEqual([
      "conda.yml:2: '-r requirements.txt' is no package of conda; write its name and version, such as 'numpy=2.2', and " +
        "what pip installs below '- pip:'",
    ]);
    expect(problemsOf('dependencies:', '- git+https://github.com/a/b')).toEqual([
      expect.stringMatching(/^conda\.yml:2: an address is no package of conda/),
    ]);
  });

  test('have one list for pip', () => {
    expect(problemsOf('dependencies:', '- pip:', '  - a', '- pip:', '  - b')).toEqual([
      "conda.yml:4: a second 'pip:', of which conda takes one alone; put the two together",
    ]);
    expect(problemsOf('dependencies:', '- pip:', '- numpy')).toEqual([
      "conda.yml:2: 'pip:' must be followed by a list, a line '- onnxruntime==1.23.2' for each package, indented " +
        'further; got nothing',
    ]);
    expect(problemsOf('dependencies:', '- pip:', '  - 1.2')).toEqual([
      "conda.yml:3: a package is a text, such as '- onnxruntime==1.23.2'; got 1.2 without quotation marks",
    ]);
  });
});

describe('channels', () => {
  test('must be a list of texts', () => {
    expect(problemsOf('channels: conda-forge', 'dependencies: []')).toEqual([
      "conda.yml:1: 'channels' must be a list, a line '- conda-forge' for each; got a text",
    ]);
    expect(problemsOf('channels: [1]', 'dependencies: []')).toEqual([
      "conda.yml:1: a channel is a text, such as '- conda-forge'; got 1 without quotation marks",
    ]);
  });

  test('fail to hold a password, which is not quoted', () => {
    const problems = problemsOf(
      'channels: ["https://me:secret@example.com/a"]',
      'dependencies:',
      '- https://example.com/t/secret/a::numpy',
      '- python: https://me:secret@example.com',
      '- pip: ["https://secret@example.com/a.whl"]',
    );

    expect(problems.map((problem) => problem.split(':').slice(0, 2).join(':'))).toEqual([
      'conda.yml:1',
      'conda.yml:3',
      'conda.yml:4',
      'conda.yml:5',
    ]);
    expect(problems.join()).not.toContain('secret');
  });
});

describe('other keys', () => {
  test('are doubtful, with the nearest that conda knows', () => {
    expect(warningsOf('dependencies: []', 'chanels: []', 'what-is-this: 1')).toEqual([
      "conda.yml:2: conda knows no 'chanels'; did you mean 'channels'?",
      "conda.yml:3: conda knows no 'what-is-this'",
    ]);
  });

  test('that set variables do not reach a service', () => {
    expect(warningsOf('dependencies: []', 'variables:', '  A: b')).toEqual([
      "conda.yml:2: 'variables' are set by conda where an environment is activated, which no service does; give the " +
        'environment environmentVariables',
    ]);
  });
});

test('without lines, messages name the source alone', () => {
  const source = { name: 'config.json: condaDependencies', hasLines: false, folder: '' };

  expect(parseConda('{"dependencies": [3.1, "numpy"]}', source)).toMatchObject({
    packages: [{ text: 'numpy', origin: 'config.json: condaDependencies' }],
    problems: [
      "config.json: condaDependencies: a package is a text, such as '- numpy=2.2'; got 3.1 without quotation marks",
    ],
  });
});
