import { afterEach, describe, expect, test } from 'vitest';
import { pipListing, readRequirements } from '../../../src/scoring/requirements-file';
import { folderWith } from '../../fixtures';

const HOME = process.cwd();
afterEach(() => process.chdir(HOME));

function read(files: { readonly [name: string]: string }, path = 'requirements.txt') {
  process.chdir(folderWith({ 'cdktf.json': '{}', ...files }));
  const { lines, problems } = readRequirements(path);
  return { lines: lines.map(({ text, origin }) => `${origin} ${text}`), problems };
}

const problemsOf = (text: string) => pipListing([{ text, origin: 'pip' }], '').problems;

const NO_LOCAL = '; name a package with its version, or put the code into the folder of the script';

describe('a requirements file', () => {
  test('is read without comments and blank lines, with long lines joined, and line by line', () => {
    const text = [
      '\uFEFF# what the script imports',
      '',
      'numpy==2.2.0  # arrays',
      'onnxruntime \\',
      '  >=1.20 \\',
      '  --hash=sha256:abc',
      '   ',
      'torch @ https://example.com/torch.whl#sha256=abc',
      'git+https://github.com/a/b@v1#egg=b',
    ].join('\r\n');

    expect(read({ 'requirements.txt': text })).toEqual({
      lines: [
        'requirements.txt:3 numpy==2.2.0',
        'requirements.txt:4 onnxruntime >=1.20 --hash=sha256:abc',
        'requirements.txt:8 torch @ https://example.com/torch.whl#sha256=abc',
        'requirements.txt:9 git+https://github.com/a/b@v1#egg=b',
      ],
      problems: [],
    });
  });

  test.each(['-r other.txt', '-rother.txt', '--requirement other.txt', '--requirement=other.txt'])(
    'names others that are read from beside it: %s',
    (line) => {
      expect(
        read({ 'app/requirements.txt': `numpy\n${line}\nscipy`, 'app/other.txt': 'pandas' }, 'app/requirements.txt'),
      ).toEqual({
        lines: ['app/requirements.txt:1 numpy', 'app/other.txt:1 pandas', 'app/requirements.txt:3 scipy'],
        problems: [],
      });
    },
  );

  test('fails to name itself by way of another', () => {
    const files = { 'requirements.txt': '-r other.txt', 'other.txt': 'numpy\n-r requirements.txt' };

    expect(read(files)).toEqual({
      lines: ['other.txt:1 numpy'],
      problems: ["other.txt:2: 'requirements.txt' names itself again, by '-r'; take one of the two out"],
    });
  });

  test('joins no comment with what follows, and nothing with its end', () => {
    expect(read({ 'requirements.txt': '# numpy \\\nscipy\npandas \\' })).toEqual({
      lines: ['requirements.txt:2 scipy'],
      problems: [expect.stringMatching(/^requirements\.txt:3: /)],
    });
  });

  test('may be named twice by another', () => {
    expect(read({ 'requirements.txt': '-r a.txt\n-r a.txt', 'a.txt': 'numpy' }).problems).toEqual([]);
  });

  test('fails to be missing', () => {
    expect(read({}, 'gone.txt').problems).toEqual([
      expect.stringMatching(/^the requirements file 'gone\.txt' does not exist; it was looked for at '.*gone\.txt'$/),
    ]);
    expect(read({ 'requirements.txt': '-r gone.txt' }).problems).toEqual([
      expect.stringMatching(/'gone\.txt' does not/),
    ]);
  });
});

describe('a line of pip', () => {
  test.each([
    '--extra-index-url https://example.com/simple',
    '--index-url=https://example.com/simple',
    '-f https://example.com/wheels',
    '--pre',
    '--no-binary :all:',
  ])('may be an option, which stays as it is: %s', (text) => {
    expect(pipListing([{ text, origin: 'pip' }], '')).toEqual({ lines: [{ text, origin: 'pip' }], problems: [] });
  });

  test.each([
    '-e .',
    '-e git+https://github.com/a/b',
    '--editable ./lib',
    '-c constraints.txt',
    '--constraint=constraints.txt',
    '-f ./wheels',
    '--find-links wheels',
    './lib',
    '../lib',
    '/opt/lib',
    'wheels/a-1.0-py3-none-any.whl',
    'a-1.0-py3-none-any.whl',
    'C:\\lib',
    'file:///opt/lib',
    'lib @ file:///opt/lib',
    'lib @ ./lib',
  ])('fails to name what this machine alone has: %s', (text) => {
    const got = text.includes('://') ? 'an address' : `'${text}'`;

    expect(problemsOf(text)).toEqual([
      `pip: the build of an image has no files of this machine but the script's; got ${got}${NO_LOCAL}`,
    ]);
  });

  test('fails to hold a password, which is not quoted', () => {
    const [problem, ...more] = problemsOf('--extra-index-url https://me:secret@example.com/simple');

    expect(more).toEqual([]);
    expect(problem).toMatch(/^pip: an address must not hold a password/);
    expect(problem).not.toContain('secret');
  });

  test('fails to be written as conda writes it', () => {
    expect(problemsOf('numpy=1.2')).toEqual(["pip: 'numpy=1.2' is how conda writes it; pip takes 'numpy==1.2'"]);
  });

  test('fails to be nothing that pip knows', () => {
    expect(problemsOf('numpy 1.2')).toEqual([
      "pip: 'numpy 1.2' is nothing that pip installs; write a package with its version, such as 'numpy==2.2.0'",
    ]);
    expect(problemsOf(' ')).toEqual(['pip: one package is one line; got an empty text']);
    expect(problemsOf('numpy\nscipy')).toEqual(['pip: one package is one line; got several lines in one text']);
  });

  test('fails to lead to requirements at an address', () => {
    expect(problemsOf('-r https://example.com/requirements.txt')).toEqual([
      'pip: requirements are read from files, and an address may say another thing tomorrow; copy them',
    ]);
  });
});
