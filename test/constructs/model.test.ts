import { StorageBlob } from '@cdktf/provider-azurerm/lib/storage-blob';
import { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container';
import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { type Model, type ModelOptions, ModelSource, ModelStore, ServingStack, VmSize } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { App } from 'cdktf';
import { describe, expect, test } from 'vitest';
import {
  env,
  folderWith,
  messagesOf,
  modelSource,
  outputOf,
  problemsOf,
  sharedGroup,
  testModel,
  testPlatform,
} from '../fixtures';

const FILES = { 'config.pbtxt': 'name: "digits"', '1/model.onnx': 'weights', '1/labels.json': '[]' };

/** A platform that serves one model from one service, or the same one from several. */
function served(options: Partial<ModelOptions> = {}, services: readonly string[] = ['reader']) {
  const platform = testPlatform();
  const pool = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 2 });
  const model = platform.models.addModel('digits', { source: modelSource(FILES), ...options });
  for (const service of services) {
    platform.serving.addTritonService(service, { pool, models: [model], numReplicas: 1 });
  }
  return { platform, pool, model, blobs: () => Template.of(platform.serving).resources(StorageBlob) };
}

const namesOf = (blobs: readonly Readonly<Record<string, unknown>>[]) => blobs.map((blob) => String(blob.name)).sort();

/** The hash that the names of a model's blobs carry. */
const hashFor = (files: { readonly [path: string]: string }) =>
  namesOf(served({ source: modelSource(files) }).blobs())[0]?.split('/')[2];

describe('a model', () => {
  test('knows its name, its store and its files, and creates nothing', () => {
    const platform = testPlatform();
    const model = platform.models.addModel('digits', { source: modelSource(FILES) });

    expect(model.modelName).toBe('digits');
    expect(model.store).toBe(platform.models);
    expect(model.content.files.map((file) => file.name)).toEqual(['1/labels.json', '1/model.onnx', 'config.pbtxt']);
    expect(model.node.children).toEqual([]);
    expect(Template.of(platform.foundationStack).resource(StorageContainer)).toMatchObject({ name: 'models' });
    expect(Template.of(platform.serving).resources(StorageBlob)).toEqual([]);
  });

  test('has version 1 and neither tags nor description by default', () => {
    const model = testModel(testPlatform());

    expect(model.version).toBe(1);
    expect(model.tags).toEqual({});
    expect(model.description).toBeUndefined();
    expect(model.frameworkVersion).toBeUndefined();
  });

  test('keeps the release that it is for, which only Triton services judge', () => {
    const model = testPlatform().models.addModel('digits', { source: modelSource(), frameworkVersion: '0.22.2' });

    expect(model.frameworkVersion).toBe('0.22.2');
  });

  test('fails for a file whose name would be lost on its way through blob storage', () => {
    const { platform } = served({ source: modelSource({ ...FILES, '1/50%.txt': 'x' }) });

    expect(problemsOf(platform.foundationStack)).toContainEqual({
      path: 'prod-foundation/models/digits',
      message:
        'the file "1/50%.txt" has a name with a control character or one of \\ ? # % ${, which is lost on the way through ' +
        'blob storage; rename it',
    });
  });

  test('has its empty files as empty blobs, which azurerm makes without a source', () => {
    const { blobs } = served({ source: modelSource({ ...FILES, '1/empty.txt': '' }) });
    const [blob, ...others] = blobs().filter(({ source }) => source === undefined);

    expect(others).toEqual([]);
    expect(blob).toMatchObject({ name: expect.stringMatching(/\/1\/empty\.txt$/), type: 'Block' });
    expect(blob).not.toHaveProperty('content_md5');
  });

  test('keeps its version', () => {
    expect(testPlatform().models.addModel('digits', { source: modelSource(), version: 7 }).version).toBe(7);
  });

  test('keeps its tags, whatever becomes of the program’s object', () => {
    const tags: { [name: string]: string } = { area: 'vision' };
    const model = testPlatform().models.addModel('digits', { source: modelSource(), tags, description: 'Reads' });
    tags.area = 'speech';

    expect(model.tags).toEqual({ area: 'vision' });
    expect(model.description).toBe('Reads');
  });
});

describe('the blobs', () => {
  test('lie under stack, model and hash, in a folder that has the model’s name', () => {
    const { model, blobs } = served();
    const folder = `prod-serving/digits/${model.content.hash}/digits`;

    expect(namesOf(blobs())).toEqual([`${folder}/1/labels.json`, `${folder}/1/model.onnx`, `${folder}/config.pbtxt`]);
  });

  test('are there before the rollout, the old ones until after it', () => {
    const { platform, blobs } = served();

    for (const blob of blobs()) {
      expect(blob.lifecycle).toEqual({ create_before_destroy: true });
    }
    const [deployment] = Template.of(platform.serving).resources(DeploymentV1);
    const waitsFor = deployment?.depends_on as string[];
    expect(waitsFor.filter((address) => address.startsWith('azurerm_storage_blob.'))).toHaveLength(3);
  });

  test('go to the container of the store, with the checksum that the store keeps', () => {
    const { platform, model, blobs } = served();
    const blob = blobs().find(({ name }) => String(name).endsWith('model.onnx'));

    expect(blob).toMatchObject({
      storage_account_name: platform.models.storageAccountName,
      storage_container_name: 'models',
      type: 'Block',
      content_md5: model.content.files.find((file) => file.name === '1/model.onnx')?.md5,
      content_type: 'application/octet-stream',
    });
    expect(blob).not.toHaveProperty('metadata');
  });

  test('say of JSON that it is JSON', () => {
    const types = served()
      .blobs()
      .map((blob) => [String(blob.name).split('/').at(-1), blob.content_type]);

    expect(Object.fromEntries(types)).toEqual({
      'labels.json': 'application/json',
      'model.onnx': 'application/octet-stream',
      'config.pbtxt': 'application/octet-stream',
    });
  });

  test('carry tags and description as metadata, what is not ASCII percent-encoded', () => {
    const tags = { area: 'Computer vision', author: 'Zoë' };

    for (const blob of served({ tags, description: 'Reads 99 % of digits' }).blobs()) {
      expect(blob.metadata).toEqual({
        area: 'Computer vision',
        author: 'Zo%C3%AB',
        description: 'Reads 99 %25 of digits',
      });
    }
  });

  test('carry a single tag, too', () => {
    for (const blob of served({ tags: { area: 'vision' } }).blobs()) {
      expect(blob.metadata).toEqual({ area: 'vision' });
    }
  });

  test('come from files that are copied into the output', () => {
    const { platform, blobs } = served();
    const output = outputOf(App.of(platform));

    const sources = blobs().map((blob) => `stacks/prod-serving/${blob.source}`);
    expect(sources.map((source) => output[source]).sort()).toEqual(Object.values(FILES).sort());
  });

  test('come without what is hidden beside them', () => {
    const { platform } = served({ source: modelSource({ ...FILES, '.env': 'KEY=1', '1/.cache/a': 'x' }) });
    const copied = Object.keys(outputOf(App.of(platform))).filter(
      (path) => path.startsWith('stacks/prod-serving/assets/') && !path.includes('/assets/charts_'),
    );

    expect(copied.map((path) => path.split('/').at(-1)).sort()).toEqual(['config.pbtxt', 'labels.json', 'model.onnx']);
  });

  test('of files whose names differ in a period alone are all there', () => {
    const { platform, blobs } = served({ source: modelSource({ ...FILES, '1/a.b': 'x', '1/ab': 'y', '1/a-b': 'z' }) });

    expect(messagesOf(platform.serving)).toEqual([]);
    expect(blobs()).toHaveLength(6);
  });
});

describe('the hash', () => {
  test('stays while the files stay', () => {
    expect(hashFor(FILES)).toBe(hashFor({ ...FILES }));
    expect(hashFor(FILES)).toMatch(/^[0-9a-f]{16}$/);
  });

  test('changes when a file is changed or renamed', () => {
    const { '1/labels.json': labels, ...others } = FILES;

    expect(hashFor({ ...FILES, '1/model.onnx': 'retrained' })).not.toBe(hashFor(FILES));
    expect(hashFor({ ...others, '1/names.json': labels })).not.toBe(hashFor(FILES));
  });
});

describe('a model of several services', () => {
  test('is uploaded once by one stack', () => {
    const { platform, blobs } = served({}, ['reader', 'second-reader']);

    expect(blobs()).toHaveLength(3);
    for (const deployment of Template.of(platform.serving).resources(DeploymentV1)) {
      expect(JSON.stringify(deployment.depends_on).match(/azurerm_storage_blob\./g)).toHaveLength(3);
    }
  });

  test('is uploaded by each stack for itself, so that neither takes away what the other reads', () => {
    const { platform, pool, model, blobs } = served();
    const { cluster } = platform;
    const { keyVault } = platform.foundationStack;
    const other = new ServingStack(App.of(platform), 'other-team', { ...env, cluster, keyVault, namespace: 'other' });
    other.addTritonService('reader', { pool, models: [model], numReplicas: 1 });

    const theirs = namesOf(Template.of(other).resources(StorageBlob));
    expect(theirs).toHaveLength(3);
    expect(theirs.map((name) => name.replace(/^other-team/, 'prod-serving'))).toEqual(namesOf(blobs()));
  });
});

describe('models of two stores', () => {
  /** Blobs of a stack that has the platform's model and one of the same name of another store. */
  function blobsBeside(theirs: ModelOptions, store: (platform: ReturnType<typeof testPlatform>) => string) {
    const { platform, pool, blobs } = served();
    const resourceGroup = sharedGroup(platform.serving);
    const storageAccountName = store(platform);
    const other = ModelStore.fromModelStoreAttributes(platform.serving, 'theirs', {
      storageAccountName,
      resourceGroup,
    });
    platform.serving.addTritonService('second-reader', {
      pool,
      models: [other.addModel('digits', theirs)],
      numReplicas: 1,
    });
    return blobs().map((blob) => `${blob.storage_account_name}/${blob.name}`.replace(/[0-9a-f]{16}/, 'HASH'));
  }

  test('may have one name: each goes to its own store', () => {
    const addresses = blobsBeside({ source: modelSource({ '1/model.onnx': 'x' }) }, () => 'theirs');

    expect(addresses).toHaveLength(4);
    expect(addresses).toContain('theirs/prod-serving/digits/HASH/digits/1/model.onnx');
  });

  test('may be the same of the same store, which is uploaded once', () => {
    const same = blobsBeside({ source: modelSource(FILES) }, (platform) => platform.models.storageAccountName);

    expect(same).toHaveLength(3);
  });
});

describe('fails for', () => {
  const problemsWith = (add: (platform: ReturnType<typeof testPlatform>) => Model) => {
    const platform = testPlatform();
    const model = add(platform);
    return { path: model.node.path, problems: problemsOf(platform.foundationStack) };
  };

  test.each(['', '.digits', 'my digits', 'a/b', 'x'.repeat(256)])('the name %j', (name) => {
    const { path, problems } = problemsWith((platform) => testModel(platform, name));

    expect(problems).toEqual([
      {
        path,
        message:
          'a model name is 1 to 255 letters, digits, underscores, hyphens and periods, the first a letter or digit; ' +
          `got '${name}'`,
      },
    ]);
  });

  test.each(['d', 'x'.repeat(255), '2nd.model_v-1'])('nothing where the name is %j', (name) => {
    expect(problemsWith((platform) => testModel(platform, name)).problems).toEqual([]);
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 31])('the version %d', (version) => {
    const { path, problems } = problemsWith((platform) =>
      platform.models.addModel('digits', { source: modelSource(), version }),
    );

    expect(problems).toEqual([
      { path, message: `version must be a whole number from 1 to 2147483647; got ${version}` },
    ]);
  });

  test('two models of one name, and both keep the name', () => {
    const platform = testPlatform();
    const [, second] = [testModel(platform), testModel(platform)];

    expect(second?.modelName).toBe('digits');
    expect(problemsOf(platform.foundationStack)).toEqual([
      {
        path: 'prod-foundation/models/digits-again',
        message: "the store has two models of the name 'digits'; give each a name of its own",
      },
    ]);
  });

  test('a folder that does not exist and tags that no blob could have', () => {
    const { problems } = problemsWith((platform) =>
      platform.models.addModel('digits', { source: ModelSource.directory('/nowhere'), tags: { Area: 'vision' } }),
    );

    expect(problems.map((problem) => problem.message)).toEqual([
      "the model's folder '/nowhere' does not exist; it was looked for at '/nowhere'",
      expect.stringMatching(/^a tag's name is .* got 'Area'$/),
    ]);
  });

  test('a model without files that is served all the same, once', () => {
    const { platform } = served({ source: ModelSource.directory(folderWith({})) });

    expect(messagesOf(platform.serving)).toEqual([expect.stringMatching(/holds no file$/)]);
  });
});
