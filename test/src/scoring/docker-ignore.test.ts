import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALWAYS_IGNORED, DockerIgnore } from '../../../src/scoring/docker-ignore';

const ignores = (text: string, path: string) => new DockerIgnore(text, '.dockerignore').ignores(path);

describe('a pattern', () => {
  test.each([
    ['notes.txt', 'notes.txt', true],
    ['notes.txt', 'docs/notes.txt', false],
    ['/notes.txt', 'notes.txt', true],
    ['./notes.txt', 'notes.txt', true],
    ['docs/../notes.txt', 'notes.txt', true],
    ['docs', 'docs/a/b.txt', true],
    ['docs/', 'docs/a/b.txt', true],
    ['docs', 'docs2/b.txt', false],
    ['*', 'a/b', true],
    ['*.txt', 'notes.txt', true],
    ['*.txt', 'docs/notes.txt', false],
    ['*.txt', 'notes.txt.gz', false],
    ['*/*.txt', 'docs/notes.txt', true],
    ['*/*.txt', 'docs/a/notes.txt', false],
    ['docs/*', 'docs', false],
    ['no?es.txt', 'notes.txt', true],
    ['no?es.txt', 'noes.txt', false],
    ['a?b', 'a/b', false],
    ['a?b', 'a😀b', true],
    ['**', 'a/b/c', true],
    ['**/*.txt', 'notes.txt', true],
    ['**/*.txt', 'docs/a/notes.txt', true],
    ['**/notes.txt', 'my-notes.txt', false],
    ['**notes.txt', 'my-notes.txt', true],
    ['docs/**', 'docs/a/b', true],
    ['docs/**', 'docs', false],
    ['docs/**/b', 'docs/b', true],
    ['docs/**/b', 'docs/x/y/b', true],
    ['**/cache/**', 'a/cache/b', true],
    ['data[0-9].csv', 'data7.csv', true],
    ['data[0-9].csv', 'datax.csv', false],
    ['data[^0-9].csv', 'datax.csv', true],
    ['data[ab\\-].csv', 'data-.csv', true],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['\\!a', '!a', true],
    ['a.b', 'axb', false],
    ['a(b)+{c}|$', 'a(b)+{c}|$', true],
    ['é*', 'été', true],
    ['  notes.txt \t\r', 'notes.txt', true],
    ['# notes.txt', '# notes.txt', false],
    [' # notes.txt', '# notes.txt', true],
    ['\uFEFFnotes.txt', 'notes.txt', true],
    ['', 'notes.txt', false],
    ['.', 'notes.txt', false],
    ['../notes.txt', 'notes.txt', false],
  ])('%j, for the path %j: %j', (pattern, path, expected) => {
    expect(ignores(pattern, path)).toBe(expected);
  });

  test.each(['[', 'a[', '[]', '[]a]', '[-x]', '[x-]', '[a-b-c]', 'a\\', '!', ' ! ', '!/', 'ok/[a'])(
    'fails to be %j, and is named with its line',
    (pattern) => {
      const { problems } = new DockerIgnore(`# mine\n${pattern}\n*.txt`, 'src/.dockerignore');

      expect(problems).toEqual([
        `src/.dockerignore:2: '${pattern.trim()}' is no pattern of Docker: a bracket '[' needs characters and a ']', '\\' a ` +
          "character after it, and '!' a pattern",
      ]);
    },
  );
});

describe('the last pattern that matches decides:', () => {
  test.each([
    ['*.txt\n!notes.txt', 'notes.txt', false],
    ['*.txt\n! notes.txt', 'notes.txt', false],
    ['!notes.txt\n*.txt', 'notes.txt', true],
    ['docs\n!docs/a.txt', 'docs/a.txt', false],
    ['docs\n!docs/a.txt', 'docs/b.txt', true],
    ['docs\n!docs/a.txt\ndocs/a.*', 'docs/a.txt', true],
    ['**\n!docs', 'docs/a/b.txt', false],
    ['docs/a\n!docs', 'docs/a/b.txt', false],
  ])('%j, for the path %j: %j', (text, path, expected) => {
    expect(ignores(text, path)).toBe(expected);
  });
});

describe('a folder that is left out', () => {
  test.each([
    ['data', 'data', false],
    ['data\n!data/a.csv', 'data', true],
    ['data\n!other/a.csv', 'data', false],
    ['data\n!*/a.csv', 'data', true],
    ['data\n!a.csv', 'data', false],
    ['data\n!data/x/a.csv', 'data/y', false],
    ['data\n!**/a.csv', 'data/y', true],
  ])('may hold what is brought back by %j: %j, %j', (text, folder, expected) => {
    expect(new DockerIgnore(text, '').mayBringBackBelow(folder)).toBe(expected);
  });

  test('is never passed over where it holds something that is brought back', () => {
    const name = fc.constantFrom('a', 'b', '*', '?', '**', 'a*', '[ab]');
    const pattern = fc
      .tuple(fc.constantFrom('', '!'), fc.array(name, { minLength: 1, maxLength: 3 }))
      .map(([sign, names]) => sign + names.join('/'));
    const path = fc.array(fc.constantFrom('a', 'b', 'aa'), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 4 }), path, (patterns, names) => {
        const ignore = new DockerIgnore(patterns.join('\n'), '');
        const folders = names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'));
        const isPassed = folders.some((folder) => ignore.ignores(folder) && !ignore.mayBringBackBelow(folder));
        expect(isPassed && !ignore.ignores(names.join('/'))).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('what is always left out', () => {
  const always = (text: string, path: string) => new DockerIgnore(text, '', ALWAYS_IGNORED).ignores(path);

  test.each([
    ...['.git/HEAD', 'lib/.git', 'a/__pycache__/b.cpython-312.pyc', 'a.pyc', '.venv/bin/python', 'venv/bin/python'],
    ...['node_modules/x/y.js', 'cdktf.out/cdk.tf.json', '.terraform/x', 'a/terraform.tfstate', '.env', 'a/.env'],
    ...['.ipynb_checkpoints/x.ipynb', '.dockerignore', '.amlignore', '.DS_Store', '.vscode/settings.json'],
  ])('has %s, unless the user brings it back', (path) => {
    expect(always('', path)).toBe(true);
    expect(always(`!${path}`, path)).toBe(false);
  });

  test.each(['score.py', '.azureml/config.json', 'lib/venv/a.py', 'data.csv', '.config', 'env/x'])(
    'does not have %s',
    (path) => {
      expect(always('', path)).toBe(false);
    },
  );
});
