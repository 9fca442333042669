import { StorageBlob } from '@cdktf/provider-azurerm/lib/storage-blob';
import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { ServiceV1 } from '@cdktf/provider-kubernetes/lib/service-v1';
import { StatefulSetV1 } from '@cdktf/provider-kubernetes/lib/stateful-set-v1';
import {
  type InferencePlatformProps,
  ModelLoading,
  ScoringEnvironment,
  ScoringImage,
  ServingStack,
  type TritonScriptOptions,
  type TritonServiceOptions,
  VmSize,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { gatewayConfig } from '../../src/gateway/gateway-config';
import { SCRIPT_BEFORE_TRITON_PROTOCOL } from '../../src/gateway/protocol';
import { SCORING_REQUEST_LIMITS } from '../../src/scoring/request-limits';
import {
  env,
  folderWith,
  messagesOf,
  outputOf,
  type testApp,
  testModel,
  testPlatform,
  warningsOf,
  written,
} from '../fixtures';

const SCRIPT = 'def init():\n    pass\n\n\ndef run(data):\n    return data\n';

type Parts = { readonly [name: string]: Parts } & readonly Parts[];

interface Given {
  readonly script?: Partial<TritonScriptOptions>;
  readonly service?: Partial<TritonServiceOptions>;
  readonly size?: VmSize;
  readonly platform?: Partial<InferencePlatformProps>;
}

function scripted({ script = {}, service = {}, size = VmSize.NC4AS_T4_V3, platform: options }: Given = {}) {
  const platform = testPlatform(options);
  const pool = platform.cluster.addGpuPool('gpu', { size, maxNodes: 4 });
  const triton = platform.serving.addTritonService('reader', {
    pool,
    models: [testModel(platform)],
    numReplicas: 1,
    ...service,
  });
  triton.withScoringScript({ entryScript: 'score.py', sourceDirectory: folderWith({ 'score.py': SCRIPT }), ...script });
  return { platform, pool, triton, template: () => Template.of(platform.serving) };
}

const podOf = (given?: Given) =>
  (scripted(given).template().resource(DeploymentV1) as unknown as Parts).spec?.template?.spec as Parts;
const containersOf = (given?: Given): { [name: string]: Parts } =>
  Object.fromEntries((podOf(given).container as readonly Parts[]).map((each) => [String(each.name), each]));
const dockerfileOf = (given?: Given) => {
  const output = outputOf(scripted(given).platform.serving.node.scope as ReturnType<typeof testApp>);
  const [, text = ''] = Object.entries(output).find(([path]) => path.endsWith('Dockerfile')) ?? [];
  const [, packages = ''] = Object.entries(output).find(([path]) => path.endsWith('requirements.txt')) ?? [];
  return { text, packages };
};

describe('a scoring script before Triton', () => {
  test('runs in the pod of Triton, behind the same gateway', () => {
    expect(Object.keys(containersOf())).toEqual(['triton', 'scoring', 'gateway']);
  });

  test('is what callers reach, at one address', () => {
    const { triton, platform, template } = scripted();

    expect((template().resource(ServiceV1) as unknown as Parts).spec?.port).toEqual([
      { name: 'http', port: 80, target_port: 'requests' },
    ]);
    expect(written(platform.serving, triton.scoringUri ?? '')).toMatch(
      /^http:\/\/\$\{kubernetes_service_v1\..*ip\}\/score$/,
    );
    expect(triton.grpcAddress).toBeUndefined();
    expect(written(platform.serving, triton.httpUrl)).toMatch(/^http:\/\/\$\{.*ip\}$/);
  });

  test('leaves Triton on the loopback address of the pod, with its own ports, metrics too', () => {
    const { triton } = containersOf();

    expect(triton?.args).toEqual(
      expect.arrayContaining([
        '--http-address=127.0.0.1',
        '--http-port=8000',
        '--grpc-address=127.0.0.1',
        '--grpc-port=8001',
        '--metrics-address=127.0.0.1',
      ]),
    );
    expect(triton?.port).toBeUndefined();
  });

  test('leaves the GPUs to Triton', () => {
    const { triton, scoring } = containersOf();

    expect(triton?.resources?.limits).toMatchObject({ 'nvidia.com/gpu': '1' });
    expect(scoring?.resources).toEqual({ requests: { cpu: '500m', memory: '1Gi' }, limits: { memory: '1Gi' } });
    expect(scoring?.env).toContainEqual({ name: 'NVIDIA_VISIBLE_DEVICES', value: 'void' });
    expect(triton?.env).toContainEqual({ name: 'CUDA_VISIBLE_DEVICES', value: '0' });
  });

  test('has what it is given of a replica', () => {
    const script = { cpuCores: 1.5, cpuCoresLimit: 2, memoryGb: 2, memoryGbLimit: 3, workerCount: 4 };
    const { scoring } = containersOf({
      script: { ...script, environmentVariables: { LANGUAGE: 'de' } },
      size: VmSize.NC8AS_T4_V3,
    });

    expect(scoring?.resources).toEqual({
      requests: { cpu: '1500m', memory: '2Gi' },
      limits: { cpu: '2', memory: '3Gi' },
    });
    expect(scoring?.command).toContain('--workers=4');
    expect(scoring?.env).toContainEqual({ name: 'LANGUAGE', value: 'de' });
  });

  test('forwards as many calls at once as the replica takes', () => {
    expect(containersOf({ service: { replicaMaxConcurrentRequests: 32 } }).scoring?.command).toContain('--threads=33');
  });

  test('has the limits of the service in its gateway', () => {
    const configs = Object.values(scripted().template().resources(ConfigMapV1)).map(({ data }) => data as object);
    const text = configs
      .map((data) => (data as Record<string, string>)['haproxy.cfg'])
      .find((each) => each !== undefined);

    expect(text).toBe(
      gatewayConfig({
        serviceName: 'reader',
        protocol: SCRIPT_BEFORE_TRITON_PROTOCOL,
        limits: { ...SCORING_REQUEST_LIMITS, replicaMaxConcurrentRequests: 8 } as Parameters<
          typeof gatewayConfig
        >[0]['limits'],
        keyMap: '/usr/local/etc/haproxy/keys.map',
        keysTaskFile: '/usr/local/etc/haproxy/keys.lua',
        metricsTaskFile: '/usr/local/etc/haproxy/metrics.lua',
        behindRouter: false,
        drainTimeoutSeconds: 61,
      }),
    );
  });

  test('has probes of its own, and Triton has others', () => {
    const { triton, scoring } = containersOf();
    const paths = (container: Parts | undefined) =>
      ['startup_probe', 'liveness_probe', 'readiness_probe'].map((probe) => String(container?.[probe]?.http_get?.path));

    expect(paths(triton)).toEqual(['/triton/ready', '/triton/live', '/triton/ready']);
    expect(paths(scoring)).toEqual(['/ready', '/live', '/ready']);
  });

  test('may take its own time to start, after Triton has taken its', () => {
    const threshold = (given?: Given) => Number(containersOf(given).scoring?.startup_probe?.failure_threshold);

    expect(threshold()).toBe((600 + 340) / 10);
    expect(threshold({ script: { initialDelaySeconds: 70 } })).toBe((600 + 100) / 10);
    expect(Number(containersOf().triton?.startup_probe?.failure_threshold)).toBe(60);
  });

  test('waits for Triton before it is loaded', () => {
    const configs = Object.values(scripted().template().resources(ConfigMapV1)).map(({ data }) => data as object);
    const text = JSON.stringify(configs);

    expect(text).toContain('wait_for_triton(server.log)');
    expect(text).toContain('HTTPConnection(\\"127.0.0.1\\", 8000');
  });

  test('scores a request before it takes calls where one is given', () => {
    const folder = folderWith({ 'request.json': '{"picture": ""}' });
    const text = JSON.stringify(
      scripted({ script: { warmupRequest: `${folder}/request.json` } })
        .template()
        .resources(ConfigMapV1),
    );

    expect(text).toContain('warm_up(worker.wsgi)');
  });

  test('keeps its pod until its calls and those of Triton have ended', () => {
    const given = { service: { exitTimeoutSeconds: 5 } };
    const drain = 5 + 1 + 60;

    expect(podOf(given).termination_grace_period_seconds).toBe(drain + 30 + 5);
    expect(podOf({ service: { exitTimeoutSeconds: 90 } }).termination_grace_period_seconds).toBe(drain + 90 + 5);
  });

  test('writes where nobody else does, as a user of its own', () => {
    const { triton, scoring } = containersOf();
    const temporary = (container: Parts | undefined) =>
      (container?.volume_mount as readonly Parts[] | undefined)?.find(({ mount_path: path }) => String(path) === '/tmp')
        ?.name;

    expect(temporary(scoring)).toBe('scoring-tmp');
    expect(temporary(triton)).toBe('tmp');
    expect(scoring?.security_context).toMatchObject({
      run_as_user: '1001',
      run_as_non_root: true,
      read_only_root_filesystem: true,
    });
  });

  test('has routers before it that let its calls through', () => {
    const { template } = scripted({ service: { numReplicas: 2 } });
    const text = JSON.stringify(template().resources(ConfigMapV1));

    expect(Object.keys(template().resources(StatefulSetV1))).toHaveLength(1);
    expect(text.match(/\^\/score\$/g)?.length).toBeGreaterThanOrEqual(2);
    expect(text).not.toContain('/v2/models/stats');
  });

  test.each([
    [1, '1'],
    [60, '0'],
  ])('is rolled out beside the old one where a node has room for both with its %d GiB', (memoryGb, surge) => {
    const given = { size: VmSize.NC64AS_T4_V3, service: { numReplicas: 12, memoryGb: 60 }, script: { memoryGb } };
    const { spec } = scripted(given).template().resource(DeploymentV1) as unknown as Parts;

    expect(spec?.strategy?.rolling_update?.max_surge).toBe(surge);
  });

  test('finds the models of its image', () => {
    const platform = testPlatform();
    const pool = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 4 });
    platform.serving.addTritonService('reader', { pool, models: [testModel(platform)] }).withScoringScript({
      entryScript: 'score.py',
      sourceDirectory: folderWith({ 'score.py': SCRIPT }),
      models: [testModel(platform, 'words')],
    });
    const { spec } = Template.of(platform.serving).resource(DeploymentV1) as unknown as Parts;

    expect(spec?.template?.spec?.container?.[1]?.env).toContainEqual({
      name: 'AZUREML_MODEL_DIR',
      value: expect.stringMatching(/^\/var\/azureml-app\/azureml-models\/words\/\d+$/),
    });
  });

  test('is one change of the deployment: the resources of Triton stay what they are', () => {
    const names = (template: Template) => {
      const resources = template.json.resource as { readonly [type: string]: object };
      return [DeploymentV1, ServiceV1].flatMap(({ tfResourceType }) => Object.keys(resources[tfResourceType] ?? {}));
    };
    const platform = testPlatform();
    const pool = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 4 });
    platform.serving.addTritonService('reader', { pool, models: [testModel(platform)], numReplicas: 1 });

    expect(names(scripted().template())).toEqual(names(Template.of(platform.serving)));
  });

  test.each([
    [ModelLoading.DOWNLOAD, ['models'], ['models', 'models-login']],
    [ModelLoading.MOUNT, [], ['models-1']],
  ])('stands before models that come by %s, too', (loading, initContainers, volumes) => {
    const given = { service: { loading }, platform: { blobDriver: true } };
    const names = (list: Parts | undefined) =>
      (list as readonly Parts[] | undefined)?.map(({ name }) => String(name)) ?? [];

    expect(names(podOf(given).init_container)).toEqual(initContainers);
    expect(Object.keys(containersOf(given))).toEqual(['triton', 'scoring', 'gateway']);
    expect(names(podOf(given).volume)).toEqual([
      ...['tmp', 'shm', ...volumes],
      ...['scoring-tmp', 'server-config', 'gateway-config', 'keys'],
    ]);
  });

  test('has an image that is built from its files, before the pods start', () => {
    const { template } = scripted();
    const { depends_on: dependsOn } = template().resource(DeploymentV1) as unknown as { depends_on: string[] };
    const names = Object.values(template().resources(StorageBlob)).map(({ name }) => String(name));

    expect(containersOf().scoring?.image).toMatch(/\.azurecr\.io\/prod-serving\/reader-script:[0-9a-f]{16}$/);
    expect(dependsOn.join()).toContain('azurerm_container_registry_task_schedule_run_now.');
    expect(names.some((name) => name.includes('scoring-images/reader-script/') && name.endsWith('score.py'))).toBe(
      true,
    );
  });

  test('says where it answers, and how to look at it and its image', () => {
    const { template } = scripted();
    const summary = template().output('service_reader') as { [name: string]: Parts };

    expect(Object.keys(summary)).toEqual(expect.arrayContaining(['scoring_uri', 'swagger_uri', 'script_image']));
    expect(String(summary.swagger_uri)).toBe(String(summary.scoring_uri).replace(/\/score$/, '/swagger.json'));
    expect(Object.keys(summary)).not.toEqual(expect.arrayContaining(['http_url']));
    expect(Object.keys(summary.commands?.logs ?? {})).toEqual(['gateway', 'scoring', 'triton']);
    expect(Object.keys(summary.commands?.script_image ?? {})).toEqual(['build_log', 'purge', 'reference', 'versions']);
    expect(String(summary.commands?.query)).toMatch(/^npx azure-inference query http:\/\/.*\/score request\.json /);
    expect(template().output('services')).toMatchObject({ reader: { scoring_uri: summary.scoring_uri } });
  });

  test('warns of nothing that a pool with GPUs would bring', () => {
    const { triton } = scripted();

    expect(warningsOf(triton.node.findChild('script').node.findChild('image'))).toEqual([]);
    expect(warningsOf(triton)).toEqual([expect.stringMatching(/^without TLS/)]);
  });
});

describe('the environment of a script before Triton', () => {
  test('is AzureML-Triton unless told otherwise: the scoring server, numpy and the clients of Triton', () => {
    const { text, packages } = dockerfileOf();

    expect(text).toContain('minimal-py312-inference@sha256:');
    expect(packages.trim().split('\n')).toEqual(['numpy==2.4.6', 'tritonclient[grpc,http]==2.73.0']);
  });

  test('can be that with more in it', () => {
    const environment = ScoringEnvironment.curated('AzureML-Triton').with({ pip: ['nltk==3.9.2'] });

    expect(dockerfileOf({ script: { environment } }).packages).toContain('nltk==3.9.2');
  });

  test('can be another one, which gets no CUDA for the sake of the pool', () => {
    const environment = ScoringEnvironment.pip({ packages: ['tritonclient[http]==2.73.0'] });

    expect(dockerfileOf({ script: { environment } }).text).toContain('minimal-py312-inference@sha256:');
  });

  test('can be read from a file of Azure ML', () => {
    const folder = folderWith({
      'score.py': SCRIPT,
      'inference-config.json': JSON.stringify({
        entryScript: 'score.py',
        sourceDirectory: '.',
        environment: { name: 'AzureML-Triton', version: '1' },
      }),
    });
    const script = ScoringImage.fromInferenceConfig(`${folder}/inference-config.json`);

    expect(dockerfileOf({ script }).packages).toContain('tritonclient[grpc,http]==2.73.0');
  });

  test('takes its environment beside a file of Azure ML that says none, and is warned of without a client', () => {
    const folder = folderWith({
      'score.py': `import tritonhttpclient\n${SCRIPT}`,
      'inference-config.json': '{ "entryScript": "score.py", "sourceDirectory": "." }',
    });
    const file = `${folder}/inference-config.json`;
    const environment = ScoringEnvironment.curated('AzureML-Triton').with({ pip: ['nltk'] });
    const warned = (script: TritonScriptOptions) =>
      warningsOf(scripted({ script }).triton.node.findChild('script').node.findChild('image'));

    expect(warned(ScoringImage.fromInferenceConfig(file))).toEqual([
      expect.stringMatching(
        /score\.py:1: imports tritonhttpclient, and the environment installs no client of Triton; /,
      ),
    ]);
    expect(warned(ScoringImage.fromInferenceConfig(file, environment))).toEqual([]);
  });
});

describe('a scoring script before Triton is refused', () => {
  const refused = (given: Given) => messagesOf(scripted(given).platform.serving);

  test('with numbers that make no sense, all at once', () => {
    const script = { cpuCores: 0, memoryGb: 2, memoryGbLimit: 1, workerCount: 65, initialDelaySeconds: 0.5 };

    expect(refused({ script })).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^cpuCores must be .*; got 0$/),
        expect.stringMatching(/^workerCount must be .*; got 65$/),
        expect.stringMatching(/^initialDelaySeconds must be .*; got 0\.5$/),
        'memoryGbLimit must not be below memoryGb, which a replica is promised; got 1 and 2',
      ]),
    );
  });

  test('without a file that has both functions', () => {
    const script = { sourceDirectory: folderWith({ 'score.py': 'def init():\n    pass\n' }) };

    expect(refused({ script })).toEqual([expect.stringMatching(/score\.py: has no function run\(\);/)]);
  });

  test('with variables that the library sets itself', () => {
    expect(refused({ script: { environmentVariables: { HOME: '/' } } })).toEqual([
      "environmentVariables must not set 'HOME', which the library or the cluster sets itself; leave it out",
    ]);
  });

  test('with a warm-up request that is not there', () => {
    expect(refused({ script: { warmupRequest: 'nowhere.json' } })).toEqual([expect.stringContaining('nowhere.json')]);
  });

  test.each([
    [ScoringEnvironment.pip({ packages: ['torch==2.9.1'], enableGpu: true })],
    [ScoringEnvironment.curated('minimal-py312-cuda12.4-inference')],
  ])('with an environment for GPUs, which are those of Triton', (environment) => {
    expect(refused({ script: { environment } })).toEqual([
      "a scoring script before Triton gets no GPU: they are Triton's; got an environment with enableGpu: true; take one " +
        "without GPUs, such as ScoringEnvironment.curated('AzureML-Triton')",
    ]);
  });

  test.each([
    ['Reader', /^a service name is 1 to 63 lowercase letters, .*; got 'Reader';/],
    ['r'.repeat(60), /^a service name is at most 45 characters long/],
  ])("with its service where that is named '%s', and not once more for the name of its image", (name, message) => {
    const platform = testPlatform();
    const pool = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 4 });
    platform.serving
      .addTritonService(name, { pool, models: [testModel(platform)] })
      .withScoringScript({ entryScript: 'score.py', sourceDirectory: folderWith({ 'score.py': SCRIPT }) });

    expect(messagesOf(platform.serving)).toEqual([expect.stringMatching(message)]);
  });

  test('where a node has no room for both', () => {
    expect(refused({ script: { memoryGb: 20 } })).toEqual([
      expect.stringMatching(
        /^a node of the pool 'gpu' \(Standard_NC4as_T4_v3\) leaves .* GiB of memory to pods.*got memoryGb 8.*; its scoring script takes 0\.5 cores and 20 GiB besides$/,
      ),
    ]);
    expect(refused({ script: { cpuCores: 3 } })).toEqual([
      expect.stringMatching(
        /^a node of the pool 'gpu' .* cores to pods.*got cpuCores 2.*; its scoring script takes 3 cores and 1 GiB besides$/,
      ),
    ]);
  });

  test('with less CPU at most than it is promised', () => {
    expect(refused({ script: { cpuCores: 1, cpuCoresLimit: 0.5 } })).toEqual([
      'cpuCoresLimit must not be below cpuCores, which a replica is promised; got 0.5 and 1',
    ]);
  });

  test('where the rollout would be over before both have started', () => {
    expect(refused({ service: { rolloutTimeoutMinutes: 15 } })).toEqual([
      'rolloutTimeoutMinutes must be longer than the initialDelaySeconds + periodSeconds × failureThreshold of Triton and ' +
        'of its scoring script together, or a deployment fails while its servers may still start; got 15 minutes and 940 ' +
        'seconds',
    ]);
  });

  test('as a second one', () => {
    const { triton, platform } = scripted();
    triton.withScoringScript({ entryScript: 'other.py' });

    expect(messagesOf(platform.serving)).toEqual([
      'a Triton service has one scoring script before it; got a second; let one call both',
    ]);
  });

  test('where nothing builds its image', () => {
    const platform = testPlatform();
    const pool = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 4 });
    const stack = new ServingStack(platform.serving.node.scope as ReturnType<typeof testApp>, 'other', {
      ...env,
      cluster: platform.cluster,
      keyVault: platform.serving.keyVault,
      namespace: 'other',
    });
    stack
      .addTritonService('reader', { pool, models: [testModel(platform)] })
      .withScoringScript({ entryScript: 'score.py', sourceDirectory: folderWith({ 'score.py': SCRIPT }) });

    expect(messagesOf(stack)).toEqual([
      'nothing is there to build the image; give the stack an imageBuilder, such as that of a FoundationStack',
    ]);
  });
});
