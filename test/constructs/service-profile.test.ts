import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container';
import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { JobV1 } from '@cdktf/provider-kubernetes/lib/job-v1';
import { NetworkPolicyV1 } from '@cdktf/provider-kubernetes/lib/network-policy-v1';
import {
  type AutoscaleOptions,
  type CpuPoolOptions,
  Model,
  ModelStore,
  type ProfileOptions,
  ScoringImage,
  ScoringOptions,
  type ScoringServiceOptions,
  ServiceProfile,
  ServingStack,
  type TritonProfileOptions,
  type TritonServiceOptions,
  VmSize,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { App } from 'cdktf';
import { describe, expect, test } from 'vitest';
import { env, folderWith, messagesOf, modelSource, testModel, testPlatform, testStack, warningsOf } from '../fixtures';

const FOLDER = folderWith({
  'request.json': '{"data": [[1, 2]]}',
  'triton.json': '{"inputs": []}',
  'request.txt': 'text',
  'broken.json': '{',
});
const file = (name: string) => `${FOLDER}/${name}`;

type Parts = { readonly [name: string]: Parts } & readonly Parts[];

interface Given {
  readonly profile?: ProfileOptions;
  readonly service?: Partial<ScoringServiceOptions>;
  readonly pool?: Partial<CpuPoolOptions>;
  readonly withModel?: boolean;
}

function profiled({ profile, service, pool: options, withModel = true }: Given = {}) {
  const platform = testPlatform();
  const pool = platform.cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 3, ...options });
  const models = withModel
    ? [platform.models.addModel('digits', { source: modelSource({ 'model.pkl': 'weights' }) })]
    : [];
  const image = ScoringImage.fromRegistry('prod.azurecr.io/digits:3');
  const scoring = platform.serving.addScoringService('reader', { pool, image, models, ...service });
  const found = scoring.addProfile(profile ?? { requestFile: file('request.json') });
  return { platform, scoring, profile: found, template: () => Template.of(platform.serving) };
}

interface TritonGiven {
  readonly profile?: TritonProfileOptions;
  readonly service?: Partial<TritonServiceOptions>;
  readonly models?: { readonly [name: string]: { readonly [file: string]: string } };
  readonly maxNodes?: number;
}

function profiledTriton({ profile, service, models, maxNodes = 4 }: TritonGiven = {}) {
  const platform = testPlatform();
  const pool = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes });
  const served =
    models === undefined
      ? [testModel(platform)]
      : Object.entries(models).map(([name, files]) => platform.models.addModel(name, { source: modelSource(files) }));
  const triton = platform.serving.addTritonService('reader', { pool, models: served, ...service });
  const found = triton.addProfile(profile);
  return { platform, triton, profile: found, template: () => Template.of(platform.serving) };
}

const messages = (given?: Given) => messagesOf(profiled(given).platform.serving);
const tritonMessages = (given?: TritonGiven) => messagesOf(profiledTriton(given).platform.serving);
const jobOf = (template: Template) => template.resource(JobV1) as unknown as Parts;
const podOf = (template: Template) => jobOf(template).spec?.template?.spec as Parts;
const containersOf = (template: Template): { [name: string]: Parts } =>
  Object.fromEntries((podOf(template).container as readonly Parts[]).map((each) => [String(each.name), each]));
const deployedContainer = (template: Template) => {
  const { spec } = template.resource(DeploymentV1) as unknown as Parts;
  return (spec?.template?.spec?.container?.[0] ?? {}) as Parts;
};
const filesOf = (template: Template) => {
  const configs = template.resources(ConfigMapV1) as unknown as Parts[];
  return configs.find(({ data }) => data?.['profile.py'] !== undefined) as Parts;
};
const settingsOf = (template: Template) => JSON.parse(String(filesOf(template).data?.['settings.json']));

/** A config.pbtxt with one input. */
const config = (dims: string, more = '') =>
  `backend: "onnxruntime"\nmax_batch_size: 8\ninput [ { name: "x", data_type: TYPE_FP32, dims: [ ${dims} ] } ]\n` +
  `output [ { name: "y", data_type: TYPE_FP32, dims: [ 1 ] } ]\n${more}`;

describe('the profile of a scoring service', () => {
  test('is a job that is not waited for, does not try again, and ends by itself', () => {
    const { template, profile } = profiled();
    const job = jobOf(template());

    expect(profile).toBeInstanceOf(ServiceProfile);
    expect(profile.node.defaultChild).toBeInstanceOf(JobV1);
    expect(job).toMatchObject({
      wait_for_completion: false,
      metadata: { name: profile.jobName, namespace: expect.stringContaining('kubernetes_namespace_v1') },
      spec: { backoff_limit: 0, active_deadline_seconds: expect.any(Number) },
    });
    // one that is gone would be made again by the next deployment
    expect(job.spec).not.toHaveProperty('ttl_seconds_after_finished');
    expect(podOf(template())).toMatchObject({ restart_policy: 'Never', automount_service_account_token: false });
  });

  test('has until its deadline for a node, the start of the server, all levels and the report', () => {
    const deadline = (profile: ProfileOptions) => {
      const given = { ...profile, requestFile: file('request.json') };
      return Number(
        jobOf(profiled({ profile: given, service: { scoringTimeoutMs: 10_000 } }).template()).spec
          ?.active_deadline_seconds,
      );
    };

    // 30 and 15 minutes, the 340 seconds that a script may take to start, and each level
    expect(deadline({ concurrency: [1] })).toBe(1800 + 340 + (5 + 30 + 20 + 15) + 900);
    expect(deadline({ concurrency: [1, 2], durationSeconds: 10 })).toBe(1800 + 340 + 2 * (2 + 10 + 20 + 15) + 900);
  });

  test('runs the server as the service does, which writes down what it uses and ends with the load', () => {
    const template = profiled({
      service: { cpuCores: 1, memoryGb: 2, environmentVariables: { DEPTH: '3' } },
    }).template();
    const deployed = template.resource(DeploymentV1) as unknown as Parts;
    const { command, env, volume_mount, startup_probe, liveness_probe, readiness_probe, lifecycle, ...server } =
      deployedContainer(template);
    const { command: measured, volume_mount: mounts, ...copy } = containersOf(template).scoring as Parts;
    const variables = (env as readonly Parts[]).map((each) =>
      // its telemetry and collected data are not those of callers
      String(each.name) === 'SERVICE_NAME' ? { name: 'SERVICE_NAME', value: 'reader-profile' } : each,
    );

    expect([startup_probe, liveness_probe, readiness_probe, lifecycle]).not.toContain(undefined);
    expect(copy).toEqual({ ...server, env: variables });
    expect(variables).not.toEqual(env);
    expect(measured).toEqual([
      '/bin/sh',
      '/etc/inference-profile/measure.sh',
      '/var/run/inference-profile/scoring',
      '/var/run/inference-profile/end',
      '/sys/fs/cgroup',
      ...(command as readonly Parts[]),
    ]);
    expect(mounts).toEqual(expect.arrayContaining([...(volume_mount as readonly Parts[])]));
    expect(podOf(template)).toMatchObject({
      node_selector: deployed.spec?.template?.spec?.node_selector,
      service_account_name: deployed.spec?.template?.spec?.service_account_name,
      init_container: deployed.spec?.template?.spec?.init_container,
      security_context: deployed.spec?.template?.spec?.security_context,
    });
  });

  test('has no gateway, and labels by which neither callers nor the policies of the service find it', () => {
    const template = profiled().template();
    const metadata = jobOf(template).spec?.template?.metadata;

    expect(Object.keys(containersOf(template))).toEqual(['scoring', 'load']);
    expect(metadata?.labels).toEqual({
      'app.kubernetes.io/name': 'reader-profile',
      'app.kubernetes.io/part-of': 'reader',
      'app.kubernetes.io/component': 'profile',
      'azure.workload.identity/use': 'true',
    });
    expect(metadata?.annotations).toEqual({ 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' });
  });

  test('calls the script from its own image, locked as the script is', () => {
    const { scoring, load } = containersOf(profiled().template());

    expect(load).toMatchObject({
      image: 'prod.azurecr.io/digits:3',
      command: ['python3', '/etc/inference-profile/profile.py', '/etc/inference-profile/settings.json'],
      resources: { requests: { cpu: '500m', memory: '256Mi' }, limits: { memory: '2Gi' } },
      security_context: scoring?.security_context,
    });
  });

  test('tells the program what to call, with which load, and what the report says besides', () => {
    const { template, profile } = profiled({
      service: { cpuCores: 0.5, memoryGb: 1, scoringTimeoutMs: 5000, replicaMaxConcurrentRequests: 3 },
    });

    expect(settingsOf(template())).toEqual({
      http: {
        url: 'http://127.0.0.1:5001/score',
        contentType: 'application/json',
        file: '/etc/inference-profile/request',
      },
      batch: 1,
      concurrency: [1, 2, 4],
      durationSeconds: 30,
      warmUpSeconds: 5,
      timeoutSeconds: 5,
      ready: { url: 'http://127.0.0.1:5001/', timeoutSeconds: 340 },
      servers: [
        {
          name: 'scoring',
          written: '/var/run/inference-profile/scoring.usage',
          ended: '/var/run/inference-profile/scoring.ended',
          requestedCpu: 0.5,
          requestedMemoryInGB: 1,
        },
      ],
      facts: {
        service: 'reader',
        image: 'prod.azurecr.io/digits:3',
        vmSize: 'Standard_D4s_v5',
        gpus: 0,
        replicaMaxConcurrentRequests: 3,
        scoringTimeoutMs: 5000,
      },
      end: '/var/run/inference-profile/end',
      upload: profile.reportUrl,
    });
    expect(filesOf(template()).binary_data).toEqual({
      request: Buffer.from('{"data": [[1, 2]]}').toString('base64'),
    });
  });

  test('calls once, twice and so on at once, up to twice what a replica takes, for 30 seconds each', () => {
    const levels = (replicaMaxConcurrentRequests?: number) =>
      settingsOf(profiled({ service: { replicaMaxConcurrentRequests } }).template()).concurrency;

    expect(levels()).toEqual([1, 2]);
    expect(levels(8)).toEqual([1, 2, 4, 8, 16]);
    expect(levels(10_000).at(-1)).toBe(512);
  });

  test('takes levels and duration', () => {
    const profile = { requestFile: file('request.txt'), concurrency: [3, 7], durationSeconds: 10 };
    const settings = settingsOf(profiled({ profile }).template());

    expect(settings).toMatchObject({ concurrency: [3, 7], durationSeconds: 10, warmUpSeconds: 2 });
    expect(settings.http.contentType).toBe('application/octet-stream');
  });

  test('sends the request that the script is warmed with where none is given', () => {
    const settings = settingsOf(profiled({ profile: {}, service: { warmupRequest: file('request.json') } }).template());

    expect(settings.http).toMatchObject({ file: '/etc/inference-profile/request', contentType: 'application/json' });
  });

  test('leaves its report in a container of its own, which the service may write to', () => {
    const { template, profile, platform } = profiled();
    const container = template().resource(StorageContainer);
    const account = platform.models.storageAccountName;

    expect(container).toMatchObject({ name: 'profiles-prod-serving-reader', container_access_type: 'private' });
    expect(profile.reportUrl).toBe(
      `https://${account}.blob.core.windows.net/profiles-prod-serving-reader/${profile.jobName}.json`,
    );
    const roles = template().resources(RoleAssignment) as unknown as Parts[];
    expect(roles.map((role) => [role.role_definition_name, String(role.scope)]).sort()).toEqual([
      [
        'Storage Blob Data Contributor',
        expect.stringMatching(/^\$\{azurerm_storage_container\.reader_profile_reports_\w+\.id\}$/),
      ],
      ['Storage Blob Data Reader', expect.stringContaining('/containers/models')],
    ]);
  });

  test('comes after the service, its models, and the right to write the report', () => {
    const order = JSON.stringify(jobOf(profiled().template()).depends_on);

    for (const part of [
      'kubernetes_deployment_v1.reader',
      'azurerm_storage_blob.',
      'time_sleep.',
      'azurerm_role_assignment.',
      'federated_identity',
    ]) {
      expect(order).toContain(part);
    }
  });

  test('has another name with what is measured, and the same with the same', () => {
    const name = (given?: Given) => profiled(given).profile.jobName;
    const profile = { requestFile: file('request.json') };
    const names = [
      name(),
      name({ service: { workerCount: 2 } }),
      name({ service: { memoryGb: 2 } }),
      name({ profile: { ...profile, concurrency: [1] } }),
      name({ profile: { requestFile: file('request.txt') } }),
    ];

    expect(new Set(names).size).toBe(names.length);
    expect(name()).toBe(names[0]);
    expect(names[0]).toMatch(/^reader-profile-[0-9a-f]{8}$/);
    // how many replicas there are is not measured
    expect(name({ service: { numReplicas: 2 } })).toBe(names[0]);
  });

  test('is in the output of the service, as the commands that fetch the report and show how it goes', () => {
    const { template, profile } = profiled();
    const { commands } = template().output('service_reader') as { commands: object };

    expect(commands).toMatchObject({ profile: profile.fetchCommand, profile_log: profile.logCommand });
    expect(profile.fetchCommand).toMatch(
      /^az storage blob download --auth-mode login --account-name \w+ --container-name profiles-prod-serving-reader --name reader-profile-[0-9a-f]{8}\.json --file profile\.json$/,
    );
    expect(profile.logCommand).toBe(
      `kubectl --namespace serving logs job/${profile.jobName} --container load --follow`,
    );
  });

  test('may call what the service may', () => {
    const policies = (egressRanges?: string[]) =>
      (profiled({ service: { egressRanges } }).template().resources(NetworkPolicyV1) as unknown as Parts[]).filter(
        ({ metadata }) => String(metadata?.name) === 'reader-profile',
      );

    expect(policies()).toEqual([]);
    expect(policies(['10.1.0.0/16'])).toMatchObject([
      {
        spec: {
          pod_selector: { match_labels: { 'app.kubernetes.io/name': 'reader-profile' } },
          policy_types: ['Ingress', 'Egress'],
          egress: expect.arrayContaining([{ to: [{ ip_block: { cidr: '10.1.0.0/16' } }] }]),
        },
      },
    ]);
  });

  test('warns where the replicas leave it no place', () => {
    const warnings = (numReplicas: number) => warningsOf(profiled({ service: { numReplicas, cpuCores: 3 } }).profile);

    expect(warnings(2)).toEqual([]);
    expect(warnings(3)).toEqual([
      "the pool 'cpu' holds 3 replicas, and the service has as many whatever its load (numReplicas): its profile waits for a " +
        'place, and ends without a report where none comes; raise maxNodes of the pool, or profile with fewer replicas',
    ]);
  });

  test('warns of an autoscaled service where its fewest replicas leave it no place, and not for its most', () => {
    const warnings = (autoscale?: AutoscaleOptions, maxNodes = 3) =>
      warningsOf(profiled({ service: { cpuCores: 3, autoscale }, pool: { maxNodes } }).profile);
    const full = (replicas: number) =>
      `the pool 'cpu' holds ${replicas} replicas, and the service has as many whatever its load (autoscale.minReplicas): its ` +
      'profile waits for a place, and ends without a report where none comes; raise maxNodes of the pool, or profile with ' +
      'fewer replicas';

    expect(warnings()).toEqual([]);
    expect(warnings({ minReplicas: 2, maxReplicas: 3 })).toEqual([]);
    expect(warnings({ minReplicas: 3, maxReplicas: 3 })).toEqual([full(3)]);
    expect(warnings(undefined, 1)).toEqual([full(1)]);
    expect(warnings({ minReplicas: 0 }, 1)).toEqual([]);
  });

  /** A profile that is given a store, of a service with a model, in a stack with a store; each of them or none. */
  function stored(has: { readonly store?: boolean; readonly model?: boolean; readonly stack?: boolean }) {
    const platform = testPlatform();
    const { cluster, foundationStack } = platform;
    const { resourceGroup, keyVault } = foundationStack;
    const app = App.of(foundationStack);
    const storeOf = (id: string) => new ModelStore(testStack(id, app), 'store', { resourceGroup });
    const stores = { store: storeOf('reports'), model: storeOf('shared'), stack: platform.models };
    const pool = cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 3 });
    const serving = new ServingStack(app, 'team', {
      ...env,
      cluster,
      keyVault,
      namespace: 'team',
      models: has.stack ? stores.stack : undefined,
    });
    const source = modelSource({ 'model.pkl': 'weights' });
    const models = has.model ? [new Model(serving, 'digits', { store: stores.model, source })] : [];
    const image = ScoringImage.fromRegistry('prod.azurecr.io/digits:3');
    const { reportUrl } = serving
      .addScoringService('reader', { pool, image, models })
      .addProfile({ requestFile: file('request.json'), store: has.store ? stores.store : undefined });
    const inStore = Object.entries(stores).find(([, { storageAccountName }]) =>
      reportUrl.startsWith(`https://${storageAccountName}.blob.core.windows.net/`),
    );
    return { serving, inStore: inStore?.[0] };
  }

  test.each([
    ['that it is given', 'store', { store: true, model: true, stack: true }],
    ['of the first model', 'model', { model: true, stack: true }],
    ['of the stack, where the service has no model', 'stack', { stack: true }],
  ])('leaves its report in the store %s', (_, expected, has) => {
    const { serving, inStore } = stored(has);

    expect(inStore).toBe(expected);
    expect(messagesOf(serving)).toEqual([]);
  });

  test('fails where neither it nor the service nor the stack has a store', () => {
    expect(messagesOf(stored({}).serving)).toEqual([
      'a profile leaves its report in a model store, and neither the service, by a model, nor its stack has one; give ' +
        'addProfile a store, or the stack models',
    ]);
  });

  test('fails without a request', () => {
    expect(messages({ profile: {} })).toEqual([
      'a profile sends a script a request of yours; give addProfile a requestFile, or the script a warmupRequest',
    ]);
  });

  test.each([
    [
      'missing.json',
      `the requestFile '${FOLDER}/missing.json' does not exist; it was looked for at '${FOLDER}/missing.json'`,
    ],
    [
      'broken.json',
      expect.stringMatching(/^the requestFile '.*broken\.json' is not JSON: line 1, column 2 cannot be read/),
    ],
  ])('fails for the request file %s', (name, message) => {
    expect(messages({ profile: { requestFile: file(name) } })).toEqual([message]);
  });

  test.each([
    [[], 'concurrency has 1 to 20 levels; got 0'],
    [Array.from({ length: 21 }, (_, index) => index + 1), 'concurrency has 1 to 20 levels; got 21'],
    [[0], 'each level of concurrency must be a whole number from 1 to 1000; got 0'],
    [[1001], 'each level of concurrency must be a whole number from 1 to 1000; got 1001'],
    [[1.5], 'each level of concurrency must be a whole number from 1 to 1000; got 1.5'],
    [[2, 1, 2, 2], 'concurrency names each level once; got 2 more than once'],
  ])('fails for the levels %j', (concurrency, message) => {
    expect(messages({ profile: { requestFile: file('request.json'), concurrency } })).toEqual([message]);
  });

  test.each([0, 3601, 1.5])('fails for %d seconds a level', (durationSeconds) => {
    expect(messages({ profile: { requestFile: file('request.json'), durationSeconds } })).toEqual([
      `durationSeconds must be a whole number from 1 to 3600; got ${durationSeconds}`,
    ]);
  });

  test('fails where a node has no room for the load beside the server', () => {
    const [message, ...others] = messages({ service: { cpuCores: 3.3 } });

    expect(others).toEqual([]);
    expect(message).toMatch(
      /^a node of the pool 'cpu' \(Standard_D4s_v5\) leaves [\d.]+ cores to pods, .*; the load of a profile takes 0\.5 cores beside the server$/,
    );
  });

  test('fails for a second one', () => {
    const { platform, scoring, profile } = profiled();

    expect(scoring.addProfile({ requestFile: file('request.json') })).toBe(profile);
    expect(messagesOf(platform.serving)).toEqual([
      'a service has one profile; got a second; give one the levels of both',
    ]);
  });
});

test('a service takes what a profile recommends, and is refused for a file that is none', () => {
  const folder = folderWith({
    'profile.json': JSON.stringify({
      kind: 'azure-inference-profile',
      schemaVersion: 1,
      state: 'Succeeded',
      recommendedCpu: 1.3,
      recommendedMemoryInGB: 2.5,
      best: { concurrency: 4, secondsPerRequest: 0.2 },
    }),
    'other.json': '{}',
  });
  const service = ScoringOptions.fromProfile(`${folder}/profile.json`);

  expect(containersOf(profiled({ service }).template()).scoring?.resources).toEqual({
    requests: { cpu: '1300m', memory: '2560Mi' },
    limits: { memory: '2560Mi' },
  });
  expect(settingsOf(profiledTriton({ service }).template()).facts.replicaMaxConcurrentRequests).toBe(4);
  expect(messages({ service: ScoringOptions.fromProfile(`${folder}/other.json`) })).toEqual([
    expect.stringMatching(/other\.json is no profile of a model server; /),
  ]);
});

describe('the profile of a Triton service', () => {
  test('lets the perf_analyzer of the server’s release call the model over gRPC', () => {
    const template = profiledTriton({ service: { image: 'nvcr.io/nvidia/tritonserver:26.08-py3' } }).template();

    expect(containersOf(template).load).toMatchObject({ image: 'nvcr.io/nvidia/tritonserver:26.08-py3-sdk' });
    expect(settingsOf(template)).toMatchObject({
      triton: {
        command: 'perf_analyzer',
        model: 'digits',
        grpc: '127.0.0.1:8001',
        http: 'http://127.0.0.1:8000',
      },
      batch: 1,
      ready: { url: 'http://127.0.0.1:8000/v2/health/ready', timeoutSeconds: 600 },
      servers: [{ name: 'triton', requestedCpu: 2, requestedMemoryInGB: 8 }],
      facts: { service: 'reader', model: 'digits', vmSize: 'Standard_NC4as_T4_v3', gpus: 1 },
    });
    expect(settingsOf(template)).not.toHaveProperty('http');
    expect(settingsOf(template).triton).not.toHaveProperty('file');
  });

  test.each([
    ['contoso.azurecr.io/triton:3', 'nvcr.io/nvidia/tritonserver:26.10-py3-sdk'],
    ['nvcr.io/nvidia/tritonserver:26.08-vllm-python-py3', 'nvcr.io/nvidia/tritonserver:26.08-py3-sdk'],
  ])('of the server %s is called from %s', (image, analyzer) => {
    expect(containersOf(profiledTriton({ service: { image } }).template()).load?.image).toBe(analyzer);
  });

  test('takes another image, a batch and a request', () => {
    const template = profiledTriton({
      profile: { perfAnalyzerImage: 'contoso.azurecr.io/sdk:1', batch: 8, requestFile: file('triton.json') },
      models: { digits: { 'config.pbtxt': config('4'), '1/model.onnx': 'weights' } },
    }).template();

    expect(containersOf(template).load?.image).toBe('contoso.azurecr.io/sdk:1');
    expect(settingsOf(template)).toMatchObject({ batch: 8, triton: { file: '/etc/inference-profile/request' } });
  });

  test('runs Triton through the entry point of its image, on GPUs of its own', () => {
    const template = profiledTriton().template();
    const deployed = template.resource(DeploymentV1) as unknown as Parts;
    const { args } = deployedContainer(template);
    const { triton } = containersOf(template);

    expect(triton).not.toHaveProperty('command');
    expect(triton?.args).toEqual([
      '/bin/sh',
      '/etc/inference-profile/measure.sh',
      '/var/run/inference-profile/triton',
      '/var/run/inference-profile/end',
      '/sys/fs/cgroup',
      ...(args as readonly Parts[]),
    ]);
    expect(triton?.resources).toMatchObject({ limits: { 'nvidia.com/gpu': '1' } });
    // nothing scrapes it
    expect(triton).not.toHaveProperty('port');
    expect(podOf(template).toleration).toEqual(deployed.spec?.template?.spec?.toleration);
  });

  test('calls the one of several models that is named, or that the others are parts of', () => {
    const step = `ensemble_scheduling { step [ { model_name: "part" model_version: -1
      input_map { key: "x" value: "x" } output_map { key: "y" value: "y" } } ] }`;
    const ensemble = config('4', step).replace('backend: "onnxruntime"', 'platform: "ensemble"');
    const part = { 'config.pbtxt': config('4'), '1/model.onnx': 'weights' };
    const whole = { 'config.pbtxt': ensemble, '1/README.md': 'voted' };
    const model = (given: TritonGiven) => settingsOf(profiledTriton(given).template()).triton.model;

    expect(model({ models: { part, whole } })).toBe('whole');
    expect(model({ models: { part, whole }, profile: { model: 'part' } })).toBe('part');
    expect(tritonMessages({ models: { one: part, two: part } })).toEqual([
      "the service has several models, and a profile is of one; name it as model: 'one', 'two'",
    ]);
    expect(tritonMessages({ models: { one: part }, profile: { model: 'two' } })).toEqual([
      "model names one that the service loads: 'one'; got 'two'",
    ]);
  });

  test.each([0, 9, 1.5])('fails for a batch of %d of a model that takes 8', (batch) => {
    const models = { digits: { 'config.pbtxt': config('4'), '1/model.onnx': 'weights' } };

    expect(tritonMessages({ models, profile: { batch } })).toEqual([
      `batch must be a whole number from 1 to 8, the max_batch_size of the model 'digits'; got ${batch}`,
    ]);
  });

  test('fails without a request where inputs have any size', () => {
    const models = { digits: { 'config.pbtxt': config('-1'), '1/model.onnx': 'weights' } };

    expect(tritonMessages({ models })).toEqual([
      "the model 'digits' has inputs of any size (-1), for which nothing can be made up; give requestFile, a request of yours",
    ]);
    expect(tritonMessages({ models, profile: { requestFile: file('triton.json') } })).toEqual([]);
  });

  test.each(['request.txt', 'text.json'])('fails for the request %s, which no model of Triton takes', (name) => {
    const requestFile = `${folderWith({ 'request.txt': 'text', 'text.json': '{"text": 1}' })}/${name}`;

    expect(tritonMessages({ profile: { requestFile } })).toEqual([
      "requestFile must hold JSON with 'inputs', as a call of Triton has them, or with 'data', as perf_analyzer reads it, " +
        "under a name that ends with '.json'",
    ]);
  });

  test('warns where the replicas have all GPUs', () => {
    expect(warningsOf(profiledTriton({ maxNodes: 1 }).profile)).toEqual([
      expect.stringMatching(/^the pool 'gpu' holds 1 replicas, and the service has as many/),
    ]);
    expect(warningsOf(profiledTriton({ maxNodes: 2 }).profile)).toEqual([]);
  });

  describe('with a scoring script before it', () => {
    const SCRIPT = 'def init():\n    pass\n\n\ndef run(data):\n    return data\n';
    const scripted = (profile: TritonProfileOptions, warmupRequest?: string) => {
      const platform = testPlatform();
      const pool = platform.cluster.addGpuPool('gpu', { size: VmSize.NC8AS_T4_V3, maxNodes: 4 });
      const triton = platform.serving.addTritonService('reader', { pool, models: [testModel(platform)] });
      triton.withScoringScript({
        entryScript: 'score.py',
        sourceDirectory: folderWith({ 'score.py': SCRIPT }),
        warmupRequest,
      });
      return { platform, triton, profile: triton.addProfile(profile), template: () => Template.of(platform.serving) };
    };

    test('calls the script, and measures both servers', () => {
      const template = scripted({ requestFile: file('request.json') }).template();
      const settings = settingsOf(template);

      expect(Object.keys(containersOf(template)).sort()).toEqual(['load', 'scoring', 'triton']);
      expect(settings.http.url).toBe('http://127.0.0.1:5001/score');
      expect(settings).not.toHaveProperty('triton');
      expect(settings.servers.map(({ name, requestedCpu }: Parts) => [name, requestedCpu])).toEqual([
        ['triton', 2],
        ['scoring', 0.5],
      ]);
      expect(containersOf(template).load).toMatchObject({
        image: containersOf(template).scoring?.image,
        security_context: containersOf(template).scoring?.security_context,
      });
    });

    test('sends the request that the script is warmed with', () => {
      expect(messagesOf(scripted({}, file('request.json')).platform.serving)).toEqual([]);
      expect(messagesOf(scripted({}).platform.serving)).toEqual([
        'a profile sends a script a request of yours; give addProfile a requestFile, or the script a warmupRequest',
      ]);
    });

    test('fails for options of Triton', () => {
      const profile = { requestFile: file('request.json'), batch: 2, model: 'digits' };

      expect(messagesOf(scripted(profile).platform.serving)).toEqual([
        'model, batch must not be given with a scoring script before Triton, which is called in its place',
      ]);
    });

    test('fails where the script comes after the profile', () => {
      const { platform, triton } = profiledTriton();
      triton.withScoringScript({ entryScript: 'score.py', sourceDirectory: folderWith({ 'score.py': SCRIPT }) });

      expect(messagesOf(platform.serving)).toEqual([
        'addProfile measures the pod as it is then, so withScoringScript comes before it',
      ]);
    });
  });

  test('fails for a second one', () => {
    const { platform, triton, profile } = profiledTriton();

    expect(triton.addProfile()).toBe(profile);
    expect(messagesOf(platform.serving)).toEqual([
      'a service has one profile; got a second; give one the levels of both',
    ]);
  });
});
