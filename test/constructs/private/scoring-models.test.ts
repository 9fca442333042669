import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { type InferencePlatform, type Model, ModelStore, ServingStack } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { App } from 'cdktf';
import { describe, expect, test } from 'vitest';
import { ModelUpload } from '../../../constructs/private/model-upload';
import { scoringModelProblems, scoringModels } from '../../../constructs/private/scoring-models';
import { env, filesIn, folderWith, messagesOf, modelSource, sharedGroup, testPlatform } from '../../fixtures';

const MiB = 2 ** 20;

/** A store beside the platform's own. */
function otherStore(platform: InferencePlatform) {
  const resourceGroup = sharedGroup(App.of(platform));
  const attributes = { storageAccountName: 'theirs', containerName: 'weights', resourceGroup };
  return ModelStore.fromModelStoreAttributes(App.of(platform), 'theirs', attributes);
}

/** What the models need of a pod that a stack of the platform has. */
function pod(models: readonly Model[], stack: ServingStack) {
  return scoringModels(models.map((model) => ({ model, upload: ModelUpload.of(stack, model) })));
}

/** The pod of one model of the given files. */
function podOf(files: { readonly [path: string]: string }) {
  const platform = testPlatform();
  const model = platform.models.addModel('digits', { source: modelSource(files) });
  return { ...pod([model], platform.serving), platform, model };
}

/** A pod with two models of one name, of two stores. */
function podOfTwo() {
  const platform = testPlatform();
  const first = platform.models.addModel('digits', { source: modelSource({ 'model.pkl': 'old' }) });
  const second = otherStore(platform).addModel('digits', {
    source: modelSource({ 'a.bin': 'new', 'b.bin': 'new' }),
    version: 2,
  });
  return { ...pod([first, second], platform.serving), platform, first, second };
}

describe('the models', () => {
  test('lie by name and version under the root of the app, with the files as their source names them', () => {
    const { first, second, volumeMounts } = podOfTwo();

    expect(volumeMounts).toEqual([
      {
        name: 'models',
        mountPath: '/var/azureml-app/azureml-models/digits/1',
        subPath: `prod-serving/digits/${first.content.hash}/digits`,
        readOnly: true,
      },
      {
        name: 'models',
        mountPath: '/var/azureml-app/azureml-models/digits/2',
        subPath: `prod-serving/digits/${second.content.hash}/digits`,
        readOnly: true,
      },
    ]);
  });

  test('are found in AZUREML_MODEL_DIR: a single one in its own folder', () => {
    expect(podOf({ 'model.pkl': 'x' }).environment).toEqual([
      { name: 'AML_APP_ROOT', value: '/var/azureml-app' },
      { name: 'AZUREML_MODEL_DIR', value: '/var/azureml-app/azureml-models/digits/1' },
    ]);
  });

  test('are found in AZUREML_MODEL_DIR: several in the folder of all', () => {
    expect(podOfTwo().environment).toContainEqual({
      name: 'AZUREML_MODEL_DIR',
      value: '/var/azureml-app/azureml-models',
    });
  });

  test('are found in AZUREML_MODEL_DIR: those of the image as well, which nobody downloads', () => {
    const { first } = podOfTwo();

    expect(scoringModels([], [first])).toEqual({
      environment: [
        { name: 'AML_APP_ROOT', value: '/var/azureml-app' },
        { name: 'AZUREML_MODEL_DIR', value: `/var/azureml-app/azureml-models/digits/${first.version}` },
      ],
      initContainers: [],
      volumes: [],
      volumeMounts: [],
    });
  });

  test('may be none: then nothing is downloaded, and the image says itself where it has models', () => {
    expect(scoringModels([])).toEqual({
      environment: [{ name: 'AML_APP_ROOT', value: '/var/azureml-app' }],
      initContainers: [],
      volumes: [],
      volumeMounts: [],
    });
  });

  test.each([
    ['a byte takes a block, beside the room for folders', { a: 'x' }, 17],
    [
      'many small files take a block each',
      Object.fromEntries(Array.from({ length: 513 }, (_, i) => [`${i}`, 'x'])),
      19,
    ],
    ['what fills its blocks takes no more', { a: 'x'.repeat(3 * MiB) }, 19],
  ])('have a volume with room for them: %s', (_, files, mebibytes) => {
    expect(podOf(files).volumes).toEqual([
      { name: 'models', emptyDir: { sizeLimit: `${mebibytes}Mi` } },
      { name: 'models-login', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
    ]);
  });
});

describe('the init container', () => {
  test('runs without root, rights or a writable image, and asks for little', () => {
    const [container, ...others] = podOf({ 'model.pkl': 'x' }).initContainers;

    expect(others).toEqual([]);
    expect(container).toMatchObject({
      name: 'models',
      image: 'mcr.microsoft.com/azure-cli:2.91.0',
      resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '512Mi' } },
      terminationMessagePolicy: 'FallbackToLogsOnError',
      securityContext: {
        runAsNonRoot: true,
        runAsUser: '1000',
        runAsGroup: '1000',
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' },
      },
      env: expect.arrayContaining([{ name: 'HOME', value: '/tmp' }]),
      volumeMount: [
        { name: 'models', mountPath: '/models' },
        { name: 'models-login', mountPath: '/tmp' },
      ],
    });
  });

  test('is told account, container, blobs and their number of each model', () => {
    const { platform, first, second, initContainers } = podOfTwo();

    expect(initContainers[0]?.args).toEqual([
      platform.models.storageAccountName,
      'models',
      `prod-serving/digits/${first.content.hash}/*`,
      '1',
      'theirs',
      'weights',
      `prod-serving/digits/${second.content.hash}/*`,
      '2',
    ]);
  });

  test.each(['*', '?', '[', ']'])('need not mind %s, which no stack and no model may have in its name', (character) => {
    const platform = testPlatform();
    const { cluster } = platform;
    platform.models.addModel(`a${character}`, { source: modelSource() });

    expect(() => new ServingStack(App.of(platform), `a${character}`, { ...env, cluster })).toThrow('glob character');
    expect(messagesOf(platform.serving)).toEqual([expect.stringMatching(/^a model name is 1 to 255 letters/)]);
  });

  test('has a command that Terraform leaves as it is', () => {
    const { initContainers, volumes, platform } = podOf({ 'model.pkl': 'x' });
    new DeploymentV1(platform.serving, 'Probe', {
      metadata: {},
      spec: {
        template: {
          metadata: {},
          spec: { container: [{ name: 'server' }], initContainer: initContainers, volume: volumes },
        },
      },
    });

    const text = JSON.stringify(Template.of(platform.serving).resource(DeploymentV1, 'Probe'));
    expect(text).toContain('az login --service-principal');
    expect(text).not.toMatch(/[$%]\{/);
  });
});

describe('the download', () => {
  const SIGNED_IN = { AZURE_CLIENT_ID: 'client', AZURE_TENANT_ID: 'tenant' };

  /**
   * Runs the container's own command, with a CLI that writes down its arguments and answers as it is told.
   *
   * @param answer what the CLI does, as shell text
   */
  function download({ initContainers }: Pick<ReturnType<typeof pod>, 'initContainers'>, answer: string, given = {}) {
    const folder = folderWith({ token: 'signed by the cluster\n' });
    const log = join(folder, 'log');
    const cli = `#!/bin/sh\nprintf '%s\\n' "$@" '' >> '${log}'\n${answer}\n`;
    writeFileSync(join(folder, 'az'), cli);
    chmodSync(join(folder, 'az'), 0o755);
    const [command = '', ...args] = [...(initContainers[0]?.command ?? []), ...(initContainers[0]?.args ?? [])];
    const run = spawnSync(command, args, {
      cwd: folder,
      encoding: 'utf8',
      env: {
        PATH: `${folder}:${process.env.PATH}`,
        ...SIGNED_IN,
        AZURE_FEDERATED_TOKEN_FILE: join(folder, 'token'),
        ...given,
      },
    });
    const calls = existsSync(log) ? readFileSync(log, 'utf8').split('\n\n').slice(0, -1) : [];
    return { status: run.status, lastLine: run.stderr.trim().split('\n').at(-1), calls: calls.map(asLines), folder };
  }

  const asLines = (call: string) => call.split('\n');
  const filesAre = (count: number) => `[ "$1" = login ] || echo ${count}`;
  const one = () => podOf({ 'model.pkl': 'x' });

  test('signs in with the token of the pod, then reads the blobs of each model with it', () => {
    const two = podOfTwo();
    const { status, calls } = download(two, 'case "$*" in *theirs*) echo 2 ;; *download*) echo 1 ;; esac');

    expect(status).toBe(0);
    expect(calls).toHaveLength(3);
    expect(calls[0]).toEqual([
      ...['login', '--service-principal', '--username', 'client', '--tenant', 'tenant'],
      ...['--federated-token', 'signed by the cluster', '--allow-no-subscriptions', '--output', 'none'],
    ]);
    expect(calls[1]).toEqual([
      ...['storage', 'blob', 'download-batch', '--auth-mode', 'login'],
      ...['--account-name', two.platform.models.storageAccountName, '--source', 'models'],
      `--pattern=prod-serving/digits/${two.first.content.hash}/*`,
      ...['--destination', '/models', '--overwrite', 'true', '--max-connections', '8', '--no-progress'],
      ...['--query', 'length(@)', '--output', 'tsv'],
    ]);
    expect(calls[2]).toEqual(
      expect.arrayContaining(['theirs', 'weights', `--pattern=prod-serving/digits/${two.second.content.hash}/*`]),
    );
  });

  test.each(['AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_FEDERATED_TOKEN_FILE'])(
    'fails without a workload identity: %s is missing',
    (name) => {
      expect(download(one(), filesAre(1), { [name]: undefined })).toMatchObject({
        status: 1,
        lastLine: 'the pod has no workload identity: its label or the webhook of AKS is missing',
        calls: [],
      });
    },
  );

  test('fails where the identity cannot sign in', () => {
    expect(download(one(), 'exit 1')).toMatchObject({
      status: 1,
      lastLine: 'the identity client cannot sign in',
      calls: [expect.anything()],
    });
  });

  test('fails where the blobs cannot be read', () => {
    const { platform, model, initContainers } = one();

    expect(download({ initContainers }, '[ "$1" = login ]')).toMatchObject({
      status: 1,
      lastLine:
        `the blobs 'prod-serving/digits/${model.content.hash}/*' of the container 'models' of the storage account ` +
        `'${platform.models.storageAccountName}' cannot be downloaded`,
    });
  });

  test.each([0, 2])('fails where there are not as many blobs as files: %d', (count) => {
    const { platform, model, initContainers } = one();

    expect(download({ initContainers }, filesAre(count))).toMatchObject({
      status: 1,
      lastLine:
        `the storage account '${platform.models.storageAccountName}' has ${count} blobs ` +
        `'prod-serving/digits/${model.content.hash}/*' in its container 'models', and the model has 1`,
    });
  });

  test('goes no further than the first model that fails', () => {
    expect(download(podOfTwo(), filesAre(7)).calls).toHaveLength(2);
  });

  test('runs nothing that a name holds', () => {
    const platform = testPlatform();
    const { cluster } = platform;
    const name = "\";touch$IFS\"hacked$(touch$IFS'hacked')`touch$IFS'hacked'`\";';touch$IFS'hacked';";
    const stack = new ServingStack(App.of(platform), name, { ...env, cluster, namespace: 'other' });
    const model = platform.models.addModel('digits', { source: modelSource() });
    const { status, calls, folder } = download(pod([model], stack), filesAre(1));

    expect(status).toBe(0);
    expect(calls[1]).toContain(`--pattern=${name}/digits/${model.content.hash}/*`);
    expect(Object.keys(filesIn(folder)).sort()).toEqual(['az', 'log', 'token']);
  });
});

describe('one service', () => {
  test('may have models of several names and versions', () => {
    const { first, second, platform } = podOfTwo();
    const third = platform.models.addModel('letters', { source: modelSource() });

    expect(scoringModelProblems('a scoring service', [first, second, third])).toEqual([]);
    expect(scoringModelProblems('a scoring service', [])).toEqual([]);
  });

  test('fails for two models of one name and version, once', () => {
    const platform = testPlatform();
    const first = platform.models.addModel('digits', { source: modelSource() });
    const twin = otherStore(platform).addModel('digits', { source: modelSource() });

    expect(scoringModelProblems('a scoring service', [first, twin, first])).toEqual([
      "a scoring service has one model of a name and version; got 'digits' of version 1 more than once; name it once, or " +
        'give the models different versions',
    ]);
  });
});
