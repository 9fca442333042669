import { join } from 'node:path';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { PodDisruptionBudgetV1 } from '@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1';
import { ServiceV1 } from '@cdktf/provider-kubernetes/lib/service-v1';
import {
  Exposure,
  GpuDriver,
  type GpuPoolOptions,
  LogLevel,
  MigProfile,
  MigStrategy,
  ModelControl,
  type ModelOptions,
  RateLimiter,
  ServiceAuth,
  TritonService,
  type TritonServiceOptions,
  VmSize,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { gatewayConfig } from '../../src/gateway/gateway-config';
import { TRITON_PROTOCOL } from '../../src/gateway/protocol';
import { routerConfig } from '../../src/gateway/router-config';
import { SCORING_REQUEST_LIMITS } from '../../src/scoring/request-limits';
import {
  folderWith,
  messagesOf,
  modelSource,
  problemsOf,
  TimeSleep,
  testModel,
  testPlatform,
  warningsOf,
  written,
} from '../fixtures';

interface Given {
  readonly service?: Partial<TritonServiceOptions>;
  readonly pool?: Partial<GpuPoolOptions>;
  readonly model?: Partial<ModelOptions>;
  readonly name?: string;
}

function served({ service = {}, pool = {}, model = {}, name = 'reader' }: Given = {}) {
  const platform = testPlatform();
  const gpu = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 2, ...pool });
  const digits = platform.models.addModel('digits', { source: modelSource(), ...model });
  const triton = platform.serving.addTritonService(name, { pool: gpu, models: [digits], numReplicas: 1, ...service });
  return { platform, triton, digits, template: () => Template.of(platform.serving) };
}

type Parts = { readonly [name: string]: Parts } & readonly Parts[];

const deployment = (given?: Given) => served(given).template().resource(DeploymentV1) as unknown as Parts;
const pod = (given?: Given) => deployment(given).spec?.template?.spec;
const container = (given?: Given) => pod(given)?.container?.[0];

test('defaultChild is the deployment', () => {
  expect(served().triton.node.defaultChild).toBeInstanceOf(DeploymentV1);
});

describe('the server', () => {
  test('serves its models and no others, and loads none at a caller’s word', () => {
    const { platform, digits, template } = served();
    testModel(platform, 'letters');
    const account = platform.models.storageAccountName;

    const [server] = (template().resource(DeploymentV1) as unknown as Parts).spec?.template?.spec?.container ?? [];
    expect(server?.args).toEqual([
      'tritonserver',
      `--model-repository=as://${account}/models/prod-serving/digits/${digits.content.hash}`,
      '--model-control-mode=none',
      '--strict-readiness=true',
      '--http-address=127.0.0.1',
      '--http-port=8000',
      '--http-max-input-size=104857600',
      '--grpc-address=127.0.0.1',
      '--grpc-port=8001',
      '--metrics-address=0.0.0.0',
      '--metrics-port=8002',
      '--exit-timeout-secs=30',
    ]);
  });

  test('has one repository a model', () => {
    const { platform, template, triton } = served();
    const pool = platform.cluster.pools.at(-1) as TritonServiceOptions['pool'];
    const models = ['a', 'b'].map((name) => testModel(platform, name));
    platform.serving.addTritonService('both', { pool, models });

    const both = template().resource(DeploymentV1, 'both') as unknown as Parts;
    const args = both.spec?.template?.spec?.container?.[0]?.args as unknown as string[];
    expect(args.filter((argument) => argument.startsWith('--model-repository='))).toEqual([
      expect.stringContaining('/prod-serving/a/'),
      expect.stringContaining('/prod-serving/b/'),
    ]);
    expect(triton.models.map((model) => model.modelName)).toEqual(['digits']);
  });

  test('is NVIDIA’s image by default, or the given one', () => {
    expect(container()?.image).toBe('nvcr.io/nvidia/tritonserver:26.10-py3');
    expect(served().triton.image).toBe('nvcr.io/nvidia/tritonserver:26.10-py3');
    expect(container({ service: { image: 'contoso.azurecr.io/triton:1' } })?.image).toBe('contoso.azurecr.io/triton:1');
  });

  test('reads models with its own identity', () => {
    expect(container()?.env).toEqual([
      { name: 'AZURE_STORAGE_AUTH_TYPE', value: 'default' },
      { name: 'HOME', value: '/tmp' },
      { name: 'CUDA_VISIBLE_DEVICES', value: '0' },
    ]);
  });

  test('sees the GPUs of its replica, whatever its image says; an instance is handed to it by its own name', () => {
    const visible = (given: Given) =>
      [...(container(given)?.env ?? [])].find(({ name }) => String(name) === 'CUDA_VISIBLE_DEVICES')?.value;

    expect(visible({ pool: { size: VmSize.NC64AS_T4_V3 }, service: { gpuCores: 2 } })).toBe('0,1');
    expect(visible({ pool: { size: VmSize.NC24ADS_A100_V4, migProfile: MigProfile.MIG1G } })).toBeUndefined();
    expect(
      visible({ pool: { size: VmSize.ND96ISR_MI300X_V5 }, service: { image: 'contoso/rocm:1', gpuCores: 2 } }),
    ).toBeUndefined();
  });

  test('takes bodies as large as its gateway lets through', () => {
    expect(container({ service: { maxRequestBodyMiB: 2047 } })?.args).toContain('--http-max-input-size=2146435072');
  });

  test('is reached by its gateway alone, but for metrics', () => {
    expect(container()?.port).toEqual([{ name: 'triton-metrics', container_port: 8002, protocol: 'TCP' }]);
  });

  test('has ten minutes to start, then is asked through the gateway whether it lives and whether it is ready', () => {
    const asked = (path: string) => ({ http_get: { path, port: '8405' }, timeout_seconds: 2 });

    expect(container()).toMatchObject({
      startup_probe: { ...asked('/ready'), period_seconds: 10, failure_threshold: 60 },
      liveness_probe: { ...asked('/live'), period_seconds: 10, failure_threshold: 3 },
      readiness_probe: { ...asked('/ready'), period_seconds: 5, success_threshold: 1, failure_threshold: 3 },
    });
  });

  test('has as long to start as it is given, rounded up', () => {
    const service = { initialDelaySeconds: 65, periodSeconds: 15, failureThreshold: 2 };

    expect(container({ service })?.startup_probe?.failure_threshold).toBe(10);
  });

  test('is started as it is told, and never reads what it is told as a reference', () => {
    const service = {
      exitOnError: false,
      gpuCores: 2,
      cudaMemoryMiB: 128,
      logLevel: LogLevel.WARNING,
      backendConfig: { python: { note: '$(HOME) ${a.b}' } },
    };

    expect(container({ service, pool: { size: VmSize.NC64AS_T4_V3 } })?.args).toEqual(
      expect.arrayContaining([
        '--exit-on-error=false',
        '--cuda-memory-pool-byte-size=1:134217728',
        '--log-info=false',
        '--backend-config=python,note=$$(HOME) $${a.b}',
      ]),
    );
  });

  test('has a gibibyte of shared memory, or what it is given', () => {
    const size = (given?: Given) => pod(given)?.volume?.[1]?.empty_dir?.size_limit;

    expect(size()).toBe('1Gi');
    expect(size({ service: { sharedMemoryMiB: 64 } })).toBe('64Mi');
  });

  test('is given as long to end as it may take', () => {
    expect(pod({ service: { exitTimeoutSeconds: 90 } })?.termination_grace_period_seconds).toBe(66 + 90 + 5);
  });

  test('is asked as often as it is told', () => {
    const service = { periodSeconds: 4, timeoutSeconds: 3, successThreshold: 2, failureThreshold: 5 };

    expect(container({ service })).toMatchObject({
      startup_probe: { failure_threshold: 59, http_get: { path: '/ready' }, timeout_seconds: 3 },
      liveness_probe: { period_seconds: 4, failure_threshold: 5, timeout_seconds: 3 },
      readiness_probe: { period_seconds: 4, success_threshold: 2, failure_threshold: 5 },
    });
  });

  test('is of the release that its model names', () => {
    expect(container({ model: { frameworkVersion: '26.07-py3' } })?.image).toBe(
      'nvcr.io/nvidia/tritonserver:26.07-py3',
    );
  });

  test('stops after the calls that it has, and is given its own half a minute for that', () => {
    expect(container()?.lifecycle).toEqual({ pre_stop: [{ exec: { command: ['sleep', '66'] } }] });
    expect(pod()?.termination_grace_period_seconds).toBe(66 + 30 + 5);
  });
});

describe('the gateway', () => {
  const config = (given?: Given) => {
    const { data } = served(given).template().resource(ConfigMapV1, 'gateway/Config') as {
      data?: Record<string, string>;
    };
    return data?.['haproxy.cfg'] ?? '';
  };

  const settings = {
    serviceName: 'reader',
    protocol: TRITON_PROTOCOL,
    limits: { ...SCORING_REQUEST_LIMITS, replicaMaxConcurrentRequests: 8 },
    keyMap: '/usr/local/etc/haproxy/keys.map',
    keysTaskFile: '/usr/local/etc/haproxy/keys.lua',
    metricsTaskFile: '/usr/local/etc/haproxy/metrics.lua',
    behindRouter: false,
    drainTimeoutSeconds: 61,
  };

  test('knows what callers may ask of Triton, and lets two batches of its model through at once', () => {
    expect(config()).toBe(gatewayConfig(settings));
  });

  test('holds the limits of the service', () => {
    const limits = {
      replicaMaxConcurrentRequests: 7,
      maxRequestWaitTimeMs: 1234,
      scoringTimeoutMs: 4321,
      replicaMaxQueuedRequests: 17,
      maxRequestBodyMiB: 3,
      requestReadTimeoutMs: 2345,
    };

    expect(config({ service: limits })).toBe(gatewayConfig({ ...settings, limits, drainTimeoutSeconds: 6 }));
  });
});

test('routers that know Triton, too, stand before several replicas', () => {
  const { template } = served({ service: { numReplicas: 2 } });
  const { data } = template().resource(ConfigMapV1, 'router/haproxy/Config') as { data?: { [file: string]: string } };

  expect(data?.['haproxy.cfg']).toBe(
    routerConfig({
      serviceName: 'reader',
      protocol: TRITON_PROTOCOL,
      limits: { ...SCORING_REQUEST_LIMITS, replicaMaxConcurrentRequests: 8 },
      keyMap: '/usr/local/etc/haproxy/keys.map',
      keysTaskFile: '/usr/local/etc/haproxy/keys.lua',
      metricsTaskFile: '/usr/local/etc/haproxy/metrics.lua',
      replicasHost: 'reader-replicas.serving.svc.cluster.local',
      maxReplicas: 16,
      routerHosts: [0, 1].map((index) => `reader-router-${index}.reader-router.serving.svc.cluster.local`),
      drainTimeoutSeconds: 77,
    }),
  );
});

describe('the pod', () => {
  test('runs without root, on an image it cannot write to, and without a token of Kubernetes', () => {
    expect(pod()).toMatchObject({
      automount_service_account_token: false,
      enable_service_links: false,
      security_context: {
        run_as_non_root: true,
        run_as_user: '1000',
        run_as_group: '1000',
        fs_group: '1000',
        seccomp_profile: { type: 'RuntimeDefault' },
      },
      volume: [
        { name: 'tmp', empty_dir: {} },
        { name: 'shm', empty_dir: { medium: 'Memory', size_limit: '1Gi' } },
        { name: 'gateway-config', config_map: { name: expect.stringMatching(/^\$\{kubernetes_config_map_v1\./) } },
        { name: 'keys', secret: { secret_name: expect.stringMatching(/^\$\{kubernetes_secret_v1\./) } },
      ],
    });
    expect(container()).toMatchObject({
      security_context: {
        run_as_non_root: true,
        allow_privilege_escalation: false,
        read_only_root_filesystem: true,
        capabilities: { drop: ['ALL'] },
      },
      volume_mount: [
        { name: 'tmp', mount_path: '/tmp' },
        { name: 'shm', mount_path: '/dev/shm' },
      ],
    });
  });

  test('gets 2 cores, 8 GiB and one GPU by default', () => {
    expect(container()?.resources).toEqual({
      requests: { cpu: '2', memory: '8Gi', 'nvidia.com/gpu': '1' },
      limits: { memory: '8Gi', 'nvidia.com/gpu': '1' },
    });
  });

  test('gets whole GPUs alone, as many as it asks for', () => {
    const pool = { size: VmSize.NC64AS_T4_V3 };
    const { requests, limits } = container({ service: { gpuCores: 2 }, pool })?.resources ?? {};

    expect(requests?.['nvidia.com/gpu']).toBe('2');
    expect(limits?.['nvidia.com/gpu']).toBe('2');
  });

  test('gets what it asks for', () => {
    const given = { service: { cpuCores: 0.5, memoryGb: 16, gpuCores: 4 }, pool: { size: VmSize.NC64AS_T4_V3 } };

    expect(container(given)?.resources).toEqual({
      requests: { cpu: '500m', memory: '16Gi', 'nvidia.com/gpu': '4' },
      limits: { memory: '16Gi', 'nvidia.com/gpu': '4' },
    });
  });

  test('may use no more than it is told', () => {
    const service = { cpuCoresLimit: 3, memoryGbLimit: 12 };

    expect(container({ service })?.resources).toEqual({
      requests: { cpu: '2', memory: '8Gi', 'nvidia.com/gpu': '1' },
      limits: { cpu: '3', memory: '12Gi', 'nvidia.com/gpu': '1' },
    });
  });

  test('gets instances where the pool partitions its GPUs, under the name that they have', () => {
    const size = VmSize.NC24ADS_A100_V4;
    const resources = (migStrategy?: MigStrategy) =>
      container({ pool: { size, migProfile: MigProfile.MIG1G, migStrategy } })?.resources?.limits;

    expect(resources()).toEqual({ memory: '8Gi', 'nvidia.com/gpu': '1' });
    expect(resources(MigStrategy.MIXED)).toEqual({ memory: '8Gi', 'nvidia.com/mig-1g.10gb': '1' });
  });

  test('runs on the nodes of its pool and nowhere else', () => {
    expect(pod()).toMatchObject({
      node_selector: { 'kubernetes.azure.com/agentpool': 'gpu' },
      toleration: [{ key: 'sku', operator: 'Equal', value: 'gpu', effect: 'NoSchedule' }],
    });
  });

  test('puts up with what a pool of spare capacity adds', () => {
    expect(pod({ pool: { spot: true } })?.toleration).toEqual([
      expect.objectContaining({ key: 'sku' }),
      { key: 'kubernetes.azure.com/scalesetpriority', operator: 'Equal', value: 'spot', effect: 'NoSchedule' },
    ]);
  });

  test('runs as an identity that may read the models, and waits until Azure knows of it', () => {
    const { template } = served();

    expect(pod()?.service_account_name).toMatch(/^\$\{kubernetes_service_account_v1\.reader_workload_.+\.name\}$/);
    expect(deployment().spec?.template?.metadata?.labels).toMatchObject({ 'azure.workload.identity/use': 'true' });
    expect(template().resource(RoleAssignment)).toMatchObject({
      role_definition_name: 'Storage Blob Data Reader',
      principal_type: 'ServicePrincipal',
      scope: expect.stringMatching(/\/blobServices\/default\/containers\/models$/),
    });
    expect(Object.values(template().resource(TimeSleep, 'reader/Roles').triggers as object)).toEqual([
      expect.stringMatching(/^\$\{azurerm_role_assignment\.reader_workload_StorageBlobDataReader-container-.+\.id\}$/),
    ]);
    expect(deployment().depends_on).toEqual([
      expect.stringMatching(/^azurerm_storage_blob\.models_digits_/),
      expect.stringMatching(/^time_sleep\.reader_Roles_/),
      expect.stringMatching(/^azurerm_federated_identity_credential\.reader_workload_Trust_/),
      expect.stringMatching(/^kubernetes_secret_v1\.reader_keys_/),
      expect.stringMatching(/^helm_release\.reader_chart_/),
    ]);
  });
});

describe('a driver that is older than the image asks for', () => {
  /** Inside the cluster, where there is nothing else to warn of. */
  const warnings = (pool: Partial<GpuPoolOptions>) =>
    warningsOf(served({ pool, service: { exposure: Exposure.CLUSTER } }).triton);

  test('is warned of, and refused not', () => {
    const given = { pool: { size: VmSize.NV36ADS_A10_V5 } };

    expect(messagesOf(served(given).platform.serving)).toEqual([]);
    expect(warnings(given.pool)).toEqual([expect.stringMatching(/^AKS installs the driver 570\.211\.01 on/)]);
  });

  test('is not warned of where AKS installs none, or a new one', () => {
    expect(warnings({ size: VmSize.NV36ADS_A10_V5, gpuDriver: GpuDriver.NONE })).toEqual([]);
    expect(warnings({})).toEqual([]);
  });
});

describe('a rollout', () => {
  const timeouts = (given: Given) => {
    const { timeouts, spec, wait_for_rollout } = deployment(given);
    return { ...timeouts, deadline: spec?.progress_deadline_seconds, wait: wait_for_rollout };
  };

  test.each([
    ['30 minutes where a node may have to start', {}, 30],
    ['20 minutes where a node is there', { pool: { minNodes: 1 } }, 20],
    ['20 minutes more than a server that starts slowly', { service: { initialDelaySeconds: 1770 } }, 50],
    ['as long as it is given', { service: { rolloutTimeoutMinutes: 45 } }, 45],
  ])('may take %s, in Terraform and in Kubernetes', (_, given, minutes) => {
    expect(timeouts(given)).toEqual({
      create: `${minutes}m`,
      update: `${minutes}m`,
      deadline: minutes * 60,
      wait: true,
    });
  });

  test('starts a new pod first where the pool has a GPU to spare', () => {
    expect(deployment({ service: { numReplicas: 1 } }).spec?.strategy).toEqual({
      type: 'RollingUpdate',
      rolling_update: { max_surge: '1', max_unavailable: '0' },
    });
  });

  test('ends an old pod first where it has none', () => {
    expect(deployment({ service: { numReplicas: 2 } }).spec?.strategy).toEqual({
      type: 'RollingUpdate',
      rolling_update: { max_surge: '0', max_unavailable: '1' },
    });
  });

  test('counts replicas, not GPUs, as what may be spare', () => {
    const given = { pool: { size: VmSize.NC64AS_T4_V3, maxNodes: 1 }, service: { gpuCores: 3, numReplicas: 1 } };

    expect(deployment(given).spec?.strategy?.rolling_update).toEqual({ max_surge: '0', max_unavailable: '1' });
  });

  test('is of one replica by default', () => {
    expect(deployment().spec?.replicas).toBe('1');
  });
});

describe('what is said of the models', () => {
  const model = {
    tags: { area: 'Natural language processing', type: 'Question & answer' },
    description: 'Läuft',
  };
  const annotation = 'azure-inference-cdktf/models';

  test('is an annotation of the deployment, with spaces and all', () => {
    const { template, digits } = served({ model });

    const { metadata } = template().resource(DeploymentV1) as { metadata?: { annotations: Record<string, string> } };
    expect(JSON.parse(metadata?.annotations[annotation] ?? '')).toEqual([
      { name: 'digits', versions: [1], hash: digits.content.hash, ...model },
    ]);
  });

  test('is never a label', () => {
    const { template } = served({ model });

    const labels = (JSON.stringify(template().json).match(/"labels":\{[^}]*\}/g) ?? []).join();
    expect(labels).toContain('reader');
    expect(labels).not.toContain('area');
    expect(labels).not.toContain('language');
  });
});

describe('the service', () => {
  test('is found by HTTP and gRPC through the gateway', () => {
    expect(served().template().resource(ServiceV1, 'reader/address')).toMatchObject({
      metadata: { name: 'reader', labels: { 'app.kubernetes.io/component': 'triton' } },
      spec: {
        port: [
          { name: 'http', port: 8000, target_port: 'requests' },
          { name: 'grpc', port: 8001, target_port: 'requests' },
        ],
      },
    });
  });

  test('selects the pods of its own deployment', () => {
    const { spec, metadata } = deployment();

    expect(spec?.selector?.match_labels).toEqual({ 'app.kubernetes.io/name': 'reader' });
    expect(spec?.template?.metadata?.labels).toMatchObject({ 'app.kubernetes.io/name': 'reader' });
    expect(metadata).toMatchObject({ name: 'reader', labels: { 'app.kubernetes.io/component': 'triton' } });
  });

  test('loses one pod at a time when nodes are drained', () => {
    expect(served().template().resource(PodDisruptionBudgetV1)).toMatchObject({
      metadata: { name: 'reader' },
      spec: { max_unavailable: '1', selector: { match_labels: { 'app.kubernetes.io/name': 'reader' } } },
    });
  });

  test('has addresses that the program can pass on', () => {
    const { triton } = served({ service: { exposure: Exposure.CLUSTER } });

    expect(triton).toMatchObject({
      serviceName: 'reader',
      httpUrl: 'http://reader.serving.svc.cluster.local:8000',
      grpcAddress: 'reader.serving.svc.cluster.local:8001',
    });
  });

  test('has those of its load balancer by default', () => {
    const { platform, triton } = served();
    const ip = String.raw`\$\{kubernetes_service_v1\.reader_address_\w+\.status\[0\]\.load_balancer\[0\]\.ingress\[0\]\.ip\}`;

    expect(written(platform.serving, triton.httpUrl)).toMatch(new RegExp(`^http://${ip}:8000$`));
    expect(written(platform.serving, triton.grpcAddress ?? '')).toMatch(new RegExp(`^${ip}:8001$`));
  });

  test('warns of keys that travel in clear to the load balancer', () => {
    expect(warningsOf(served().triton)).toEqual([expect.stringMatching(/^without TLS the keys of callers/)]);
    expect(warningsOf(served({ service: { auth: ServiceAuth.none() } }).triton)).toEqual([]);
  });
});

describe('fails for', () => {
  const messages = (given: Given) => messagesOf(served(given).platform.serving);

  test.each([
    ['Digit_Reader', "; 'digit-reader' would do"],
    ['', ''],
  ])('the name %j', (name, remedy) => {
    expect(messages({ name })).toEqual([
      'a service name is 1 to 63 lowercase letters, digits and hyphens, the first a letter, the last a letter or digit; ' +
        `got '${name}'${remedy}`,
    ]);
  });

  test('a name that is longer than its routers could carry', () => {
    expect(messages({ name: 'x'.repeat(46) })).toEqual([
      expect.stringMatching(/^a service name is at most 45 characters long.* with 46$/),
    ]);
  });

  test('a pool without GPUs', () => {
    const { platform, digits } = served();
    const [work] = platform.cluster.pools;
    platform.serving.addTritonService('slow', {
      pool: work as TritonServiceOptions['pool'],
      models: [digits],
      gpuCores: 9,
    });

    expect(problemsOf(platform.serving)).toEqual([
      {
        path: 'prod-serving/slow',
        message:
          "a Triton service runs on GPUs, and the pool 'work' of Standard_D4s_v5 has none; place it on a pool made with " +
          "'addGpuPool'",
      },
    ]);
  });

  test('more GPUs a replica than a node has', () => {
    expect(messages({ service: { gpuCores: 2 } })).toEqual([
      "a node of the pool 'gpu' (Standard_NC4as_T4_v3) hands out 1 of 'nvidia.com/gpu', and a replica runs on one node; " +
        'got gpuCores 2; Standard_NC64as_T4_v3 is the smallest size of its family that would do',
    ]);
  });

  test('more CPU and memory a replica than a node has left', () => {
    expect(messages({ service: { cpuCores: 4, memoryGb: 28 } })).toEqual([
      "a node of the pool 'gpu' (Standard_NC4as_T4_v3) leaves 3.46 cores and 20.1 GiB of memory to pods, and a replica runs " +
        'on one node; got cpuCores 4, memoryGb 28; Standard_NC8as_T4_v3 is the smallest size of its family that would do',
    ]);
  });

  test('more instances of partitioned GPUs than a process can see', () => {
    const pool = { size: VmSize.NC24ADS_A100_V4, migProfile: MigProfile.MIG1G };

    expect(messages({ pool, service: { gpuCores: 2 } })).toEqual([
      "the pool 'gpu' cuts its GPUs into instances (MIG1g), and a process of CUDA sees one of them, so a replica asks for " +
        'one; got gpuCores 2; ask for more replicas, or take a larger profile or a pool of whole GPUs',
    ]);
  });

  test('more replicas than the cores of the pool can ever hold', () => {
    const pool = { size: VmSize.ND96ASR_V4, migProfile: MigProfile.MIG1G, maxNodes: 1 };

    expect(messages({ pool, service: { numReplicas: 45 } })).toEqual([]);
    expect(messages({ pool, service: { numReplicas: 46 } })).toEqual([
      "the pool 'gpu' grows to 1 nodes and holds 45 replicas of 2 cores each; got numReplicas 46; raise its maxNodes or ask for " +
        'fewer',
    ]);
  });

  test.each([
    [VmSize.ND40RS_V2, undefined, /^the V100 NVLink of Standard_ND40rs_v2 has compute capability 7\.0/],
    [VmSize.ND96ISR_MI300X_V5, undefined, /^NVIDIA's Triton runs on no GPU of AMD/],
    [VmSize.NC4AS_T4_V3, 'nvcr.io/nvidia/tritonserver:25.07-py3', /^Triton 25\.07 reads models only with a key/],
  ])('%o with an image that cannot serve there', (size, image, message) => {
    expect(messages({ pool: { size }, service: { image } })).toEqual([expect.stringMatching(message)]);
  });

  test('nothing where somebody else’s image runs on a GPU of AMD', () => {
    expect(messages({ pool: { size: VmSize.ND96ISR_MI300X_V5 }, service: { image: 'contoso/rocm:1' } })).toEqual([]);
  });

  test.each([
    ['NC6', /^Azure retired the size Standard_NC6 /],
    ['NC4as_T5', /^the catalogue of .* has no size 'NC4as_T5'/],
  ])('nothing of its own where the size %s is refused', (name, message) => {
    const { platform } = served({ pool: { size: VmSize.named(name) }, service: { gpuCores: 1, cpuCores: 3 } });

    expect(problemsOf(platform.serving).filter(({ path }) => path.startsWith('prod-serving'))).toEqual([]);
    expect(messagesOf(platform.serving)).toContainEqual(expect.stringMatching(message));
  });

  test('more replicas than the pool can ever hold', () => {
    expect(messages({ service: { numReplicas: 3 } })).toEqual([
      "the pool 'gpu' grows to 2 nodes and holds 2 replicas of 1 GPUs each; got numReplicas 3; raise its maxNodes or ask for " +
        'fewer',
    ]);
  });

  test('replicas that only fit across nodes', () => {
    const pool = { size: VmSize.NC64AS_T4_V3, maxNodes: 2 };

    expect(messages({ pool, service: { gpuCores: 3, numReplicas: 2 } })).toEqual([]);
    expect(messages({ pool, service: { gpuCores: 3, numReplicas: 3 } })).toEqual([
      expect.stringContaining('holds 2 replicas'),
    ]);
  });

  test('nothing where a replica is small', () => {
    expect(messages({ service: { cpuCores: 0.1, memoryGb: 0.5 } })).toEqual([]);
  });

  test('nothing where partitions make room', () => {
    const pool = { size: VmSize.NC24ADS_A100_V4, migProfile: MigProfile.MIG1G, maxNodes: 1 };

    expect(messages({ pool, service: { numReplicas: 7 } })).toEqual([]);
    expect(messages({ pool, service: { numReplicas: 8 } })).toHaveLength(1);
  });

  test.each([
    [{ gpuCores: 0 }, 'gpuCores must be a whole number from 1 to 1000; got 0'],
    [{ gpuCores: 0.5 }, 'gpuCores must be a whole number from 1 to 1000; got 0.5'],
    [{ gpuCores: Number.NaN }, 'gpuCores must be a whole number from 1 to 1000; got NaN'],
    [
      { numReplicas: 0 },
      'numReplicas must be a whole number from 1 to 1000; got 0; for a service that may have no replica give autoscale: ' +
        '{ minReplicas: 0 }',
    ],
    [{ numReplicas: 1.5 }, 'numReplicas must be a whole number from 1 to 1000; got 1.5'],
    [{ cpuCores: 0 }, 'cpuCores must be a number from 0.001 up; got 0'],
    [{ cpuCores: Number.NaN }, 'cpuCores must be a number from 0.001 up; got NaN'],
    [{ memoryGb: 0 }, 'memoryGb must be a number from 0.001 up; got 0'],
    [{ memoryGb: -1 }, 'memoryGb must be a number from 0.001 up; got -1'],
    [{ cpuCoresLimit: 1 }, 'cpuCoresLimit must not be below cpuCores, which a replica is promised; got 1 and 2'],
    [{ memoryGbLimit: 4 }, 'memoryGbLimit must not be below memoryGb, which a replica is promised; got 4 and 8'],
    [{ replicaMaxConcurrentRequests: 0 }, 'replicaMaxConcurrentRequests must be a whole number from 1 to 10000; got 0'],
    [{ initialDelaySeconds: 0 }, 'initialDelaySeconds must be a whole number from 1 to 86400; got 0'],
    [{ periodSeconds: 0 }, 'periodSeconds must be a whole number from 1 to 3600; got 0'],
    [{ exitTimeoutSeconds: 0 }, 'exitTimeoutSeconds must be a whole number from 1 to 3600; got 0'],
    [
      { sharedMemoryMiB: 9000 },
      'sharedMemoryMiB is part of the memory of a replica, 8 GiB at most (memoryGbLimit); got 9000; lower it, or raise ' +
        'memoryGb',
    ],
    [{ modelControl: ModelControl.poll() }, expect.stringMatching(/^ModelControl\.poll would find nothing/)],
    [
      { modelControl: ModelControl.explicit({ load: ['digit'] }) },
      "ModelControl.explicit loads models of the service, 'digits'; got 'digit'; did you mean 'digits'?",
    ],
    [
      { rateLimiter: RateLimiter.executionCount([{ name: 'R1', count: 1, gpu: 1 }]) },
      "gpu of the resource 'R1' of rateLimiter counts from 0 among the GPUs of a replica (gpuCores 1); got 1",
    ],
    [{ problems: ['deploymentconfig.json: a mistake'] }, 'deploymentconfig.json: a mistake'],
    [{ rolloutTimeoutMinutes: 1441 }, 'rolloutTimeoutMinutes must be a whole number from 1 to 1440; got 1441'],
    [
      { rolloutTimeoutMinutes: 10 },
      'rolloutTimeoutMinutes must be longer than initialDelaySeconds + periodSeconds × failureThreshold, or a deployment ' +
        'fails while its servers may still start; got 10 minutes and 600 seconds',
    ],
    [
      { initialDelaySeconds: 1770, rolloutTimeoutMinutes: 30 },
      'rolloutTimeoutMinutes must be longer than initialDelaySeconds + periodSeconds × failureThreshold, or a deployment ' +
        'fails while its servers may still start; got 30 minutes and 1800 seconds',
    ],
    [{ models: [] }, 'a Triton service serves one model or more; got none'],
    [{ drainTimeoutSeconds: 5 }, 'drainTimeoutSeconds must be a whole number from 10 to 3600; got 5'],
    [{ scoringTimeoutMs: 0 }, 'scoringTimeoutMs must be a whole number from 1 to 3600000; got 0'],
    [{ egressRanges: ['vnet'] }, expect.stringMatching(/^egressRanges are IPv4 networks .* got 'vnet'$/)],
    [{ sourceRanges: ['vnet'] }, expect.stringMatching(/^sourceRanges are IPv4 networks .* got 'vnet'$/)],
    [{ haproxyImage: 'haproxy:lts' }, expect.stringMatching(/^haproxyImage is an image .* got 'haproxy:lts'$/)],
    [{ exposure: Exposure.PUBLIC }, expect.stringMatching(/^Exposure\.PUBLIC needs TLS/)],
  ])('%j', (service, message) => {
    expect(messages({ service })).toEqual([message]);
  });

  test('one model more than once', () => {
    const { platform, digits, template } = served();
    const pool = platform.cluster.pools.at(-1) as TritonServiceOptions['pool'];
    platform.serving.addTritonService('twice', { pool, models: [digits, digits, digits] });

    expect(template).toThrow("prod-serving/twice: a service serves each model once; got 'digits' more than once");
  });

  test.each([
    ['a version folder that is no number', { 'latest/model.onnx': '' }, /has a folder 'latest'/],
    [
      'a configuration of another name',
      { 'config.pbtxt': 'name: "a"', '1/model.onnx': '' },
      /^config\.pbtxt:1 of the model 'digits': it names the model 'a', but its folder is 'digits'/,
    ],
  ])('%s, in the words of the model', (_, files, message) => {
    expect(messages({ model: { source: modelSource(files) } })).toEqual([expect.stringMatching(message)]);
  });
});

describe('a deployment configuration of Azure ML', () => {
  const read = (content: object) =>
    TritonService.fromDeploymentConfig(join(folderWith({ 'd.json': JSON.stringify(content) }), 'd.json'));

  test('is spread into the options', () => {
    const options = read({
      computeType: 'aks',
      numReplicas: 2,
      gpuCores: 1,
      containerResourceRequirements: { cpu: 1, cpuLimit: 2, memoryInGB: 4, memoryInGBLimit: 6 },
      maxConcurrentRequestsPerContainer: 3,
      livenessProbeRequirements: { initialDelaySeconds: 310, periodSeconds: 10, failureThreshold: 3 },
    });
    const given = { service: { ...options, exposure: Exposure.CLUSTER } };

    expect(messagesOf(served(given).platform.serving)).toEqual([]);
    expect(warningsOf(served(given).triton)).toEqual([]);
    expect(deployment(given).spec?.replicas).toBe('2');
    expect(container(given)).toMatchObject({
      startup_probe: { failure_threshold: 34 },
      resources: {
        requests: { cpu: '1', memory: '4Gi', 'nvidia.com/gpu': '1' },
        limits: { cpu: '2', memory: '6Gi', 'nvidia.com/gpu': '1' },
      },
    });
  });

  test('is judged by what a Triton service gets without it', () => {
    const given = { service: { ...read({ numReplicas: 1, containerResourceRequirements: { cpuLimit: 1 } }) } };

    expect(messagesOf(served(given).platform.serving)).toEqual([
      expect.stringMatching(/containerResourceRequirements\.cpuLimit must not be below cpu, .* got 1 and 2$/),
    ]);
    expect(warningsOf(served(given).triton)).toContainEqual(
      expect.stringMatching(/more than memoryInGB, 8, is killed/),
    );
  });

  test('may name the namespace', () => {
    const { platform } = served({ service: { namespace: 'vision' } });

    expect(Template.of(platform.serving).resource(ServiceV1, 'reader/address')).toMatchObject({
      metadata: { namespace: expect.stringContaining('namespaces_vision') },
    });
  });
});

describe('a model that is left out of what is loaded', () => {
  test('is warned of', () => {
    const { platform, triton, digits } = served({ service: { exposure: Exposure.CLUSTER } });
    const pool = platform.cluster.pools.at(-1) as TritonServiceOptions['pool'];
    const half = platform.serving.addTritonService('half', {
      pool,
      models: [digits, testModel(platform, 'letters')],
      modelControl: ModelControl.explicit({ load: ['digits'] }),
      exposure: Exposure.CLUSTER,
      numReplicas: 1,
    });

    expect(warningsOf(triton)).toEqual([]);
    expect(warningsOf(half)).toEqual([expect.stringMatching(/^ModelControl\.explicit does not load 'letters'/)]);
  });
});

test('fails for models that name different releases', () => {
  const { platform, digits } = served({ model: { frameworkVersion: '26.10-py3' } });
  const pool = platform.cluster.pools.at(-1) as TritonServiceOptions['pool'];
  const old = platform.models.addModel('letters', { source: modelSource(), frameworkVersion: '26.07-py3' });
  platform.serving.addTritonService('both', { pool, models: [digits, old] });

  expect(messagesOf(platform.serving)).toEqual([
    expect.stringMatching(/several releases as frameworkVersion: '26\.10-py3' of 'digits', '26\.07-py3' of 'letters';/),
  ]);
});

test('is deployed after the store of its models', () => {
  const { platform } = served();

  expect(platform.serving.dependencies).toContain(platform.foundationStack);
});

describe('models as Azure ML registers them for Triton', () => {
  const FILES = { 'triton/bidaf-9/1/model.onnx': 'weights', 'triton/tokens/2/model.onnx': 'more', 'notes.md': '#' };
  const registered = () => served({ model: { source: modelSource(FILES) } });

  test('are served under the names of their folders, from the folder that holds them', () => {
    const { platform, digits, template } = registered();
    const account = platform.models.storageAccountName;
    const args = (template().resource(DeploymentV1) as unknown as Parts).spec?.template?.spec?.container?.[0]?.args;

    expect(messagesOf(platform.serving)).toEqual([]);
    expect(args).toContain(
      `--model-repository=as://${account}/models/prod-serving/digits/${digits.content.hash}/digits/triton`,
    );
    const said = template().output('service_reader') as { [name: string]: object };
    for (const byModel of [said.scoring_uris, said.metadata_urls]) {
      expect(Object.keys(byModel ?? {})).toEqual(['bidaf-9', 'tokens']);
    }
    expect(said.models).toEqual([
      { name: 'bidaf-9', versions: [1] },
      { name: 'tokens', versions: [2] },
    ]);
  });

  test('fail to have the name of another model of the service', () => {
    const { platform } = served();
    const other = platform.models.addModel('registered', {
      source: modelSource({ 'triton/digits/1/model.onnx': 'weights' }),
    });
    const gpu = platform.cluster.addGpuPool('other', { size: VmSize.NC4AS_T4_V3, maxNodes: 1 });
    platform.serving.addTritonService('both', { pool: gpu, models: [testModel(platform, 'digits-2'), other] });
    expect(messagesOf(platform.serving)).toEqual([]);

    const digits = platform.models.addModel('digits-3', { source: modelSource({ 'triton/digits/1/model.onnx': 'x' }) });
    platform.serving.addTritonService('third', { pool: gpu, models: [other, digits] });
    expect(messagesOf(platform.serving)).toEqual([
      "the models 'registered' and 'digits-3' both hold a model 'digits' for Triton, which serves each name once; rename its " +
        'folder in one of them, or place them in services of their own',
    ]);
  });
});

describe('what the image cannot run', () => {
  const source = () => modelSource({ '1/model.savedmodel/saved_model.pb': 'graph' });

  test('fails: a SavedModel on a release without TensorFlow, with both ways out', () => {
    expect(messagesOf(served({ model: { source: source() } }).platform.serving)).toEqual([
      expect.stringMatching(
        /^the model 'digits' is a SavedModel of TensorFlow \('1\/model\.savedmodel'\), and Triton 26\.10 has no backend for it.*tf2onnx\.convert --saved-model.*tritonserver:25\.02-py3/,
      ),
    ]);
  });

  test('is not known of an image of one’s own', () => {
    const service = { image: 'contoso.azurecr.io/triton:1' };

    expect(messagesOf(served({ service, model: { source: source() } }).platform.serving)).toEqual([]);
  });
});

test('a problem of a configuration is refused with file and line, and what is doubtful is a warning', () => {
  const config = (more: string) => `name: "digits"\nplatform: "onnxruntime_onnx"\n${more}\n`;
  const withConfig = (more: string) =>
    served({ model: { source: modelSource({ '1/model.onnx': 'w', 'config.pbtxt': config(more) }) } });

  expect(messagesOf(withConfig('instance_group [ { kind: KIND_GPU gpus: [ 3 ] } ]').platform.serving)).toEqual([
    expect.stringMatching(/config\.pbtxt:3/),
  ]);
  expect(warningsOf(withConfig('instance_group [ { kind: KIND_CPU } ]').triton)).toContainEqual(
    expect.stringMatching(/config\.pbtxt:3.*KIND_CPU/),
  );
});
