import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModelSource } from 'azure-inference-cdktf';
import { afterEach, describe, expect, test } from 'vitest';
import { folderWith } from '../fixtures';

const HOME = process.cwd();
afterEach(() => process.chdir(HOME));

const hashOf = (files: { readonly [path: string]: string }) => ModelSource.directory(folderWith(files)).read().hash;

describe('a folder', () => {
  test('gives its files by name, in order, with checksum and size', () => {
    const folder = folderWith({ 'config.pbtxt': 'name: "a"', '2/model.onnx': 'two', '10/model.onnx': 'tenth' });

    const content = ModelSource.directory(folder).read();

    expect(content).toMatchObject({ folder, isOneFile: false, problems: [] });
    expect(content.files).toEqual([
      {
        name: '10/model.onnx',
        path: join(folder, '10/model.onnx'),
        md5: createHash('md5').update('tenth').digest('hex'),
        sizeBytes: 5,
      },
      expect.objectContaining({ name: '2/model.onnx', sizeBytes: 3 }),
      expect.objectContaining({ name: 'config.pbtxt', sizeBytes: 9 }),
    ]);
  });

  test('is read to the end, however large its files are', () => {
    const text = 'weights '.repeat(300_000);

    const [file] = ModelSource.directory(folderWith({ '1/model.onnx': text }))
      .read()
      .files.slice(0);

    expect(file).toMatchObject({
      md5: createHash('md5').update(text).digest('hex'),
      sizeBytes: 2_400_000,
    });
  });

  test('hides what is hidden', () => {
    const files = { '1/model.onnx': 'x', '.git/HEAD': 'main', '1/.DS_Store': '' };

    const content = ModelSource.directory(folderWith(files)).read();

    expect(content.files.map((file) => file.name)).toEqual(['1/model.onnx']);
    expect(content.hash).toBe(hashOf({ '1/model.onnx': 'x' }));
  });

  test('that is relative is looked for beside cdktf.json', () => {
    const project = folderWith({ 'cdktf.json': '{}', 'models/a/1/model.onnx': 'x' });
    mkdirSync(join(project, 'deep/down'), { recursive: true });
    process.chdir(join(project, 'deep/down'));

    expect(ModelSource.directory('models/a').read().files[0]?.path).toBe(join(project, 'models/a/1/model.onnx'));
  });

  test('that is relative is looked for in the current folder where there is no cdktf.json', () => {
    const folder = folderWith({ 'a/1/model.onnx': 'x' });
    process.chdir(folder);

    expect(ModelSource.directory('a').read().folder).toBe(join(folder, 'a'));
  });
});

describe('one file', () => {
  test('is all there is, under its own name', () => {
    const folder = folderWith({ 'model.pkl': 'weights', 'other.pkl': 'x' });

    expect(ModelSource.file(join(folder, 'model.pkl')).read()).toEqual({
      folder,
      files: [
        {
          name: 'model.pkl',
          path: join(folder, 'model.pkl'),
          md5: createHash('md5').update('weights').digest('hex'),
          sizeBytes: 7,
        },
      ],
      hash: hashOf({ 'model.pkl': 'weights' }),
      isOneFile: true,
      problems: [],
    });
  });

  test('may be hidden, since it is named', () => {
    const path = join(folderWith({ '.weights': 'x' }), '.weights');

    expect(
      ModelSource.file(path)
        .read()
        .files.map((file) => file.name),
    ).toEqual(['.weights']);
  });

  test('that is relative is looked for beside cdktf.json', () => {
    const project = folderWith({ 'cdktf.json': '{}', 'models/model.pkl': 'x', 'deep/down': '' });
    process.chdir(join(project, 'deep'));

    expect(ModelSource.file('models/model.pkl').read().files[0]?.path).toBe(join(project, 'models/model.pkl'));
  });
});

describe('the hash', () => {
  const same = { 'config.pbtxt': 'c', '1/model.onnx': 'x' };

  test('is that of names and contents, wherever the files lie', () => {
    expect(hashOf(same)).toMatch(/^[0-9a-f]{16}$/);
    expect(hashOf({ '1/model.onnx': 'x', 'config.pbtxt': 'c' })).toBe(hashOf(same));
  });

  test.each([
    ['a file is changed', { 'config.pbtxt': 'c', '1/model.onnx': 'y' }],
    ['a file is renamed', { 'config.pbtxt': 'c', '2/model.onnx': 'x' }],
    ['a file is added', { ...same, '1/labels.txt': '' }],
    ['contents change places', { 'config.pbtxt': 'x', '1/model.onnx': 'c' }],
    ['a letter goes from name to contents', { 'config.pbtx': 'tc', '1/model.onnx': 'x' }],
  ])('is another one when %s', (_, files) => {
    expect(hashOf(files)).not.toBe(hashOf(same));
  });

  test('follows the files from one reading to the next', () => {
    const folder = folderWith(same);
    const source = ModelSource.directory(folder);
    const before = source.read().hash;
    writeFileSync(join(folder, '1/model.onnx'), 'retrained');

    expect(source.read().hash).not.toBe(before);
  });
});

describe('fails, with all else empty,', () => {
  const nothing = { files: [], hash: '' };

  test('for a folder that does not exist, and says where it was looked for', () => {
    process.chdir(folderWith({ 'cdktf.json': '{}' }));

    expect(ModelSource.directory('models/nope').read()).toMatchObject({
      ...nothing,
      problems: [
        `the model's folder 'models/nope' does not exist; it was looked for at '${join(process.cwd(), 'models/nope')}'`,
      ],
    });
  });

  test('for a file where a folder is named', () => {
    const path = join(folderWith({ 'model.onnx': 'x' }), 'model.onnx');

    expect(ModelSource.directory(path).read()).toMatchObject({
      ...nothing,
      problems: [
        `'${path}' is not a folder; name the folder that holds it, or use ModelSource.file for a model of one file`,
      ],
    });
  });

  test('for a folder where a file is named', () => {
    const path = folderWith({ 'model.pkl': 'x' });

    expect(ModelSource.file(path).read()).toMatchObject({
      ...nothing,
      problems: [`'${path}' is not a file; name the one file of the model, or use ModelSource.directory for a folder`],
    });
  });

  test('for a file that does not exist, and says where it was looked for', () => {
    process.chdir(folderWith({ 'cdktf.json': '{}' }));

    expect(ModelSource.file('model.pkl').read()).toMatchObject({
      ...nothing,
      problems: [
        `the model's file 'model.pkl' does not exist; it was looked for at '${join(process.cwd(), 'model.pkl')}'`,
      ],
    });
  });

  test('for a folder that cannot be read, and says why', () => {
    const path = folderWith({});
    symlinkSync(join(path, 'gone'), join(path, 'model.onnx'));

    expect(ModelSource.directory(path).read()).toMatchObject({
      ...nothing,
      problems: [expect.stringMatching(new RegExp(`^the model's folder '${path}' cannot be read: .*ENOENT`))],
    });
  });

  test.each<{ readonly [path: string]: string }>([{}, { '.gitkeep': '' }])(
    'for a folder without files: %j',
    (files) => {
      const path = folderWith(files);

      expect(ModelSource.directory(path).read()).toMatchObject({
        ...nothing,
        problems: [`the model's folder '${path}' holds no file`],
      });
    },
  );
});
