import { createHash } from 'node:crypto';
import { chmodSync, cpSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { ModelSource } from 'azure-inference-cdktf';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type BuildContextOptions, buildContext } from '../../../src/scoring/build-context';
import type { EnvironmentRecipe } from '../../../src/scoring/environment-recipe';
import { folderWith } from '../../fixtures';

const SCRIPT = 'def init(): ...\ndef run(data): ...\n';
const RECIPE: EnvironmentRecipe = {
  baseImage: 'registry.example.com/base:1.2',
  pip: [],
  environmentVariables: {},
  dockerfileSteps: [],
  problems: [],
  warnings: [],
};

interface Given extends Partial<Omit<BuildContextOptions, 'recipe'>> {
  readonly source?: { readonly [path: string]: string };
  readonly recipe?: Partial<EnvironmentRecipe>;
}

function contextOf({ source = { 'score.py': SCRIPT }, recipe = {}, ...options }: Given = {}) {
  return buildContext({
    entryScript: 'score.py',
    sourceDirectory: folderWith(source),
    recipe: { ...RECIPE, ...recipe },
    models: [],
    modelDirectory: '/var/azureml-app/azureml-models',
    labels: {},
    maxSourceMiB: 300,
    maxSourceFiles: 2000,
    ...options,
  });
}

function model(modelName: string, version: number, files: { readonly [path: string]: string } = { 'a.pkl': 'x' }) {
  return { modelName, version, content: ModelSource.directory(folderWith(files)).read() };
}

const namesOf = (given?: Given) => contextOf(given).files.map(({ name }) => name);
const contentOf = (name: string, given?: Given) => contextOf(given).files.find((file) => file.name === name)?.content;
const md5 = (text: string) => createHash('md5').update(text).digest('hex');

describe('a build context', () => {
  test('has the Dockerfile and the sources, with checksums and sizes', () => {
    const sourceDirectory = folderWith({ 'score.py': SCRIPT, 'lib/__init__.py': '' });
    const context = contextOf({ sourceDirectory });
    const [dockerfile] = context.files;

    expect(context).toMatchObject({ entryScript: 'score.py', problems: [], warnings: [] });
    expect(context.files).toEqual([
      {
        name: 'Dockerfile',
        content: expect.stringMatching(/^FROM registry\.example\.com\/base:1\.2\n/),
        md5: md5(dockerfile?.content ?? ''),
        sizeBytes: Buffer.byteLength(dockerfile?.content ?? ''),
      },
      { name: 'source/lib/__init__.py', path: join(sourceDirectory, 'lib/__init__.py'), md5: md5(''), sizeBytes: 0 },
      { name: 'source/score.py', path: join(sourceDirectory, 'score.py'), md5: md5(SCRIPT), sizeBytes: SCRIPT.length },
    ]);
  });

  test('has a script without a folder at the top', () => {
    const given = {
      sourceDirectory: undefined,
      entryScript: join(folderWith({ 'app/main.py': SCRIPT }), 'app/main.py'),
    };

    expect(contextOf(given).entryScript).toBe('main.py');
    expect(namesOf(given)).toEqual(['Dockerfile', 'source/main.py']);
    expect(contentOf('Dockerfile', given)).toContain('AZUREML_ENTRY_SCRIPT="main.py"');
  });

  test('has the packages of pip, one a line', () => {
    const given = { recipe: { pip: ['--extra-index-url https://x', 'é==1'] } };

    expect(contentOf('requirements.txt', given)).toBe('--extra-index-url https://x\né==1\n');
    expect(contentOf('Dockerfile', given)).toContain('COPY requirements.txt ');
    expect(contextOf(given).files[1]).toMatchObject({ md5: md5('--extra-index-url https://x\né==1\n'), sizeBytes: 34 });
  });

  test('has a conda file that conda reads', () => {
    const conda = { channels: ['conda-forge'], packages: ['python=3.12', 'numpy >=1,<2'], pip: ['a==1', 'b "c" \\ #'] };
    const text = contentOf('conda.yml', { recipe: { conda } }) ?? '';

    expect(parse(text)).toEqual({
      name: 'scoring',
      channels: ['conda-forge'],
      dependencies: ['python=3.12', 'numpy >=1,<2', { pip: ['a==1', 'b "c" \\ #'] }],
    });
    expect(text.endsWith('}\n')).toBe(true);
    expect(contentOf('conda.yml', { recipe: { conda: { ...conda, pip: [] } } })).not.toContain('pip');
  });

  test('has no list of packages where there are none', () => {
    expect(namesOf()).toEqual(['Dockerfile', 'source/score.py']);
    expect(contentOf('Dockerfile')).not.toMatch(/conda|pip|azureml-models\/ /);
  });

  test('has models by name and version, as Azure ML laid them out', () => {
    const digits = model('digits', 2, { 'a.pkl': 'x', 'deep/b.pkl': 'yy' });
    const given = { models: [digits], modelDirectory: '/var/azureml-app/azureml-models/digits/2' };

    expect(contextOf(given).files.slice(1, 3)).toEqual([
      { ...digits.content.files[0], name: 'azureml-models/digits/2/a.pkl' },
      { ...digits.content.files[1], name: 'azureml-models/digits/2/deep/b.pkl' },
    ]);
    expect(contentOf('Dockerfile', given)).toContain('COPY azureml-models/ /var/azureml-app/azureml-models/\n');
  });

  test('has names, and contents that are written, of no machine', () => {
    const { files } = contextOf({ models: [model('digits', 1)], recipe: { pip: ['numpy'] } });

    expect(
      files
        .filter(({ path }) => path === undefined)
        .map(({ content }) => content)
        .join(''),
    ).not.toContain('/tmp/');
    expect(files.map(({ name }) => name).join('')).not.toContain('/tmp/');
  });

  test('does not count models as sources', () => {
    expect(contextOf({ models: [model('digits', 1, { a: 'x', b: 'y' })], maxSourceFiles: 1 }).problems).toEqual([]);
  });
});

describe('the hash of a build context', () => {
  const all: Given = { source: { 'score.py': SCRIPT, 'a.txt': 'x' }, models: [model('digits', 1)], labels: { a: 'b' } };
  const hashOf = (given: Given = {}) => contextOf({ ...all, ...given }).hash;

  test('is that of names and contents, wherever and however the files lie', () => {
    const sourceDirectory = folderWith(all.source ?? {});
    const copy = folderWith({});
    cpSync(sourceDirectory, copy, { recursive: true });
    chmodSync(join(copy, 'score.py'), 0o777);
    utimesSync(join(copy, 'score.py'), 1, 1);

    expect(hashOf()).toMatch(/^[0-9a-f]{16}$/);
    expect(hashOf({ sourceDirectory })).toBe(hashOf());
    expect(hashOf({ sourceDirectory: copy })).toBe(hashOf());
    expect(hashOf({ models: [model('digits', 1)] })).toBe(hashOf());
  });

  test('does not change with limits and what is left out', () => {
    expect(hashOf({ maxSourceFiles: 3, maxSourceMiB: 1 })).toBe(hashOf());
    expect(hashOf({ source: { ...all.source, '.git/HEAD': 'x', '.dockerignore': '#' } })).toBe(hashOf());
  });

  test.each<[string, Given]>([
    ['a changed file', { source: { 'score.py': SCRIPT, 'a.txt': 'y' } }],
    ['a renamed file', { source: { 'score.py': SCRIPT, 'b.txt': 'x' } }],
    ['a new file', { source: { 'score.py': SCRIPT, 'a.txt': 'x', 'b.txt': '' } }],
    ['a changed model', { models: [model('digits', 1, { 'a.pkl': 'y' })] }],
    ['a renamed file of a model', { models: [model('digits', 1, { 'b.pkl': 'x' })] }],
    ['another version of a model', { models: [model('digits', 2)] }],
    ['another base', { recipe: { baseImage: 'registry.example.com/base:1.3' } }],
    ['a package', { recipe: { pip: ['numpy'] } }],
    ['another label', { labels: { a: 'c' } }],
  ])('changes with %s', (_, given) => {
    expect(hashOf(given)).not.toBe(hashOf());
  });
});

describe('a build context fails, without files,', () => {
  test('for all that is wrong with files, script, models, recipe and variables at once', () => {
    const context = contextOf({
      source: { 'score.py': 'def init(): ...', 'azureml-models/digits/1/a.pkl': '' },
      models: [model('digits', 1), model('other', 1, { '50%.pkl': '' })],
      recipe: { problems: ['conda.yml:3: no'], environmentVariables: { 'A-B': '', C: '\n' }, warnings: ['hm'] },
    });

    expect(context).toMatchObject({ files: [], hash: '', entryScript: 'score.py', warnings: ['hm'] });
    expect(context.problems).toEqual([
      expect.stringMatching(/score\.py: has no function run\(\); /),
      expect.stringMatching(
        /^the files beside '.*score\.py' have a folder 'azureml-models\/digits\/1', which is that of a model of the image; leave/,
      ),
      expect.stringMatching(/^the file "azureml-models\/other\/1\/50%\.pkl" has a name with /),
      'conda.yml:3: no',
      expect.stringMatching(/^the environment's variable 'C' has a line break/),
      expect.stringMatching(/; got 'A-B'$/),
    ]);
  });

  test('for a source folder that is refused, without reading it', () => {
    const context = contextOf({ source: { 'score.py': 'no script', big: 'x'.repeat(2 ** 20) }, maxSourceMiB: 1 });

    expect(context).toMatchObject({ files: [], hash: '', problems: [expect.stringMatching(/maxSourceMiB/)] });
  });

  test('and names a problem once', () => {
    expect(contextOf({ recipe: { problems: ['a', 'a'] } }).problems).toEqual(['a']);
  });
});

test('warnings are those of sources, recipe and labels', () => {
  const { warnings, problems } = contextOf({
    source: { 'score.py': SCRIPT, 'a.pem': '' },
    recipe: { warnings: ['old'], baseDockerfile: 'FROM x' },
    labels: { a: 'b\nc' },
  });

  expect(problems).toEqual([]);
  expect(warnings).toEqual([
    expect.stringMatching(/^files that hold secrets/),
    'old',
    expect.stringMatching(/^the base Dockerfile starts from 'x'/),
    expect.stringMatching(/^the label 'a'/),
  ]);
});

test('the files of the user are as their checksums say', () => {
  for (const { path, md5: expected, sizeBytes } of contextOf({ models: [model('digits', 1)] }).files) {
    if (path !== undefined) {
      expect([md5(readFileSync(path, 'utf8')), readFileSync(path).length]).toEqual([expected, sizeBytes]);
    }
  }
  expect.assertions(2);
});
