import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { LogLevel, ScoringImage, type ScoringServiceOptions, ServingNamespace, VmSize } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { ScoringPod } from '../../../constructs/private/scoring-pod';
import { gunicornConfig } from '../../../src/scoring/gunicorn-config';
import { resolveScoringOptions } from '../../../src/scoring/scoring-options';
import { testKubernetesStack, testPlatform } from '../../fixtures';

type Parts = { readonly [name: string]: Parts } & readonly Parts[];

function podOf(service: Partial<ScoringServiceOptions> = {}) {
  const platform = testPlatform();
  const pool = platform.cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 2 });
  const image = ScoringImage.fromRegistry('prod.azurecr.io/digits:3');
  platform.serving.addScoringService('reader', { pool, image, ...service });
  const template = Template.of(platform.serving);
  const { spec } = template.resource(DeploymentV1) as unknown as Parts;
  return {
    spec: spec?.template?.spec,
    server: spec?.template?.spec?.container?.[0],
    config: template.resource(ConfigMapV1, 'server/Config') as unknown as Parts,
  };
}

describe('the image of the script', () => {
  const SERVERS = [
    { name: 'AML_APP_ROOT', value: '/var/azureml-app' },
    { name: 'SERVICE_NAME', value: 'reader' },
    { name: 'AZUREML_LOG_LEVEL', value: 'INFO' },
    { name: 'PYTHONUNBUFFERED', value: '1' },
    { name: 'HOME', value: '/tmp' },
  ];

  test('is what the server needs, by default', () => {
    expect(podOf().server?.env).toEqual(SERVERS);
  });

  test('names script and log level', () => {
    const image = ScoringImage.fromRegistry('prod.azurecr.io/digits:3', { entryScript: 'src/score.py' });

    expect(podOf({ image, logLevel: LogLevel.DEBUG }).server?.env).toEqual(
      expect.arrayContaining([
        { name: 'AZUREML_ENTRY_SCRIPT', value: 'src/score.py' },
        { name: 'AZUREML_LOG_LEVEL', value: 'DEBUG' },
      ]),
    );
  });

  test('holds the variables of the service, behind the server’s', () => {
    expect(podOf({ environmentVariables: { THRESHOLD: '0.5', EMPTY: '' } }).server?.env).toEqual([
      ...SERVERS,
      { name: 'THRESHOLD', value: '0.5' },
      { name: 'EMPTY', value: '' },
    ]);
  });

  test.each([
    ['$(HOME)', '$$(HOME)'],
    ['${HOME}', '$${HOME}'],
    ['%{if x}', '%%{if x}'],
    ['$${x} $$(y)', '$$$$${x} $$$$(y)'],
    ['{"a": "b\\n"}', '{"a": "b\\n"}'],
  ])('holds %j to the letter, past Terraform and Kubernetes', (value, escaped) => {
    expect(podOf({ environmentVariables: { VALUE: value } }).server?.env).toContainEqual({
      name: 'VALUE',
      value: escaped,
    });
  });
});

describe('the configuration of the server', () => {
  test('is an object that never changes, and is there before the last one goes', () => {
    expect(podOf().config).toEqual({
      metadata: {
        name: expect.stringMatching(/^reader-server-[0-9a-f]{8}$/),
        namespace: expect.stringMatching(/^\$\{kubernetes_namespace_v1\./),
        labels: { 'app.kubernetes.io/name': 'reader' },
      },
      immutable: true,
      data: { 'gunicorn.conf.py': gunicornConfig({ scoringTimeoutMs: 60_000 }) },
      lifecycle: { create_before_destroy: true },
    });
  });

  test('has another name exactly when it holds something else', () => {
    const nameOf = (service: Partial<ScoringServiceOptions>) => podOf(service).config.metadata?.name;

    expect(nameOf({})).toBe(nameOf({ cpuCores: 1 }));
    expect(nameOf({})).not.toBe(nameOf({ scoringTimeoutMs: 1000 }));
  });

  test('is read from where it is mounted, by nobody who could change it', () => {
    const { spec, server } = podOf();

    expect(server?.command).toContain('--config=/etc/scoring-server/gunicorn.conf.py');
    expect(server?.volume_mount).toEqual([
      { name: 'tmp', mount_path: '/tmp' },
      { name: 'server-config', mount_path: '/etc/scoring-server', read_only: true },
    ]);
    expect(spec?.volume).toEqual(
      expect.arrayContaining([
        { name: 'tmp', empty_dir: {} },
        {
          name: 'server-config',
          config_map: {
            name: expect.stringMatching(
              /^\$\{kubernetes_config_map_v1\.reader_server_Config_\w+\.metadata\[0\]\.name\}$/,
            ),
          },
        },
      ]),
    );
  });
});

test('has as many processes as it is told to, and one by default', () => {
  expect(podOf().server?.command).toContain('--workers=1');
  expect(podOf({ workerCount: 3 }).server?.command).toContain('--workers=3');
});

test('can write to /tmp, its home, and nowhere else', () => {
  const { spec, server } = podOf();

  expect(server?.security_context).toMatchObject({ read_only_root_filesystem: true });
  expect(server?.env).toContainEqual({ name: 'HOME', value: '/tmp' });
  expect(server?.volume_mount).toContainEqual({ name: 'tmp', mount_path: '/tmp' });
  expect(spec?.volume).toContainEqual({ name: 'tmp', empty_dir: {} });
});

test('finds the request that warms it up beside its configuration, which says what it is', () => {
  const stack = testKubernetesStack();
  const content = Buffer.from([0xff, 0xd8, 0]);
  const { container } = new ScoringPod(stack, 'server', {
    serviceName: 'reader',
    hidesGpus: false,
    namespace: new ServingNamespace(stack, 'namespace', { namespaceName: 'vision' }),
    options: resolveScoringOptions({}, { gpusPerNode: 0 }),
    image: 'prod.azurecr.io/digits:3',
    models: { environment: [], initContainers: [], volumes: [], volumeMounts: [] },
    serviceAccountName: 'reader',
    warmupRequest: { content, contentType: 'application/octet-stream' },
  });

  const warmUp = { file: '/etc/scoring-server/warmup-request', contentType: 'application/octet-stream' };
  expect(container.volumeMount).toContainEqual({
    name: 'server-config',
    mountPath: '/etc/scoring-server',
    readOnly: true,
  });
  expect(Template.of(stack).resource(ConfigMapV1)).toMatchObject({
    data: { 'gunicorn.conf.py': gunicornConfig({ scoringTimeoutMs: 60_000, warmUp }) },
    binary_data: { 'warmup-request': content.toString('base64') },
  });
});

test('the last lines of a server that fails say why, in the state of its pod', () => {
  expect(podOf().server?.termination_message_policy).toBe('FallbackToLogsOnError');
});
