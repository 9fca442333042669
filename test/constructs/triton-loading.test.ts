import { KubernetesCluster } from '@cdktf/provider-azurerm/lib/kubernetes-cluster';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import {
  Exposure,
  type GpuPoolOptions,
  InferenceCluster,
  type InferencePlatformProps,
  ModelControl,
  ModelLoading,
  type ModelOptions,
  ModelStore,
  NodePool,
  ServingStack,
  type TritonServiceOptions,
  VmSize,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { AZURE_CLI_IMAGE } from '../../src/azure/azure-cli-image';
import {
  env,
  folderWith,
  messagesOf,
  modelSource,
  sharedGroup,
  testApp,
  testModel,
  testPlatform,
  warningsOf,
} from '../fixtures';

interface Given {
  readonly service?: Partial<TritonServiceOptions>;
  readonly pool?: Partial<GpuPoolOptions>;
  readonly model?: Partial<ModelOptions>;
  readonly platform?: Partial<InferencePlatformProps>;

  /** Bytes that the one file of the model is taken to have. */
  readonly sizeBytes?: number;
}

/** A model whose weights nobody looks for on a GPU. */
const SCRIPT = { 'config.pbtxt': 'backend: "python" max_batch_size: 1', '1/model.py': 'def auto_complete_config(): 1' };

function served({ service, pool, model, platform: props, sizeBytes }: Given = {}) {
  const platform = testPlatform({ blobDriver: true, ...props });
  const gpu = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 2, ...pool });
  const source = sizeBytes === undefined ? modelSource() : modelSource(SCRIPT);
  const digits = platform.models.addModel('digits', { source, ...model });
  if (sizeBytes !== undefined) {
    const files = digits.content.files.map((file) => (file.name === '1/model.py' ? { ...file, sizeBytes } : file));
    Object.assign(digits, { content: { ...digits.content, files } });
  }
  const triton = platform.serving.addTritonService('reader', {
    pool: gpu,
    models: [digits],
    exposure: Exposure.CLUSTER,
    numReplicas: 1,
    ...service,
  });
  return { platform, gpu, triton, digits, template: () => Template.of(platform.serving) };
}

type Parts = { readonly [name: string]: Parts } & readonly Parts[];

const deployment = (given?: Given) => served(given).template().resource(DeploymentV1) as unknown as Parts;
const pod = (given?: Given) => deployment(given).spec?.template?.spec;
const container = (given?: Given) => pod(given)?.container?.[0];
const repositories = (part: Parts | undefined) =>
  [...(part?.args ?? [])].map(String).filter((argument) => argument.startsWith('--model-repository='));
const named = (parts: readonly Parts[] | undefined) => parts?.map(({ name }) => name as unknown as string);

const DIRECT = { service: { loading: ModelLoading.DIRECT } };
const DOWNLOAD = { service: { loading: ModelLoading.DOWNLOAD } };
const MOUNT = { service: { loading: ModelLoading.MOUNT } };

describe('models that are read directly', () => {
  test('are so by default', () => {
    expect(pod(DIRECT)).toEqual(pod());
    expect(repositories(container())).toEqual([
      expect.stringMatching(/=as:\/\/[a-z0-9]+\/models\/prod-serving\/digits\//),
    ]);
  });

  test('need a server that knows the identity, and nothing else of the pod', () => {
    expect(container()?.env).toEqual([
      { name: 'AZURE_STORAGE_AUTH_TYPE', value: 'default' },
      { name: 'HOME', value: '/tmp' },
      { name: 'CUDA_VISIBLE_DEVICES', value: '0' },
    ]);
    expect(pod()).not.toHaveProperty('init_container');
    expect(named(pod()?.volume)).toEqual(['tmp', 'shm', 'gateway-config', 'keys']);
  });
});

describe('models that are downloaded', () => {
  test('are served from a folder of the pod, where Triton may only read', () => {
    const { digits, template } = served(DOWNLOAD);
    const [server] = (template().resource(DeploymentV1) as unknown as Parts).spec?.template?.spec?.container ?? [];

    expect(repositories(server)).toEqual([`--model-repository=/models/prod-serving/digits/${digits.content.hash}`]);
    expect(server?.env).toEqual([
      { name: 'HOME', value: '/tmp' },
      { name: 'CUDA_VISIBLE_DEVICES', value: '0' },
    ]);
    expect(server?.volume_mount).toContainEqual({ name: 'models', mount_path: '/models', read_only: true });
  });

  test('are those of a folder `triton` where the registered model has one', () => {
    const source = modelSource({ 'triton/bidaf-9/1/model.onnx': 'weights' });

    expect(repositories(container({ ...DOWNLOAD, model: { source } }))).toEqual([
      expect.stringMatching(/^--model-repository=\/models\/prod-serving\/digits\/[0-9a-f]{16}\/digits\/triton$/),
    ]);
  });

  test('come by the container that scoring services have, to a disk that has room for them', () => {
    const { platform, digits, template } = served(DOWNLOAD);
    const parts = (template().resource(DeploymentV1) as unknown as Parts).spec?.template?.spec;

    expect(parts?.init_container).toMatchObject([
      {
        name: 'models',
        image: AZURE_CLI_IMAGE,
        args: [platform.models.storageAccountName, 'models', `prod-serving/digits/${digits.content.hash}/*`, '1'],
        security_context: { run_as_non_root: true, read_only_root_filesystem: true },
        volume_mount: [
          { name: 'models', mount_path: '/models' },
          { name: 'models-login', mount_path: '/tmp' },
        ],
      },
    ]);
    expect(parts?.volume).toEqual(
      expect.arrayContaining([
        { name: 'models', empty_dir: { size_limit: '17Mi' } },
        { name: 'models-login', empty_dir: { medium: 'Memory', size_limit: '64Mi' } },
      ]),
    );
  });

  test('are asked for with the identity of the service, once Azure knows of it', () => {
    const { template } = served(DOWNLOAD);

    expect(template().resource(RoleAssignment)).toMatchObject({ role_definition_name: 'Storage Blob Data Reader' });
    expect(deployment(DOWNLOAD).depends_on).toEqual(deployment().depends_on);
  });

  test('leave a log that the service names', () => {
    const logs = (given: Given) => {
      const said = deployment(given).metadata?.annotations?.['azure-inference-cdktf/service'];
      return Object.keys(JSON.parse(String(said)).commands.logs);
    };

    expect(logs(DOWNLOAD)).toEqual(['models', 'triton', 'gateway']);
    expect(logs(MOUNT)).toEqual(['triton', 'gateway']);
  });
});

describe('models that are mounted', () => {
  test('are in a volume of the pod that the driver opens with the identity of the service, without a key', () => {
    const { platform } = served();
    const account = platform.models.storageAccountName;

    expect(pod(MOUNT)?.volume).toContainEqual({
      name: 'models-1',
      csi: {
        driver: 'blob.csi.azure.com',
        read_only: true,
        volume_attributes: {
          protocol: 'fuse2',
          storageAccount: account,
          containerName: 'models',
          clientID: expect.stringMatching(
            /^\$\{azurerm_user_assigned_identity\.reader_workload_identity_\w+\.client_id\}$/,
          ),
          mountWithWorkloadIdentityToken: 'true',
          // by commas, since older drivers would not see the last one after a space, and put their own ten seconds behind it
          mountOptions: '--allow-other,--read-only=true,--virtual-directory=true,--cancel-list-on-mount-seconds=0',
        },
      },
    });
    expect(container(MOUNT)?.volume_mount).toContainEqual({
      name: 'models-1',
      mount_path: `/models/${account}/models`,
      read_only: true,
    });
    expect(pod(MOUNT)).not.toHaveProperty('init_container');
    expect(container(MOUNT)?.env).toEqual([
      { name: 'HOME', value: '/tmp' },
      { name: 'CUDA_VISIBLE_DEVICES', value: '0' },
    ]);
  });

  test('are served from their folder of the volume, which a changed model rolls', () => {
    const of = (files: { [path: string]: string }) =>
      repositories(container({ ...MOUNT, model: { source: modelSource(files) } }));
    const [one] = of({ '1/model.onnx': 'weights' });
    const [other] = of({ '1/model.onnx': 'other weights' });

    expect(one).toMatch(/^--model-repository=\/models\/[a-z0-9]+\/models\/prod-serving\/digits\/[0-9a-f]{16}$/);
    expect(other).not.toBe(one);
  });

  test('share a volume where they share a container, and have one each where they do not', () => {
    const { platform, gpu, digits } = served();
    const elsewhere = ModelStore.fromModelStoreAttributes(platform.serving, 'theirs', {
      storageAccountName: 'theirs',
      containerName: 'weights',
      resourceGroup: sharedGroup(platform.serving),
    });
    const letters = elsewhere.addModel('letters', { source: modelSource() });
    const models = [letters, digits, testModel(platform, 'signs')];
    platform.serving.addTritonService('all', { pool: gpu, models, loading: ModelLoading.MOUNT });

    const all = Template.of(platform.serving).resource(DeploymentV1, 'all') as unknown as Parts;
    const spec = all.spec?.template?.spec;
    const account = platform.models.storageAccountName;
    expect(named(spec?.volume)?.filter((name) => name.startsWith('models'))).toEqual(['models-1', 'models-2']);
    expect(repositories(spec?.container?.[0])).toEqual([
      expect.stringContaining('=/models/theirs/weights/prod-serving/letters/'),
      expect.stringContaining(`=/models/${account}/models/prod-serving/digits/`),
      expect.stringContaining(`=/models/${account}/models/prod-serving/signs/`),
    ]);
  });

  test('fail on a cluster without the blob driver, and the message says what to do', () => {
    const message =
      "ModelLoading.MOUNT needs the blob driver of AKS, which the cluster 'aks-prod-cluster' does not have; give the cluster " +
      'blobDriver: true, or take ModelLoading.DOWNLOAD';

    expect(messagesOf(served({ ...MOUNT, platform: { blobDriver: undefined } }).platform.serving)).toEqual([message]);
    expect(messagesOf(served({ ...MOUNT, platform: { blobDriver: false } }).platform.serving)).toEqual([message]);
    for (const given of [MOUNT, { ...DOWNLOAD, platform: { blobDriver: undefined } }]) {
      expect(messagesOf(served(given).platform.serving)).toEqual([]);
    }
  });

  test('are refused on a cluster made elsewhere only where it is known to have none', () => {
    const messages = (blobDriver?: boolean) => {
      const app = testApp();
      const platform = testPlatform({}, app);
      const resourceGroup = sharedGroup(app);
      const cluster = InferenceCluster.fromClusterAttributes(app, 'theirs', {
        clusterName: 'shop',
        resourceGroup,
        blobDriver,
      });
      const { keyVault } = platform.foundationStack;
      const serving = new ServingStack(app, 'elsewhere', { ...env, cluster, keyVault });
      const pool = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 2 });
      serving.addTritonService('reader', { pool, models: [testModel(platform)], loading: ModelLoading.MOUNT });
      return messagesOf(serving).filter((message) => message.includes('ModelLoading'));
    };

    expect([messages(), messages(true)]).toEqual([[], []]);
    expect(messages(false)).toEqual([
      expect.stringMatching(/^ModelLoading\.MOUNT needs .* the cluster 'shop' does not have/),
    ]);
  });

  test('are what the driver of the platform’s cluster is for', () => {
    expect(Template.of(served(MOUNT).platform.clusterStack).resource(KubernetesCluster)).toMatchObject({
      storage_profile: { blob_driver_enabled: true },
    });
  });
});

describe.each([DOWNLOAD, MOUNT])('an older server, with %j', ({ service }) => {
  const frameworkVersion = (release: string) => ({ model: { frameworkVersion: release } });

  test('serves on a GPU that newer ones do not run on', () => {
    const given = { service, pool: { size: VmSize.ND40RS_V2 }, ...frameworkVersion('24.10-py3') };

    expect(messagesOf(served(given).platform.serving)).toEqual([]);
    expect(warningsOf(served(given).triton)).toEqual([]);
  });

  test('serves with a driver that newer ones are too new for', () => {
    const given = { service, pool: { size: VmSize.NV36ADS_A10_V5 }, ...frameworkVersion('25.07-py3') };

    expect(messagesOf(served(given).platform.serving)).toEqual([]);
    expect(warningsOf(served(given).triton)).toEqual([]);
  });

  test('serves models of TensorFlow', () => {
    const source = modelSource({ '1/model.savedmodel/saved_model.pb': '' });
    const image = 'nvcr.io/nvidia/tritonserver:25.02-py3';
    const messages = (loading?: ModelLoading) =>
      messagesOf(served({ service: { loading, image }, model: { source } }).platform.serving);

    expect(messages(service.loading)).toEqual([]);
    expect(messages()).toEqual([
      expect.stringMatching(
        /^Triton 25\.02 reads models only with a key .* or take loading: ModelLoading\.DOWNLOAD or/,
      ),
    ]);
  });

  test('serves models of TensorFlow on the GPUs that its message names an image for', () => {
    const model = { source: modelSource({ '1/model.savedmodel/saved_model.pb': '' }) };
    const pool = { size: VmSize.ND40RS_V2 };
    const advised = messagesOf(served({ pool, model }).platform.serving).map(
      (message) => /'(nvcr\S+)' with/.exec(message)?.[1],
    );
    const [image] = advised;

    expect(advised).toEqual([image, image]);
    expect(messagesOf(served({ pool, model, service: { ...service, image } }).platform.serving)).toEqual([]);
  });

  test('is told nothing that it does not know', () => {
    const given = { service, ...frameworkVersion('24.10-py3') };

    expect(container(given)?.args).not.toContainEqual(expect.stringMatching(/^--http-max-input-size/));
    expect(container({ service })?.args).toContain('--http-max-input-size=104857600');
    expect(messagesOf(served({ ...given, service: { ...service, grpcInferThreadCount: 4 } }).platform.serving)).toEqual(
      [expect.stringMatching(/^grpcInferThreadCount is known to Triton 25\.04 and later; got 4 for 24\.10/)],
    );
  });

  test('is none that is older than services know how to start', () => {
    expect(messagesOf(served({ service, ...frameworkVersion('20.07-py3') }).platform.serving)).toEqual([
      expect.stringMatching(
        /^frameworkVersion '20\.07-py3' of the model 'digits' picks the server: Triton 20\.07 is older/,
      ),
    ]);
  });
});

const GIB = 2 ** 30;

describe('the disk of a node', () => {
  const messages = (given: Given) => messagesOf(served(given).platform.serving);
  // with the configuration besides, 116 GiB
  const BYTES = 116 * GIB - 1024;
  const refusal =
    "the models of a replica take 116 GiB of the disk of its node, and a node of the pool 'gpu' has 128 GiB, of which AKS " +
    'keeps a tenth free; give the pool an osDiskGiB of more than 129, since images of containers lie there, too, or take ' +
    'ModelLoading.MOUNT, which keeps a file only while it is read';

  test.each([DIRECT, DOWNLOAD])('holds the models of a replica, with %j, or they are refused', (given) => {
    expect(messages({ ...given, sizeBytes: 115 * GIB })).toEqual([]);
    expect(messages({ ...given, sizeBytes: BYTES })).toEqual([refusal]);
    expect(warningsOf(served({ ...given, sizeBytes: BYTES }).triton)).toEqual([]);
    expect(messages({ ...given, sizeBytes: BYTES, pool: { osDiskGiB: 130 } })).toEqual([]);
  });

  test('need not hold models that are mounted', () => {
    const given = { ...MOUNT, sizeBytes: 500 * GIB };

    expect(messages(given)).toEqual([]);
    expect(warningsOf(served(given).triton)).toEqual([]);
  });

  test.each([DIRECT, DOWNLOAD])(
    'may be too small for all replicas that a node has GPUs for: a warning, with %j',
    (given) => {
      const warnings = (numReplicas: number, pool: Partial<GpuPoolOptions> = {}) =>
        warningsOf(
          served({
            service: { ...given.service, numReplicas, initialDelaySeconds: 1200 },
            sizeBytes: 40 * GIB - 1024,
            pool: { size: VmSize.ND96ISR_H100_V5, ...pool },
          }).triton,
        );

      expect(warnings(2)).toEqual([]);
      expect(warnings(4)).toEqual([
        "a node of the pool 'gpu' may get 4 replicas, whose models take 160 GiB of its disk of 128 GiB, of which AKS keeps a " +
          'tenth free; give the pool an osDiskGiB of more than 178, since images of containers lie there, too, or take ' +
          'ModelLoading.MOUNT, which keeps a file only while it is read',
      ]);
      expect(warnings(16)).toEqual([
        expect.stringMatching(/may get 8 replicas, whose models take 320 GiB .* more than 356,/),
      ]);
      expect(warnings(4, { osDiskGiB: 179 })).toEqual([]);
      expect(warnings(4, { size: VmSize.NC4AS_T4_V3, maxNodes: 4 })).toEqual([]);
    },
  );

  test('counts for a pool made elsewhere only where its size is known', () => {
    const of = (osDiskGiB?: number) => {
      const { platform, digits } = served({ sizeBytes: 500 * GIB - 1024, ...MOUNT });
      const pool = NodePool.fromNodePoolAttributes(platform.serving, 'theirs', {
        poolName: 'theirs',
        size: VmSize.NC4AS_T4_V3,
        maxNodes: 2,
        osDiskGiB,
      });
      platform.serving.addTritonService('other', { pool, models: [digits] });
      return messagesOf(platform.serving);
    };

    expect([of(), of(1024)]).toEqual([[], []]);
    expect(of(512)).toEqual([expect.stringMatching(/take 500 GiB .* the pool 'theirs' has 512 GiB, .* more than 556/)]);
  });

  test('holds what a server loads where it reads models itself, and all files where they are downloaded', () => {
    const source = modelSource({
      'triton/one/config.pbtxt': SCRIPT['config.pbtxt'],
      'triton/one/1/model.py': SCRIPT['1/model.py'],
      'triton/two/config.pbtxt': SCRIPT['config.pbtxt'],
      'triton/two/1/model.py': SCRIPT['1/model.py'],
    });
    const of = (loading: ModelLoading, load: string) => {
      const { platform, gpu, digits } = served({ model: { source } });
      const files = digits.content.files.map((file) =>
        file.name === 'triton/two/1/model.py' ? { ...file, sizeBytes: 200 * GIB } : file,
      );
      Object.assign(digits, { content: { ...digits.content, files } });
      const modelControl = ModelControl.explicit({ load: [load] });
      platform.serving.addTritonService('other', { pool: gpu, models: [digits], loading, modelControl });
      return messagesOf(platform.serving).filter((message) => message.includes('osDiskGiB'));
    };

    expect(of(ModelLoading.DIRECT, 'one')).toEqual([]);
    expect(of(ModelLoading.DIRECT, 'two')).toHaveLength(1);
    expect(of(ModelLoading.DOWNLOAD, 'one')).toHaveLength(1);
  });
});

describe('the time to start', () => {
  const times = (given: Given) => {
    const { spec, timeouts } = deployment(given);
    const [server] = spec?.template?.spec?.container ?? [];
    return [Number(server?.startup_probe?.failure_threshold) * 10, String(timeouts?.create)];
  };

  test.each([
    [15 * GIB, 600, '30m'],
    [16 * GIB, 610, '31m'],
    [24 * GIB, 730, '33m'],
    [80 * GIB, 1630, '48m'],
  ])('of models of %d bytes is %d seconds, and that of a rollout %s', (sizeBytes, seconds, minutes) => {
    expect(times({ sizeBytes })).toEqual([seconds, minutes]);
  });

  test('of a rollout has that of the download besides', () => {
    expect(times({ ...DOWNLOAD, sizeBytes: 80 * GIB })).toEqual([1630, '65m']);
    expect(times({ ...MOUNT, sizeBytes: 80 * GIB })).toEqual([1630, '48m']);
    expect(times({ ...DOWNLOAD })).toEqual([600, '30m']);
  });

  test('of a rollout has that of the download besides where a script stands before Triton, too', () => {
    const { triton, template } = served({ ...DOWNLOAD, sizeBytes: 80 * GIB });
    const sourceDirectory = folderWith({ 'score.py': 'def init(): 1\n\n\ndef run(data): 1\n' });
    triton.withScoringScript({ entryScript: 'score.py', sourceDirectory });

    expect(template().resource(DeploymentV1)).toMatchObject({ timeouts: { create: '70m', update: '70m' } });
  });

  test('is what is given, whatever the models', () => {
    const sizeBytes = 80 * GIB;

    expect(times({ sizeBytes, service: { initialDelaySeconds: 60 } })).toEqual([90, '30m']);
    expect(times({ sizeBytes, service: { rolloutTimeoutMinutes: 90 } })).toEqual([1630, '90m']);
  });

  test('of a rollout is never given away: what is given must be longer', () => {
    expect(
      messagesOf(served({ sizeBytes: 80 * GIB, service: { rolloutTimeoutMinutes: 27 } }).platform.serving),
    ).toEqual([expect.stringMatching(/^rolloutTimeoutMinutes must be longer .* got 27 minutes and 1625 seconds$/)]);
  });
});
