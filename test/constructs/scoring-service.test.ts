import { join } from 'node:path';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { ServiceV1 } from '@cdktf/provider-kubernetes/lib/service-v1';
import {
  type CpuPoolOptions,
  Exposure,
  type GpuPoolOptions,
  type INodePool,
  type InferencePlatform,
  MigProfile,
  ScoringImage,
  ScoringService,
  type ScoringServiceOptions,
  ServiceAuth,
  VmSize,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { gatewayConfig } from '../../src/gateway/gateway-config';
import { SCORING_PROTOCOL } from '../../src/gateway/protocol';
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
  readonly service?: Partial<ScoringServiceOptions>;
  readonly pool?: Partial<CpuPoolOptions>;

  /** A pool with GPUs in the place of the other. */
  readonly gpuPool?: Partial<GpuPoolOptions>;

  readonly name?: string;
}

const IMAGE = 'prod.azurecr.io/digits:3';

function served({ service = {}, pool: options = {}, gpuPool, name = 'reader' }: Given = {}) {
  const platform = testPlatform();
  const pool: INodePool =
    gpuPool === undefined
      ? platform.cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 3, ...options })
      : platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 2, ...gpuPool });
  const scoring = platform.serving.addScoringService(name, {
    pool,
    image: ScoringImage.fromRegistry(IMAGE),
    numReplicas: 1,
    ...service,
  });
  return { platform, pool, scoring, template: () => Template.of(platform.serving) };
}

/** The same with a model for each name. */
function servedWith(names: readonly string[], more: Partial<ScoringServiceOptions> = {}) {
  const { platform, pool } = served();
  const models = names.map((name) =>
    platform.models.addModel(name, { source: modelSource({ 'model.pkl': name }), version: 2 }),
  );
  const service = { pool, image: ScoringImage.fromRegistry(IMAGE), models, numReplicas: 1, ...more };
  const scoring = platform.serving.addScoringService('second', service);
  return { platform, models, scoring, template: () => Template.of(platform.serving) };
}

type Parts = { readonly [name: string]: Parts } & readonly Parts[];

const deployment = (given?: Given) => served(given).template().resource(DeploymentV1) as unknown as Parts;
const pod = (given?: Given) => deployment(given).spec?.template?.spec;
const container = (given?: Given) => pod(given)?.container?.[0];
const messages = (given?: Given) => messagesOf(served(given).platform.serving);

test('defaultChild is the deployment', () => {
  expect(served().scoring.node.defaultChild).toBeInstanceOf(DeploymentV1);
});

test('is accepted with nothing but a pool and an image', () => {
  expect(messages()).toEqual([]);
});

describe('the server', () => {
  test('is the script’s image, started as Azure ML’s scoring server for the gateway alone', () => {
    expect(container()).toMatchObject({
      name: 'scoring',
      image: IMAGE,
      command: expect.arrayContaining(['gunicorn', '--bind=127.0.0.1:5001', '--threads=2', '--timeout=91']),
    });
    expect(container()?.port).toBeUndefined();
    expect(served().scoring.image).toBe(IMAGE);
  });

  test('takes as many calls at once, and as long for each, as the service says', () => {
    const service = { replicaMaxConcurrentRequests: 8, scoringTimeoutMs: 5000 };

    expect(container({ service })?.command).toEqual(expect.arrayContaining(['--threads=9', '--timeout=36']));
  });

  test('gets a tenth of a core and half a GiB by default, and no more of the memory', () => {
    expect(container()?.resources).toEqual({
      requests: { cpu: '100m', memory: '512Mi' },
      limits: { memory: '512Mi' },
    });
  });

  test('gets what it is promised, and no more than its limits', () => {
    const service = { cpuCores: 0.5, cpuCoresLimit: 2, memoryGb: 1, memoryGbLimit: 1.5 };

    expect(container({ service })?.resources).toEqual({
      requests: { cpu: '500m', memory: '1Gi' },
      limits: { cpu: '2', memory: '1536Mi' },
    });
    expect(container({ service: { memoryGb: 2 } })?.resources?.limits).toEqual({ memory: '2Gi' });
  });

  test('has 340 seconds to start by default, then is asked as Azure ML asked it, through the gateway', () => {
    const asked = (path: string) => ({ http_get: { path, port: '8405' }, timeout_seconds: 2 });

    expect(container()).toMatchObject({
      startup_probe: { ...asked('/ready'), period_seconds: 10, failure_threshold: 34 },
      liveness_probe: { ...asked('/live'), period_seconds: 10, failure_threshold: 3 },
      readiness_probe: { ...asked('/ready'), period_seconds: 5, success_threshold: 1, failure_threshold: 3 },
    });
  });

  test('is asked as the service says', () => {
    const service = {
      periodSeconds: 3,
      initialDelaySeconds: 44,
      timeoutSeconds: 6,
      successThreshold: 2,
      failureThreshold: 4,
    };
    const asked = (path: string) => ({ http_get: { path, port: '8405' }, timeout_seconds: 6 });

    expect(container({ service })).toMatchObject({
      startup_probe: { ...asked('/ready'), period_seconds: 10, failure_threshold: 6 },
      liveness_probe: { ...asked('/live'), period_seconds: 3, failure_threshold: 4 },
      readiness_probe: { ...asked('/ready'), period_seconds: 3, success_threshold: 2, failure_threshold: 4 },
    });
    expect(container({ service })?.liveness_probe?.success_threshold).toBeUndefined();
  });

  test('stops after the calls that it has, and is given its own half a minute for that', () => {
    expect(container()?.lifecycle).toEqual({ pre_stop: [{ exec: { command: ['sleep', '66'] } }] });
    expect(pod()?.termination_grace_period_seconds).toBe(66 + 30 + 5);
  });

  test('stops no later than it may', () => {
    const service = { scoringTimeoutMs: 3_600_000, drainTimeoutSeconds: 120 };

    expect(container({ service })?.lifecycle).toEqual({ pre_stop: [{ exec: { command: ['sleep', '120'] } }] });
    expect(pod({ service })?.termination_grace_period_seconds).toBe(120 + 30 + 5);
  });
});

describe('the gateway', () => {
  const config = (given?: Given) => {
    const { data } = served(given).template().resource(ConfigMapV1, 'gateway/Config') as {
      data?: { [file: string]: string };
    };
    return data?.['haproxy.cfg'];
  };
  const settings = {
    serviceName: 'reader',
    protocol: SCORING_PROTOCOL,
    limits: SCORING_REQUEST_LIMITS,
    keyMap: '/usr/local/etc/haproxy/keys.map',
    keysTaskFile: '/usr/local/etc/haproxy/keys.lua',
    metricsTaskFile: '/usr/local/etc/haproxy/metrics.lua',
    behindRouter: false,
    drainTimeoutSeconds: 61,
  };

  test('knows what callers may ask of the server, and holds Azure ML’s limits', () => {
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

  test('cuts what is left when the time to drain is over', () => {
    const limits = { ...SCORING_REQUEST_LIMITS, scoringTimeoutMs: 3_600_000 };
    const service = { scoringTimeoutMs: 3_600_000, drainTimeoutSeconds: 120 };

    expect(config({ service })).toBe(gatewayConfig({ ...settings, limits, drainTimeoutSeconds: 115 }));
  });

  test('asks for no key where callers need none', () => {
    expect(config({ service: { auth: ServiceAuth.none() } })).toBe(
      gatewayConfig({ ...settings, keyMap: undefined, keysTaskFile: undefined }),
    );
  });

  test('sends requests on to no other replica where it has a router', () => {
    expect(config({ service: { numReplicas: 2 } })).toBe(gatewayConfig({ ...settings, behindRouter: true }));
  });
});

describe('GPUs', () => {
  const devices = (given: Given) => container(given)?.resources?.limits;

  test('are none on a pool without', () => {
    expect(devices({})).toEqual({ memory: '512Mi' });
  });

  test('are one on a pool with some, or as many as asked for', () => {
    expect(devices({ gpuPool: {} })).toEqual({ memory: '512Mi', 'nvidia.com/gpu': '1' });
    expect(devices({ gpuPool: { size: VmSize.NC64AS_T4_V3 }, service: { gpuCores: 3 } })).toEqual({
      memory: '512Mi',
      'nvidia.com/gpu': '3',
    });
  });

  test('are none where the service wants none, though it runs among them', () => {
    const given = { gpuPool: {}, service: { gpuCores: 0 } };

    expect(container(given)?.resources).toEqual({
      requests: { cpu: '100m', memory: '512Mi' },
      limits: { memory: '512Mi' },
    });
    expect(pod(given)).toMatchObject({
      node_selector: { 'kubernetes.azure.com/agentpool': 'gpu' },
      toleration: [{ key: 'sku', operator: 'Equal', value: 'gpu', effect: 'NoSchedule' }],
    });
    const hidden = { name: 'NVIDIA_VISIBLE_DEVICES', value: 'void' };
    expect(container(given)?.env).toContainEqual(hidden);
    expect(container({ gpuPool: {} })?.env).not.toContainEqual(hidden);
    expect(container()?.env).not.toContainEqual(hidden);
  });

  test('may be instances of partitioned ones, one a replica', () => {
    const gpuPool = { size: VmSize.NC24ADS_A100_V4, migProfile: MigProfile.MIG1G, maxNodes: 1 };

    expect(devices({ gpuPool })).toEqual({ memory: '512Mi', 'nvidia.com/gpu': '1' });
    expect(messages({ gpuPool, service: { numReplicas: 7 } })).toEqual([]);
    expect(messages({ gpuPool, service: { gpuCores: 2 } })).toEqual([
      "the pool 'gpu' cuts its GPUs into instances (MIG1g), and a process of CUDA sees one of them, so a replica asks for " +
        'one; got gpuCores 2; ask for more replicas, or take a larger profile or a pool of whole GPUs',
    ]);
  });

  test('fail to be halves', () => {
    expect(messages({ gpuPool: {}, service: { gpuCores: 0.5 } })).toEqual([
      'gpuCores must be a whole number from 0 to 1000; got 0.5',
    ]);
  });

  test('fail on a pool that has none, once', () => {
    expect(messages({ service: { gpuCores: 2, cpuCores: 64 } })).toEqual([
      "the pool 'cpu' of Standard_D4s_v5 has no GPUs; got gpuCores 2; leave gpuCores out, or place the service on a pool " +
        "made with 'addGpuPool'",
    ]);
  });
});

describe('the pod', () => {
  test('runs without root, on an image it cannot write to, and without a token of Kubernetes', () => {
    expect(pod()).toMatchObject({
      automount_service_account_token: false,
      enable_service_links: false,
      security_context: {
        run_as_non_root: true,
        run_as_user: '1001',
        run_as_group: '1001',
        fs_group: '1001',
        seccomp_profile: { type: 'RuntimeDefault' },
      },
    });
    for (const each of servedPod()?.container ?? []) {
      // what a container leaves out the provider sets to `false`, whatever the pod says
      expect(each.security_context).toMatchObject({
        run_as_non_root: true,
        allow_privilege_escalation: false,
        read_only_root_filesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  });

  test('downloads models in a container that is as locked', () => {
    const [init, ...others] = servedPod()?.init_container ?? [];

    expect(others).toEqual([]);
    expect(init).toMatchObject({
      name: 'models',
      security_context: {
        run_as_non_root: true,
        allow_privilege_escalation: false,
        read_only_root_filesystem: true,
        capabilities: { drop: ['ALL'] },
        seccomp_profile: { type: 'RuntimeDefault' },
      },
    });
  });

  test('gives its identity to whatever reads models, and not to the gateway', () => {
    const { metadata } = deployment().spec?.template ?? {};

    expect(metadata?.annotations).toEqual({ 'azure.workload.identity/skip-containers': 'gateway' });
    expect(metadata?.labels).toMatchObject({ 'azure.workload.identity/use': 'true' });
    expect(pod()?.service_account_name).toMatch(/^\$\{kubernetes_service_account_v1\.reader_workload_.+\.name\}$/);
  });

  test('runs on the nodes of its pool', () => {
    expect(pod()).toMatchObject({ node_selector: { 'kubernetes.azure.com/agentpool': 'cpu' }, toleration: [] });
  });

  const servedPod = () => {
    const { template } = servedWith(['digits']);
    return (template().resource(DeploymentV1, 'second') as unknown as Parts).spec?.template?.spec;
  };
});

describe('models', () => {
  const parts = (names: readonly string[]) => {
    const { template, models } = servedWith(names);
    const deployment = template().resource(DeploymentV1, 'second') as unknown as Parts;
    return { models, deployment, pod: deployment.spec?.template?.spec, template };
  };
  const variable = (spec: Parts | undefined, name: string) => {
    const variables = (spec?.container?.[0]?.env ?? []) as unknown as readonly { name: string; value: string }[];
    return variables.find((each) => each.name === name)?.value;
  };

  test('may be none: then nothing is downloaded, no role is waited for, and the image says where it has models', () => {
    const { template, scoring } = served();

    expect(pod()?.init_container).toEqual([]);
    expect(template().resources(RoleAssignment)).toEqual([]);
    expect(template().resources(TimeSleep)).toEqual([]);
    expect(variable(pod(), 'AZUREML_MODEL_DIR')).toBeUndefined();
    expect(scoring.models).toEqual([]);
  });

  test('are downloaded before the server starts, and lie where Azure ML had them', () => {
    const { models, pod: spec } = parts(['digits']);
    const folder = `prod-serving/digits/${models[0]?.content.hash}`;

    expect(spec?.init_container?.[0]?.args).toEqual([expect.any(String), 'models', `${folder}/*`, '1']);
    expect(spec?.container?.[0]?.volume_mount).toContainEqual({
      name: 'models',
      mount_path: '/var/azureml-app/azureml-models/digits/2',
      sub_path: `${folder}/digits`,
      read_only: true,
    });
    expect(spec?.volume).toContainEqual({ name: 'models', empty_dir: { size_limit: '17Mi' } });
    expect(variable(spec, 'AML_APP_ROOT')).toBe('/var/azureml-app');
    expect(variable(spec, 'AZUREML_MODEL_DIR')).toBe('/var/azureml-app/azureml-models/digits/2');
  });

  test('may be several', () => {
    const { pod: spec } = parts(['digits', 'letters']);
    const mounts = spec?.container?.[0]?.volume_mount as unknown as { mount_path: string }[];

    expect(mounts.map((mount) => mount.mount_path)).toEqual([
      '/tmp',
      '/etc/scoring-server',
      '/var/azureml-app/azureml-models/digits/2',
      '/var/azureml-app/azureml-models/letters/2',
    ]);
    expect(variable(spec, 'AZUREML_MODEL_DIR')).toBe('/var/azureml-app/azureml-models');
  });

  test('are uploaded and readable before the pods start', () => {
    const { deployment, template } = parts(['digits']);

    expect(deployment.depends_on).toEqual([
      expect.stringMatching(/^azurerm_storage_blob\.models_digits_/),
      expect.stringMatching(/^time_sleep\.second_Roles_/),
      expect.stringMatching(/^azurerm_federated_identity_credential\.second_workload_Trust_/),
      expect.stringMatching(/^kubernetes_secret_v1\.second_keys_/),
      expect.stringMatching(/^helm_release\.second_chart_/),
    ]);
    expect(template().resource(RoleAssignment)).toMatchObject({ role_definition_name: 'Storage Blob Data Reader' });
  });

  test('may be any files: the layout that Triton asks for is not asked of scripts', () => {
    const { platform, pool } = served();
    const model = platform.models.addModel('any', { source: modelSource({ 'latest/config.pbtxt': 'name: "other"' }) });
    const image = ScoringImage.fromRegistry(IMAGE);
    platform.serving.addScoringService('second', { pool, image, models: [model], numReplicas: 1 });

    expect(messagesOf(platform.serving)).toEqual([]);
  });

  test('fail to be one model twice', () => {
    const { platform, pool } = served();
    const model = testModel(platform);
    const image = ScoringImage.fromRegistry(IMAGE);
    platform.serving.addScoringService('second', { pool, image, models: [model, model], numReplicas: 1 });

    expect(problemsOf(platform.serving)).toEqual([
      {
        path: 'prod-serving/second',
        message:
          "a scoring service has one model of a name and version; got 'digits' of version 1 more than once; name it once, or " +
          'give the models different versions',
      },
    ]);
  });

  test('are said in an annotation, with version, hash and what was said of them', () => {
    const { deployment, models } = parts(['digits']);

    expect(JSON.parse(String(deployment.metadata?.annotations?.['azure-inference-cdktf/models']))).toEqual([
      { name: 'digits', versions: [2], hash: models[0]?.content.hash, tags: {} },
    ]);
  });
});

describe('an entry script', () => {
  const running = (entryScript: string) => ({ service: { image: ScoringImage.fromRegistry(IMAGE, { entryScript }) } });
  const named = (entryScript: string) => messages(running(entryScript));

  test('is what the image names by default', () => {
    expect(JSON.stringify(container()?.env)).not.toContain('AZUREML_ENTRY_SCRIPT');
  });

  test.each(['score.py', 'src/score.py', 'my-app/v1.2/score_it.py', '.hidden/score.py'])('may be %s', (entryScript) => {
    expect(named(entryScript)).toEqual([]);
    expect(container(running(entryScript))?.env).toContainEqual({
      name: 'AZUREML_ENTRY_SCRIPT',
      value: entryScript,
    });
  });

  test.each([
    ...['', 'score', 'score.PY', '/score.py', '../score.py', 'src/../score.py', './score.py', 'src//score.py'],
    ...['my script.py', 'score.py ', 'score.py\n', '$(HOME).py', '${path.root}.py', 'src\\score.py'],
  ])('fails to be %j', (entryScript) => {
    expect(named(entryScript)).toEqual([
      'entryScript is the path of a Python file below /var/azureml-app, of letters, digits, underscores, hyphens and ' +
        `periods, such as 'score.py' or 'src/score.py'; got '${entryScript}'`,
    ]);
  });
});

describe('addresses', () => {
  test('are those of the internal load balancer by default, at the port of the web', () => {
    const { platform, scoring } = served();
    const ip = String.raw`\$\{kubernetes_service_v1\.reader_address_\w+\.status\[0\]\.load_balancer\[0\]\.ingress\[0\]\.ip\}`;

    expect(written(platform.serving, scoring.scoringUri)).toMatch(new RegExp(`^http://${ip}/score$`));
    expect(written(platform.serving, scoring.swaggerUri)).toMatch(new RegExp(`^http://${ip}/swagger.json$`));
  });

  test('are names inside the cluster where the service stays there', () => {
    const { scoring, template } = served({ service: { exposure: Exposure.CLUSTER } });

    expect(scoring).toMatchObject({
      serviceName: 'reader',
      scoringUri: 'http://reader.serving.svc.cluster.local/score',
      swaggerUri: 'http://reader.serving.svc.cluster.local/swagger.json',
    });
    expect(template().resource(ServiceV1)).toMatchObject({
      spec: { port: [{ name: 'http', port: 80, target_port: 'requests' }] },
    });
  });
});

describe('options of a deploymentconfig.json', () => {
  const config = (content: object) => {
    const folder = folderWith({ 'deploymentconfig.json': JSON.stringify({ computeType: 'aks', ...content }) });
    const path = join(folder, 'deploymentconfig.json');
    return { path, options: ScoringService.fromDeploymentConfig(path) };
  };

  test('become those of the service', () => {
    const { options } = config({
      containerResourceRequirements: { cpu: 0.5, memoryInGB: 1 },
      numReplicas: 2,
      scoringTimeoutMs: 5000,
      authEnabled: false,
      autoScaler: { autoscaleEnabled: false },
    });
    const { platform, template } = served({ service: options });
    const parts = template().resource(DeploymentV1) as unknown as Parts;

    expect(messagesOf(platform.serving)).toEqual([]);
    expect(parts.spec?.replicas).toBe('2');
    expect(parts.spec?.template?.spec?.container?.[0]?.resources?.requests).toEqual({ cpu: '500m', memory: '1Gi' });
    expect(parts.spec?.template?.spec?.container?.[0]?.command).toContain('--timeout=36');
    expect(template().output('service_reader')).toMatchObject({ auth: 'none', replicas: 2 });
  });

  test('give their namespace to the service', () => {
    const { options } = config({ namespace: 'archive' });
    const { template } = served({ service: { ...options, exposure: Exposure.CLUSTER } });

    expect(template().output('service_reader')).toMatchObject({
      scoring_uri: 'http://reader.archive.svc.cluster.local/score',
    });
  });

  test('are refused together with what else is wrong with the service, in one error', () => {
    const { options, path } = config({ numReplica: 2, scoringTimeoutMs: 0 });
    const image = ScoringImage.fromRegistry(IMAGE, { entryScript: 'score' });
    const service = { ...options, image, cpuCores: 99, drainTimeoutSeconds: 1 };
    const { platform } = served({ service });

    expect(problemsOf(platform.serving)).toEqual(
      [
        '^entryScript is the path',
        `^${path}: .*numReplica`,
        `^${path}: scoringTimeoutMs must be`,
        "^a node of the pool 'cpu' .* got cpuCores 99",
        '^drainTimeoutSeconds must be',
      ].map((message) => ({ path: 'prod-serving/reader', message: expect.stringMatching(message) })),
    );
  });

  test('are warned of where the file is doubtful', () => {
    const warning = 'deploymentconfig.json: computeTargetName has no place here';

    expect(warningsOf(served({ service: { warnings: [warning], auth: ServiceAuth.none() } }).scoring)).toEqual([
      warning,
    ]);
  });
});

test('warns of keys that travel in clear to the load balancer', () => {
  expect(warningsOf(served().scoring)).toEqual([expect.stringMatching(/^without TLS the keys of callers/)]);
  expect(warningsOf(served({ service: { exposure: Exposure.CLUSTER } }).scoring)).toEqual([]);
});

describe('fails for', () => {
  test.each([
    [{ cpuCores: 0 }, 'cpuCores must be a number from 0.001 up; got 0'],
    [{ memoryGb: -1 }, 'memoryGb must be a number from 0.001 up; got -1'],
    [{ gpuCores: -1 }, 'gpuCores must be a whole number from 0 to 1000; got -1'],
    [
      { numReplicas: 0 },
      'numReplicas must be a whole number from 1 to 1000; got 0; for a service that may have no replica give autoscale: ' +
        '{ minReplicas: 0 }',
    ],
    [{ cpuCoresLimit: 0.05 }, /^cpuCoresLimit must not be below cpuCores,/],
    [
      { replicaMaxConcurrentRequests: 0 },
      /^replicaMaxConcurrentRequests must be a whole number from 1 to 10000; got 0/,
    ],
    [{ periodSeconds: 0 }, /^periodSeconds must be a whole number/],
    [{ environmentVariables: { HOME: '/root' } }, /^environmentVariables must not set 'HOME'/],
    [{ egressRanges: ['vnet'] }, /^egressRanges are IPv4 networks .* got 'vnet'$/],
    [{ exposure: Exposure.PUBLIC }, /^Exposure\.PUBLIC needs TLS/],
    [{ haproxyImage: 'haproxy' }, /^haproxyImage is an image of HAProxy 2\.6/],
    [
      { initialDelaySeconds: 1770, rolloutTimeoutMinutes: 30 },
      'rolloutTimeoutMinutes must be longer than initialDelaySeconds + periodSeconds × failureThreshold, or a deployment ' +
        'fails while its servers may still start; got 30 minutes and 1800 seconds',
    ],
    [
      { memoryGb: 64 },
      "a node of the pool 'cpu' (Standard_D4s_v5) leaves 9.9 GiB of memory to pods, and a replica runs on one node; got " +
        'memoryGb 64; Standard_D32s_v5 is the smallest size of its family that would do',
    ],
    [
      { numReplicas: 13, memoryGb: 3 },
      "the pool 'cpu' grows to 3 nodes and holds 9 replicas of 3 GiB each; got numReplicas 13; raise its maxNodes or ask " +
        'for fewer',
    ],
  ])('%j', (service, message) => {
    expect(messages({ service })).toEqual([typeof message === 'string' ? message : expect.stringMatching(message)]);
  });

  test('more than a node has beside the gateway of each replica', () => {
    const size = VmSize.D4S_V5;
    const fits = (cpuCores: number) => messages({ pool: { size }, service: { cpuCores } });

    expect(fits(3.46)).toEqual([]);
    expect(fits(3.47)).toEqual([expect.stringMatching(/ leaves 3\.46 cores to pods, .* got cpuCores 3\.47; /)]);
  });

  test.each(['Digit_Reader', ''])('the name %j', (name) => {
    expect(messages({ name })).toEqual([
      expect.stringMatching(`^a service name is 1 to 63 lowercase letters.*; got '${name}'`),
    ]);
  });

  test('no vault for its keys', () => {
    const { platform, pool } = served();
    new ScoringService(platform.serving, 'other', {
      pool,
      image: ScoringImage.fromRegistry(IMAGE),
      connection: connectionOf(platform),
      namespace: platform.serving.namespace,
      serviceName: 'other',
    });

    expect(problemsOf(platform.serving)).toEqual([
      {
        path: 'prod-serving/other/keys',
        message:
          'a service with keys needs a Key Vault to keep them in; got none; give the ServingStack a keyVault, or auth ' +
          'ServiceAuth.keyVault(…) or ServiceAuth.none()',
      },
    ]);
  });

  test('nothing of its own where the size of its pool is refused', () => {
    const { platform } = served({ pool: { size: VmSize.named('Standard_D4_v99') }, service: { gpuCores: 4 } });

    expect(problemsOf(platform.serving).filter(({ path }) => path.startsWith('prod-serving'))).toEqual([]);
  });
});

function connectionOf({ serving }: InferencePlatform) {
  return serving.node.findChild('cluster') as never;
}
