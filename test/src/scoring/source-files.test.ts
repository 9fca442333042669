import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type SourceFilesOptions, sourceFiles } from '../../../src/scoring/source-files';
import { folderWith } from '../../fixtures';

const HOME = process.cwd();
afterEach(() => process.chdir(HOME));

const SCRIPT = { 'score.py': 'def init(): ...' };

/** A project whose source folder is `src`, as the current folder. */
function project(files: { readonly [path: string]: string } = SCRIPT): string {
  const entries = Object.entries(files).map(([path, text]) => [`src/${path}`, text]);
  const folder = folderWith({ 'cdktf.json': '{}', ...Object.fromEntries(entries) });
  process.chdir(folder);
  return folder;
}

const read = (options: Partial<SourceFilesOptions> = {}) =>
  sourceFiles({
    entryScript: 'score.py',
    sourceDirectory: 'src',
    maxSourceMiB: 300,
    maxSourceFiles: 2000,
    ...options,
  });
const namesOf = (options?: Partial<SourceFilesOptions>) => read(options).files.map(({ name }) => name);

describe('a source folder', () => {
  test('gives its files by name, in order, with their sizes and the entry script', () => {
    const folder = project({ 'score.py': 'abc', 'lib/b.py': '', 'lib.py': 'x', 'lib/a b.txt': 'four', '.config': '' });

    expect(read({ entryScript: './lib/../score.py' })).toEqual({
      files: [
        { name: '.config', path: join(folder, 'src/.config'), sizeBytes: 0 },
        { name: 'lib.py', path: join(folder, 'src/lib.py'), sizeBytes: 1 },
        { name: 'lib/a b.txt', path: join(folder, 'src/lib/a b.txt'), sizeBytes: 4 },
        { name: 'lib/b.py', path: join(folder, 'src/lib/b.py'), sizeBytes: 0 },
        { name: 'score.py', path: join(folder, 'src/score.py'), sizeBytes: 3 },
      ],
      entryScript: 'score.py',
      title: 'src/score.py',
      problems: [],
      warnings: [],
    });
  });

  test('may be named with its whole path, and with a slash at the end', () => {
    const folder = project();

    expect(namesOf({ sourceDirectory: join(folder, 'src') })).toEqual(['score.py']);
    expect(read({ sourceDirectory: 'src/' }).title).toBe('src/score.py');
  });

  test('may have the script deeper down', () => {
    project({ 'app/score.py': '' });

    expect(read({ entryScript: 'app/score.py' })).toMatchObject({ entryScript: 'app/score.py', problems: [] });
  });

  test('follows the .dockerignore at its top and no other', () => {
    project({
      ...SCRIPT,
      '.dockerignore': 'data\n!data/keep.csv\n**/*.log',
      'data/a.csv': '',
      'data/keep.csv': '',
      'lib/.dockerignore': 'b.py',
      'lib/b.py': '',
      'lib/c.log': '',
    });

    expect(namesOf()).toEqual(['data/keep.csv', 'lib/.dockerignore', 'lib/b.py', 'score.py']);
  });

  test('leaves out what is always left out, unless its .dockerignore brings it back', () => {
    const files = { ...SCRIPT, '.git/HEAD': '', '__pycache__/score.pyc': '', '.env': 'KEY=1' };
    project(files);
    expect(namesOf()).toEqual(['score.py']);

    project({ ...files, '.dockerignore': '!.env' });
    expect(namesOf()).toEqual(['.env', 'score.py']);
  });

  test('has what links inside of it lead to', () => {
    const folder = project({ ...SCRIPT, 'lib/a.py': 'x' });
    symlinkSync('lib', join(folder, 'src/linked'));
    symlinkSync('score.py', join(folder, 'src/main.py'));

    expect(namesOf()).toEqual(['lib/a.py', 'linked/a.py', 'main.py', 'score.py']);
  });

  test('may be a link itself', () => {
    const folder = project();
    symlinkSync('src', join(folder, 'link'));

    expect(namesOf({ sourceDirectory: 'link' })).toEqual(['score.py']);
  });
});

describe('without a source folder', () => {
  test('there is the script alone, at the top', () => {
    const folder = project({ 'score.py': 'abc', 'helper.py': '' });

    expect(read({ sourceDirectory: undefined, entryScript: 'src/score.py' })).toEqual({
      files: [{ name: 'score.py', path: join(folder, 'src/score.py'), sizeBytes: 3 }],
      entryScript: 'score.py',
      title: 'src/score.py',
      problems: [],
      warnings: [],
    });
    expect(namesOf({ sourceDirectory: undefined, entryScript: join(folder, 'src/score.py') })).toEqual(['score.py']);
  });

  test.each([
    ['src/scores.py', 'score.py'],
    ['src/Score.py', 'score.py'],
    ['src/other.py', undefined],
  ])('a script that is missing is refused, with the place and the nearest name: %s', (entryScript, near) => {
    const folder = project();

    expect(read({ sourceDirectory: undefined, entryScript })).toMatchObject({
      files: [],
      problems: [
        `the entry script '${entryScript}' does not exist; it was looked for at '${join(folder, entryScript)}'` +
          (near === undefined ? '' : `; there is '${near}'`),
      ],
    });
  });

  test('a folder is refused', () => {
    project({ 'score.py/x': '' });

    expect(read({ sourceDirectory: undefined, entryScript: 'src/score.py' }).problems).toEqual([
      "the entry script 'src/score.py' is not a file",
    ]);
  });

  test('a name that cannot be carried is refused', () => {
    project({ 'score?.py': '' });

    expect(read({ sourceDirectory: undefined, entryScript: 'src/score?.py' }).problems).toHaveLength(1);
  });
});

describe('an entry script fails', () => {
  test.each(['../score.py', '/app/score.py', 'lib/../../score.py', 'C:/score.py'])(
    'outside of the folder: %s',
    (entryScript) => {
      project();

      expect(read({ entryScript })).toMatchObject({
        files: [],
        problems: [
          `entryScript is relative to sourceDirectory and lies in it; got '${entryScript}' and the sourceDirectory 'src'; ` +
            'name the folder of all that the script needs, and the script in it',
        ],
      });
    },
  );

  test('with backslashes, and so does the folder', () => {
    project();

    expect(read({ entryScript: 'app\\score.py', sourceDirectory: '.\\src' }).problems).toEqual([
      "entryScript has forward slashes on every machine; got 'app\\score.py'; write 'app/score.py'",
      "sourceDirectory has forward slashes on every machine; got '.\\src'; write './src'",
    ]);
  });

  test.each(['', 'score', 'score.PY', 'score.ipynb', 'src/'])('that is no file of Python: %j', (entryScript) => {
    project();

    expect(read({ entryScript }).problems).toEqual([
      `entryScript names a file of Python, which ends with .py; got '${entryScript}'`,
    ]);
  });

  test.each([
    ['scor.py', 'score.py'],
    ['lib/score.py', 'score.py'],
    ['deep.py', 'lib/deep.py'],
  ])('that is missing, with the place and the nearest name: %s', (entryScript, near) => {
    const folder = project({ ...SCRIPT, 'lib/deep.py': '' });

    expect(read({ entryScript }).problems).toEqual([
      `the entry script 'src/${entryScript}' does not exist; it was looked for at '${join(folder, 'src', entryScript)}'; ` +
        `there is '${near}'`,
    ]);
  });

  test('that is a folder', () => {
    project({ 'score.py/a': '' });

    expect(read().problems).toEqual(["the entry script 'src/score.py' is not a file"]);
  });

  test.each(['*.py', 'app'])('that .dockerignore leaves out: %s', (pattern) => {
    project({ 'app/score.py': '', '.dockerignore': `**/${pattern}` });

    expect(read({ entryScript: 'app/score.py' }).problems).toEqual([
      "the entry script 'src/app/score.py' is left out by .dockerignore or by what is always left out; add the line " +
        "'!app/score.py' to the end of .dockerignore",
    ]);
  });
});

describe('a source folder fails', () => {
  test('that is missing, with the place', () => {
    const folder = project();

    expect(read({ sourceDirectory: 'nope' }).problems).toEqual([
      `the sourceDirectory 'nope' does not exist; it was looked for at '${join(folder, 'nope')}'`,
    ]);
  });

  test('that is a file', () => {
    project();

    expect(read({ sourceDirectory: 'src/score.py' }).problems).toEqual([
      "the sourceDirectory 'src/score.py' is not a folder; name the folder of the entry script",
    ]);
  });

  test('whose .dockerignore Docker would not read', () => {
    project({ ...SCRIPT, '.dockerignore': 'a\n[' });

    expect(read().problems).toEqual([expect.stringMatching(/^src\/\.dockerignore:2: '\[' is no pattern of Docker/)]);
  });

  test('whose .dockerignore cannot be read', () => {
    project({ ...SCRIPT, '.dockerignore/x': '' });

    expect(read().problems).toEqual([expect.stringMatching(/^the sourceDirectory 'src' cannot be read: EISDIR/)]);
  });

  test.each([
    ['out of the folder', '../cdktf.json', 'leads out of the folder; put what it leads to into the folder, or'],
    ['to its own folder', '.', 'to a folder that holds it, without end;'],
    ['nowhere', 'gone', 'leads nowhere;'],
    ['to itself', 'link', 'leads to itself;'],
  ])('with a link %s, by name', (_, target, what) => {
    const folder = project();
    symlinkSync(target, join(folder, 'src/link'));

    expect(read().problems).toHaveLength(1);
    expect(read().problems[0]).toMatch(/^'src\/link' is a link /);
    expect(read().problems[0]).toContain(`${what} remove it, or name it in .dockerignore`);

    writeFileSync(join(folder, 'src/.dockerignore'), 'link');
    expect(namesOf()).toEqual(['score.py']);
  });

  test('with links that hold one another', () => {
    const folder = project({ ...SCRIPT, 'a/x': '', 'b/y': '' });
    symlinkSync('../b', join(folder, 'src/a/to-b'));
    symlinkSync('../a', join(folder, 'src/b/to-a'));

    expect(read().problems).toEqual([
      "'src/a/to-b/to-a' is a link to a folder that holds it, without end; remove it, or name it in .dockerignore",
      "'src/b/to-a/to-b' is a link to a folder that holds it, without end; remove it, or name it in .dockerignore",
    ]);
  });

  test('with what is neither a file nor a folder', () => {
    const folder = project();
    execFileSync('mkfifo', [join(folder, 'src/pipe')]);

    expect(read().problems).toEqual([
      "'src/pipe' is neither a file nor a folder; remove it, or name it in .dockerignore",
    ]);
  });

  test.each([
    ['line\nbreak.txt', 'a control character or one of'],
    ['what?.txt', 'a control character or one of'],
    ['100%.txt', 'a control character or one of'],
    ['a#b.txt', 'a control character or one of'],
    ['back\\slash.txt', 'a control character or one of'],
    ['${name}.txt', 'a control character or one of'],
    ['private\uE000.txt', 'a control character or one of'],
    ['dot.', 'a name that ends with a dot'],
    ['dots./a.txt', 'a name that ends with a dot'],
    [`${'d/'.repeat(400)}a.txt`, 'a path of 805 characters, and may have 768'],
  ])('with a name that does not arrive: %j', (name, what) => {
    project({ ...SCRIPT, [name]: '' });

    expect(read().problems).toEqual([expect.stringContaining(`the file ${JSON.stringify(name)} has `)]);
    expect(read().problems[0]).toContain(what);
  });

  test('with a name that is not UTF-8', () => {
    const folder = project();
    writeFileSync(Buffer.concat([Buffer.from(join(folder, 'src/')), Buffer.from([0x63, 0xe9])]), '');

    expect(read().problems).toEqual([expect.stringContaining('a name that is not UTF-8; rename it')]);
  });

  test('with many such files, of which a few are named', () => {
    project({ ...SCRIPT, ...Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`${index}?`, ''])) });

    expect(read().problems).toHaveLength(6);
    expect(read().problems.at(-1)).toBe('3 more files cannot go into the image');
  });

  test.each(['"quoted".txt', "it's.txt", 'a:b*c|<d>.txt', 'été 😀.txt', '$HOME.txt', '{{name}}.py', '-rf', '~'])(
    'not with the name %s',
    (name) => {
      project({ ...SCRIPT, [name]: '' });

      expect(namesOf()).toContain(name);
    },
  );
});

describe('the limits of a source folder', () => {
  test('are kept to the byte and to the file', () => {
    project({ 'score.py': 'x'.repeat(2 ** 20 - 2), 'a.txt': '12' });

    expect(read({ maxSourceMiB: 1, maxSourceFiles: 2 }).problems).toEqual([]);
    expect(read({ maxSourceMiB: 1, maxSourceFiles: 1 }).problems).toHaveLength(1);
    writeFileSync('src/a.txt', '123');
    expect(read({ maxSourceMiB: 1, maxSourceFiles: 2 }).problems).toHaveLength(1);
  });

  test('refuse files that are too large, and name the largest', () => {
    project({
      ...SCRIPT,
      'data/a': 'x'.repeat(900_000),
      'data/deep/b': 'x'.repeat(900_000),
      'c.bin': 'xx',
      'd.bin': 'x',
    });

    expect(read({ maxSourceMiB: 1 })).toMatchObject({
      files: [],
      problems: [
        "the sourceDirectory 'src' has 5 files of 1.7 MiB, and 2000 files (maxSourceFiles) of 1 MiB (maxSourceMiB) are " +
          "allowed; the largest are 'data/' (2 files, 1.7 MiB), 'score.py' (1 KiB), 'c.bin' (1 KiB); name in .dockerignore " +
          'what the script does not need, or allow more',
      ],
    });
  });

  test('refuse too many files, and name the folders that have most', () => {
    project({ 'score.py': 'x'.repeat(5000), 'many/1': '', 'many/2': '', 'many/3': '', 'few/1': '', 'few/2': '' });

    expect(read({ maxSourceFiles: 5 }).problems[0]).toContain(
      "has 6 files of 5 KiB, and 5 files (maxSourceFiles) of 300 MiB (maxSourceMiB) are allowed; the largest are 'many/' " +
        "(3 files, 0 KiB), 'few/' (2 files, 0 KiB), 'score.py' (5 KiB); ",
    );
  });

  test('end the counting where a folder has far too many', () => {
    project({ ...SCRIPT, ...Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`data/${index}`, ''])) });

    expect(read({ maxSourceFiles: 1 }).problems).toEqual([
      expect.stringMatching(/^the sourceDirectory 'src' has more than 20 files of /),
    ]);
  });

  test('do not count what is left out', () => {
    project({ ...SCRIPT, 'venv/a': '', 'venv/b': '', 'data/a': '', '.dockerignore': 'data' });

    expect(namesOf({ maxSourceFiles: 1 })).toEqual(['score.py']);
  });

  test('are reported with all else that is wrong', () => {
    project({ 'a?': '', b: '', '.dockerignore': '[' });

    expect(read({ maxSourceFiles: 1 }).problems).toHaveLength(4);
  });
});

describe('a warning', () => {
  test('names files that look like secrets', () => {
    project({ ...SCRIPT, 'certs/Server.PEM': '', id_rsa: '', '.env.example': '', 'keys.py': '', 'secrets.json': '' });

    expect(read().warnings).toEqual([
      'files that hold secrets by their names go into the image, where all who can pull it read them: ' +
        "'src/certs/Server.PEM', 'src/id_rsa', 'src/secrets.json'; leave them out by .dockerignore, and let the script read " +
        'secrets from a key vault',
    ]);
    writeFileSync('src/.dockerignore', '**/*.PEM\nid_rsa\nsecrets.json');
    expect(read().warnings).toEqual([]);
  });

  test('names five of many', () => {
    project({ ...SCRIPT, ...Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`${index}.pem`, ''])) });

    expect(read().warnings[0]).toContain("'src/4.pem' and 2 more; ");
  });

  test.each(['.env.local', 'a.key', 'a.pfx', 'a.p12', 'id_ed25519', '.netrc', '.npmrc', 'credentials', 'x.tfvars'])(
    'is given for %s',
    (name) => {
      project({ ...SCRIPT, [name]: '' });

      expect(read().warnings).toHaveLength(1);
    },
  );

  test('says that .amlignore is not read, unless there is a .dockerignore', () => {
    project({ ...SCRIPT, '.amlignore': '*.csv', 'a.csv': '' });

    expect(namesOf()).toEqual(['a.csv', 'score.py']);
    expect(read().warnings).toEqual([
      "'src/.amlignore' is not read, so that what it names goes into the image; rename it to .dockerignore, where '*.csv' " +
        "means the files of the first folder alone and '**/*.csv' those of all folders",
    ]);
    mkdirSync('src/lib');
    writeFileSync('src/.dockerignore', '');
    expect(read().warnings).toEqual([]);
  });
});
