import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ContainerRegistryTask } from '@cdktf/provider-azurerm/lib/container-registry-task';
import { ContainerRegistryTaskScheduleRunNow } from '@cdktf/provider-azurerm/lib/container-registry-task-schedule-run-now';
import { DataAzurermUserAssignedIdentity } from '@cdktf/provider-azurerm/lib/data-azurerm-user-assigned-identity';
import { StorageBlob } from '@cdktf/provider-azurerm/lib/storage-blob';
import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import {
  type IScoringImage,
  ModelSource,
  ScoringEnvironment,
  ScoringImage,
  type ScoringImageOptions,
  type ScoringServiceOptions,
  ServingStack,
  VmSize,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { App } from 'cdktf';
import { describe, expect, test } from 'vitest';
import { env, folderWith, messagesOf, outputOf, problemsOf, testApp, testPlatform, warningsOf } from '../fixtures';
import { parseTask, runTask, storeWith } from '../registry-task';

const SCRIPT = 'def init():\n    pass\n\n\ndef run(data):\n    return data\n';
const SOURCE = { 'score.py': SCRIPT, 'helper/words.txt': 'one\n' };

interface Given {
  readonly image?: Partial<ScoringImageOptions>;
  readonly source?: { readonly [path: string]: string };

  /** The services that run the image, each with what it is given besides. */
  readonly services?: readonly Partial<ScoringServiceOptions>[];

  /** Whether the pool of the services has GPUs. */
  readonly gpu?: boolean;
}

function built({ image: more = {}, source = SOURCE, services = [{}], gpu = false }: Given = {}, app = testApp()) {
  const platform = testPlatform({}, app);
  const pool = gpu
    ? platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 8 })
    : platform.cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 8 });
  const image = platform.serving.addScoringImage('digits', {
    entryScript: 'score.py',
    sourceDirectory: folderWith(source),
    environment: ScoringEnvironment.pip({ packages: ['numpy==2.4.6'] }),
    ...more,
  });
  const running = services.map((service, index) =>
    platform.serving.addScoringService(`reader-${index}`, { pool, image, ...service }),
  );
  return { platform, pool, image, services: running, template: () => Template.of(platform.serving) };
}

const taskOf = (given?: Given) => built(given).template().resource(ContainerRegistryTask);
const stepsOf = (given?: Given) =>
  parseTask(String((taskOf(given) as { encoded_step?: { task_content?: string } }).encoded_step?.task_content));
const referenceOf = (given?: Given) => built(given).image.reference;
const dockerfileOf = (given?: Given) => {
  const output = outputOf(built(given).platform.serving.node.scope as App);
  return output[Object.keys(output).find((path) => path.endsWith('/Dockerfile')) ?? ''] ?? '';
};
const messages = (given?: Given) => messagesOf(built(given).platform.serving);

describe('the reference of a scoring image', () => {
  test('names registry, stack, image and the hash of what goes into it', () => {
    const { image, platform, template } = built();

    expect(image.reference).toMatch(/^prodregistry\w+\.azurecr\.io\/prod-serving\/digits:[0-9a-f]{16}$/);
    expect(image.reference.startsWith(`${platform.foundationStack.registry.loginServer}/`)).toBe(true);
    expect(JSON.stringify(template().resource(DeploymentV1))).toContain(`"image":"${image.reference}"`);
  });

  test('is the same for the same content, wherever it lies', () => {
    expect(referenceOf()).toBe(referenceOf());
  });

  test.each<[string, Given]>([
    ['one byte of the script', { source: { ...SOURCE, 'score.py': `${SCRIPT}\n` } }],
    ['the name of a file', { source: { 'score.py': SCRIPT, 'helper/word.txt': 'one\n' } }],
    ['a package', { image: { environment: ScoringEnvironment.pip({ packages: ['numpy==2.4.5'] }) } }],
    ['the description', { image: { description: 'Reads digits.' } }],
    ['a tag', { image: { tags: { area: 'vision' } } }],
  ])('changes with %s', (_, given) => {
    expect(referenceOf(given)).not.toBe(referenceOf());
  });

  test.each<[string, Given]>([
    ['the memory of a service', { services: [{ memoryGb: 2 }] }],
    ['the number of services', { services: [{}, {}] }],
    ['the time-out of the build', { image: { buildTimeoutMinutes: 30 } }],
    ['the limits of the source folder', { image: { maxSourceMiB: 1, maxSourceFiles: 2 } }],
  ])('does not change with %s', (_, given) => {
    expect(referenceOf(given)).toBe(referenceOf());
  });

  test('is a token until a service decides on the base image, and then known', () => {
    const platform = testPlatform();
    const image = platform.serving.addScoringImage('digits', {
      entryScript: 'score.py',
      sourceDirectory: folderWith(SOURCE),
      environment: ScoringEnvironment.pip({ packages: ['numpy'] }),
    });
    expect(image.reference).toContain('TfToken');

    const pool = platform.cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 1 });
    platform.serving.addScoringService('reader', { pool, image });
    expect(image.reference).toMatch(/:[0-9a-f]{16}$/);
  });
});

describe('the build of a scoring image', () => {
  test('is a task in the registry that runs as the build identity, without a key', () => {
    const { template } = built();
    const clientId = expect.stringMatching(/^\$\{data\.azurerm_user_assigned_identity\..*\.client_id\}$/);

    expect(template().resource(ContainerRegistryTask)).toMatchObject({
      name: 'prod-serving-digits',
      container_registry_id: expect.stringMatching(/\/registries\/prodregistry\w+$/),
      platform: { os: 'Linux', architecture: 'amd64' },
      identity: {
        type: 'UserAssigned',
        identity_ids: [expect.stringMatching(/\/userAssignedIdentities\/id-prod-image-builder-identity$/)],
      },
      registry_credential: {
        custom: [{ login_server: expect.stringMatching(/^prodregistry\w+\.azurecr\.io$/), identity: clientId }],
      },
      timeout_in_seconds: 3600,
    });
    expect(
      template().dataSource(DataAzurermUserAssignedIdentity, 'identity-of-prod-foundation-image-builder'),
    ).toMatchObject({
      name: 'id-prod-image-builder-identity',
    });
    expect(JSON.stringify(template().resource(ContainerRegistryTask))).not.toMatch(/password|token|secret|[?&]sig=/i);
  });

  test('runs once its context is in the store, and anew when its steps change and not when its tags do', () => {
    const { template } = built();
    const run = template().resource(ContainerRegistryTaskScheduleRunNow) as {
      readonly depends_on?: readonly string[];
      readonly lifecycle?: object;
    };

    expect(run).toMatchObject({
      container_registry_task_id: expect.stringMatching(/^\$\{azurerm_container_registry_task\..*\.id\}$/),
      timeouts: { create: '75m' },
      lifecycle: {
        replace_triggered_by: [expect.stringMatching(/^azurerm_container_registry_task\.[\w-]+\.encoded_step$/)],
      },
    });
    expect(run.depends_on?.filter((each) => each.startsWith('azurerm_storage_blob.'))).toHaveLength(
      template().resources(StorageBlob).length,
    );
  });

  test('is over before the pods of its services start', () => {
    const { depends_on } = built().template().resource(DeploymentV1) as { readonly depends_on?: readonly string[] };

    expect(depends_on).toContainEqual(expect.stringMatching(/^azurerm_container_registry_task_schedule_run_now\./));
  });

  test('is one task and one run for two services of one image', () => {
    const { template } = built({ services: [{}, { memoryGb: 1 }] });

    expect(template().resources(DeploymentV1)).toHaveLength(2);
    expect(template().resources(ContainerRegistryTask)).toHaveLength(1);
    expect(template().resources(ContainerRegistryTaskScheduleRunNow)).toHaveLength(1);
  });

  test('may take as long as it is given', () => {
    const given = { image: { buildTimeoutMinutes: 90 } };

    expect(taskOf(given)).toMatchObject({ timeout_in_seconds: 5400 });
    expect(stepsOf(given).stepTimeout).toBe(5400);
    expect(built(given).template().resource(ContainerRegistryTaskScheduleRunNow)).toMatchObject({
      timeouts: { create: '105m' },
    });
  });

  test.each([4, 481, 7.5])('fails to take %s minutes', (buildTimeoutMinutes) => {
    expect(messages({ image: { buildTimeoutMinutes } })).toEqual([
      `buildTimeoutMinutes must be a whole number from 5 to 480; got ${buildTimeoutMinutes}`,
    ]);
  });

  test.each([
    ['maxSourceMiB', 0, '1 to 10240'],
    ['maxSourceFiles', 10_001, '1 to 10000'],
  ])('fails to have %s %s', (option, value, range) => {
    expect(messages({ image: { [option]: value } })).toContainEqual(
      `${option} must be a whole number from ${range}; got ${value}`,
    );
  });

  test('depends on the foundation, whose identity has its roles by then', () => {
    const { platform } = built();

    expect(platform.serving.dependencies).toContain(platform.foundationStack);
  });
});

describe('the context of a scoring image', () => {
  test('lies in the store below stack, image and hash, each file as a blob that outlives its change', () => {
    const { image, template } = built();
    const [, hash] = image.reference.split(':');
    const blobs = template().resources(StorageBlob);

    expect(blobs.map(({ name }) => String(name)).sort()).toEqual(
      ['Dockerfile', 'requirements.txt', 'source/helper/words.txt', 'source/score.py'].map(
        (name) => `prod-serving/scoring-images/digits/${hash}/${name}`,
      ),
    );
    for (const blob of blobs) {
      expect(blob).toMatchObject({
        storage_container_name: 'models',
        type: 'Block',
        content_md5: expect.stringMatching(/^[0-9a-f]{32}$/),
        lifecycle: { create_before_destroy: true },
      });
    }
  });

  test('has its empty files as empty blobs, which azurerm makes without a source', () => {
    const { template } = built({ source: { ...SOURCE, 'helper/__init__.py': '' } });
    const blob = template()
      .resources(StorageBlob)
      .find(({ name }) => String(name).endsWith('/__init__.py'));

    expect(Object.keys(blob ?? {}).sort()).toEqual(
      ['content_type', 'lifecycle', 'name', 'storage_account_name', 'storage_container_name', 'type'].sort(),
    );
  });

  test('lies in the output as one folder, which Docker builds as well', () => {
    const app = testApp();
    const { image, template } = built({}, app);
    const blobs = template().resources(StorageBlob);
    app.synth();

    const folders = blobs.map(({ source, name }) => {
      const [, inside = ''] = String(name).split(`${image.reference.split(':')[1]}/`);
      expect(existsSync(join(app.outdir, 'stacks/prod-serving', String(source)))).toBe(true);
      return String(source).slice(0, -inside.length);
    });
    expect(new Set(folders).size).toBe(1);
  });

  test('is the same in every byte, synthesized twice', () => {
    const source = folderWith(SOURCE);
    const output = () => {
      const app = testApp();
      built({ image: { sourceDirectory: source } }, app);
      return outputOf(app);
    };

    expect(output()).toEqual(output());
  });

  test('leaves nothing of itself in the output once it has changed', () => {
    const app = testApp();
    built({}, app);
    app.synth();
    const again = new App({ outdir: app.outdir });
    built({ source: { 'score.py': `${SCRIPT}\n` } }, again);

    const contexts = Object.keys(outputOf(again)).filter((path) => path.endsWith('/source/score.py'));
    expect(contexts).toHaveLength(1);
  });

  test('goes through the task: fetched, built and pushed under the reference of the image', () => {
    const app = testApp();
    const { image, template } = built({}, app);
    const task = template().resource(ContainerRegistryTask) as { encoded_step?: { task_content?: string } };
    const [blob] = template().resources(StorageBlob);
    app.synth();
    const [, hash = ''] = image.reference.split(':');
    const stack = join(app.outdir, 'stacks/prod-serving');
    const context = join(stack, String(blob?.source).split(hash)[0] ?? '', hash);

    const store = storeWith(`prod-serving/scoring-images/digits/${hash}`, context);
    const clientId = /\$\{data\.azurerm_user_assigned_identity\.[\w-]+\.client_id\}/g;
    const content = String(task.encoded_step?.task_content).replaceAll(
      clientId,
      '99999999-8888-7777-6666-555555555555',
    );
    const run = runTask(parseTask(content), { store, refusals: ['403'] });

    expect(run.log).toContain('may not read the build context yet');
    expect(run.events.slice(-2)).toEqual([`build ${image.reference}`, `push ${image.reference}`]);
    expect(run.succeeded).toBe(true);
  });

  test('holds the models that are part of the image, in the places where they would be downloaded to', () => {
    const platform = testPlatform();
    const pool = platform.cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 1 });
    const source = ModelSource.directory(folderWith({ 'model.pkl': 'weights' }));
    const model = platform.models.addModel('digits', { source, version: 3 });
    const image = platform.serving.addScoringImage('digits', {
      entryScript: 'score.py',
      sourceDirectory: folderWith(SOURCE),
      environment: ScoringEnvironment.pip({ packages: ['numpy'] }),
      models: [model],
    });
    const service = platform.serving.addScoringService('reader', { pool, image });
    const template = Template.of(platform.serving);

    expect(template.resources(StorageBlob).map(({ name }) => String(name))).toContainEqual(
      expect.stringMatching(/\/azureml-models\/digits\/3\/model\.pkl$/),
    );
    const deployment = JSON.stringify(template.resource(DeploymentV1));
    expect(deployment).toContain('{"name":"AZUREML_MODEL_DIR","value":"/var/azureml-app/azureml-models/digits/3"}');
    expect(deployment).not.toContain('"init_container":[{');
    expect(service.models).toEqual([model]);
  });
});

describe('the base image', () => {
  const fromOf = (given: Given) => /^FROM (\S+)/m.exec(dockerfileOf(given))?.[1];

  test('follows the pool of the services: with CUDA on NVIDIA GPUs, without elsewhere', () => {
    expect(fromOf({ gpu: true })).toMatch(/cuda/);
    expect(fromOf({ gpu: false })).not.toMatch(/cuda/);
    expect(warningsOf(built({ gpu: true }).services[0] as never).filter((text) => /CUDA/.test(text))).toEqual([]);
  });

  test('is the one that the environment asks for: without CUDA on GPUs, with a warning', () => {
    const environment = ScoringEnvironment.pip({ packages: ['numpy'], enableGpu: false });
    const { services, platform } = built({ gpu: true, image: { environment } });

    expect(messagesOf(platform.serving)).toEqual([]);
    expect(warningsOf(services[0] as never)).toContain(
      "the image 'digits' is made without CUDA, and the pool 'gpu' has GPUs, which the script cannot use; give the service an " +
        'image whose environment has enableGpu: true',
    );
  });

  test('fails to be made for GPUs on a pool that has none', () => {
    const environment = ScoringEnvironment.pip({ packages: ['numpy'], enableGpu: true });

    expect(problemsOf(built({ image: { environment } }).platform.serving)).toEqual([
      {
        path: 'prod-serving/reader-0',
        message:
          "the image 'digits' is made for NVIDIA GPUs, and the pool 'cpu' of Standard_D4s_v5 has none; place the service on a " +
          'pool of NVIDIA GPUs, or give it an image whose environment has enableGpu: false',
      },
    ]);
  });

  test('is that of the first service: another on a pool without GPUs fails, one with GPUs is warned', () => {
    const { platform, image } = built({ gpu: true });
    const cpu = platform.cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 1 });
    platform.serving.addScoringService('second', { pool: cpu, image });
    expect(messagesOf(platform.serving)).toEqual([
      expect.stringMatching(/^the image 'digits' is made for NVIDIA GPUs/),
    ]);

    const other = built({ gpu: false });
    const gpu = other.platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 1 });
    const second = other.platform.serving.addScoringService('second', { pool: gpu, image: other.image });
    expect(messagesOf(other.platform.serving)).toEqual([]);
    expect(warningsOf(second)).toContainEqual(expect.stringMatching(/^the image 'digits' is made without CUDA/));
  });

  test('fails to be open at the end, when no service runs the image', () => {
    expect(messages({ services: [] })).toEqual([
      'no service runs this image, and its base image follows the pool of the first that does; add it to a service, or give ' +
        'its environment enableGpu: true or false',
    ]);
  });

  test('may be fixed, and then the image is built without a service', () => {
    const environment = ScoringEnvironment.pip({ packages: ['numpy'], enableGpu: false });
    const { template } = built({ image: { environment }, services: [] });

    expect(template().resources(ContainerRegistryTask)).toHaveLength(1);
  });
});

describe('what a person says of an image', () => {
  test('becomes labels of the image', () => {
    const text = dockerfileOf({ image: { description: 'Reads digits.', tags: { area: 'vision' } } });

    expect(text).toMatch(/^LABEL .*org\.opencontainers\.image\.title"?="?digits/m);
    expect(text).toMatch(/org\.opencontainers\.image\.description"?="Reads digits\."/);
    expect(text).toMatch(/area"?="?vision/);
  });

  test.each(['', ' area', 'a b', 'über', '-x', 'x.'])('fails to be a tag of the name %j', (name) => {
    expect(messages({ image: { tags: { [name]: 'x' } } })).toEqual([
      "a tag's name is letters, digits, underscores, hyphens, periods and slashes, the first and the last a letter or digit, " +
        `since tags become labels of the image; got '${name}'`,
    ]);
  });

  test('fails to be a tag that the library sets', () => {
    expect(messages({ image: { tags: { 'org.opencontainers.image.title': 'x' } } })).toEqual([
      "the tag 'org.opencontainers.image.title' is a label that the library sets itself; leave it out, or use 'description'",
    ]);
  });

  test('is in an output, with the commands for log, versions and purge', () => {
    const { image, template } = built();
    const registry = image.reference.split('.')[0];

    expect(template().output('image_digits')).toEqual({
      reference: image.reference,
      build_log: `az acr task logs --registry ${registry} --name prod-serving-digits`,
      versions: `az acr manifest list-metadata --registry ${registry} --name prod-serving/digits --orderby time_desc --output table`,
      purge:
        `az acr run --registry ${registry} --cmd "acr purge --filter 'prod-serving/digits:.*' --ago 30d --keep 5 --untagged" ` +
        '/dev/null',
    });
  });
});

describe('a scoring image', () => {
  test('may be run by a service of another stack, which then is deployed later', () => {
    const { platform, pool, image } = built();
    const archive = platform.addServingStack('archive');
    archive.addScoringService('reader', { pool, image });
    const template = Template.of(archive);

    expect(archive.dependencies).toContain(platform.serving);
    expect(JSON.stringify(template.resource(DeploymentV1))).toContain(`"image":"${image.reference}"`);
    expect(template.resources(ContainerRegistryTask)).toEqual([]);
  });

  test('fails without an image builder', () => {
    const { platform, pool } = built();
    const stack = new ServingStack(platform.serving.node.scope as App, 'alone', { ...env, cluster: platform.cluster });
    const image = stack.addScoringImage('digits', {
      entryScript: 'score.py',
      sourceDirectory: folderWith(SOURCE),
      environment: ScoringEnvironment.pip({ packages: ['numpy'] }),
    });
    stack.addScoringService('reader', { pool, image, auth: undefined });

    expect(messagesOf(stack)).toContain(
      'nothing is there to build the image; give the stack an imageBuilder, such as that of a FoundationStack',
    );
  });

  test('fails to have the name of another, and a name that is none', () => {
    const { platform, pool } = built();
    for (const name of ['digits', 'Digits']) {
      const image = platform.serving.addScoringImage(name, {
        entryScript: 'score.py',
        sourceDirectory: folderWith(SOURCE),
        environment: ScoringEnvironment.pip({ packages: ['numpy'] }),
      });
      platform.serving.addScoringService(`second-${name.toLowerCase()}`, { pool, image });
    }

    expect(messagesOf(platform.serving)).toEqual(
      expect.arrayContaining([
        "the stack has two scoring images of the name 'digits'; give each a name of its own",
        expect.stringMatching(/^a scoring image name is 1 to 63 lowercase letters.* got 'Digits'/),
      ]),
    );
  });

  test('fails for everything that is wrong with script, environment and options, in one error', () => {
    const environment = ScoringEnvironment.conda({ python: '3.6.2', packages: ['tensorflow-gpu=1.12'] });
    const image = { entryScript: 'main.py', environment, buildTimeoutMinutes: 1, tags: { '': '' } };

    expect(messages({ image })).toEqual([
      expect.stringMatching(/^a tag's name/),
      expect.stringMatching(/^buildTimeoutMinutes/),
      ...['main.py', 'python', 'tensorflow-gpu'].map(() => expect.any(String)),
    ]);
    expect(messages({ image }).join('\n')).toMatch(/main\.py/);
    expect(messages({ image }).join('\n')).toMatch(/3\.6\.2/);
    expect(messages({ image }).join('\n')).toMatch(/tensorflow-gpu/);
  });

  test('is refused for what is wrong with the file that its options were read from, and for nothing else', () => {
    const options = ScoringImage.fromInferenceConfig(join(folderWith({ 'x.json': '{' }), 'x.json'));
    const { platform } = testImage(options);

    expect(messagesOf(platform.serving)).toEqual([expect.stringMatching(/x\.json is not JSON/)]);
  });

  test('is refused for what is wrong with the file together with what is wrong with script and environment', () => {
    const sourceDirectory = folderWith({
      'score.py': 'def init():\n    pass\n',
      'env.yml': 'dependencies:\n- python=3.6.2\n',
    });
    const config = JSON.stringify({
      entryScript: 'score.py',
      sourceDirectory,
      condaFile: 'env.yml',
      cudaVersions: '9.0',
    });
    const file = join(folderWith({ 'inferenceconfig.json': config }), 'inferenceconfig.json');

    expect(messagesOf(testImage(ScoringImage.fromInferenceConfig(file)).platform.serving)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/cudaVersions is no field/),
        expect.stringMatching(/score\.py: has no function run\(\)/),
        expect.stringMatching(/env\.yml:2: .*3\.6\.2/),
      ]),
    );
  });

  test('takes what an inferenceconfig.json says', () => {
    const sourceDirectory = folderWith({ ...SOURCE, 'env.yml': 'dependencies:\n- python=3.11\n- numpy\n' });
    const config = JSON.stringify({
      entryScript: 'score.py',
      sourceDirectory,
      condaFile: 'env.yml',
      runtime: 'python',
    });
    const { platform } = testImage(
      ScoringImage.fromInferenceConfig(join(folderWith({ 'inferenceconfig.json': config }), 'inferenceconfig.json')),
    );

    expect(messagesOf(platform.serving)).toEqual([]);
    const blobs = Template.of(platform.serving).resources(StorageBlob);
    expect(blobs.map(({ name }) => String(name))).toContainEqual(expect.stringMatching(/\/conda\.yml$/));
  });
});

function testImage(options: ScoringImageOptions) {
  const platform = testPlatform();
  const pool = platform.cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 1 });
  const image: IScoringImage = platform.serving.addScoringImage('digits', options);
  platform.serving.addScoringService('reader', { pool, image });
  return { platform, image };
}

describe('an image that a registry holds already', () => {
  const running = (reference: string) => {
    const platform = testPlatform();
    const pool = platform.cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 1 });
    const image = ScoringImage.fromRegistry(reference);
    return { platform, service: platform.serving.addScoringService('reader', { pool, image }) };
  };

  test('is run as it is, and nothing is built', () => {
    const { platform, service } = running('prod.azurecr.io/digits:3');

    expect(service.image).toBe('prod.azurecr.io/digits:3');
    expect(Template.of(platform.serving).resources(ContainerRegistryTask)).toEqual([]);
  });

  test('fails to lack registry or version', () => {
    expect(messagesOf(running('digits').platform.serving)).toEqual([
      'the scoring image is the reference of an image with its registry and a tag or digest, such as ' +
        "'prod.azurecr.io/digits:3'; got 'digits'",
    ]);
  });

  test('is warned of where its tag moves', () => {
    expect(warningsOf(running('prod.azurecr.io/digits:latest').service)).toContain(
      "the scoring image: the tag 'latest' of 'prod.azurecr.io/digits:latest' is another image tomorrow; give the tag or the " +
        'digest of the one that was tried',
    );
  });
});
