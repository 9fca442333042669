import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import { PodV1, type PodV1SpecContainer, type PodV1SpecVolume } from '@cdktf/provider-kubernetes/lib/pod-v1';
import { KeyVault, ServiceAuth, ServingNamespace } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { Haproxy, type HaproxyProps } from '../../../constructs/private/haproxy';
import { ServiceKeys } from '../../../constructs/private/service-keys';
import { keysTask } from '../../../src/gateway/keys-task';
import { metricsTask } from '../../../src/gateway/metrics-task';
import { SCORING_PROTOCOL } from '../../../src/gateway/protocol';
import { SCORING_REQUEST_LIMITS } from '../../../src/scoring/request-limits';
import { sharedGroup, testKubernetesStack } from '../../fixtures';

interface Given extends Partial<Omit<HaproxyProps, 'keys'>> {
  readonly withKeys?: boolean;
}

const MEASURED = { protocol: SCORING_PROTOCOL, limits: SCORING_REQUEST_LIMITS };

/** HAProxy in a pod of its own. */
function haproxyOf({ withKeys = true, ...props }: Given = {}) {
  const stack = testKubernetesStack();
  const namespace = new ServingNamespace(stack, 'namespace', { namespaceName: 'vision' });
  const keyVault = KeyVault.fromKeyVaultAttributes(stack, 'vault', {
    keyVaultName: 'shop-keys',
    resourceGroup: sharedGroup(stack),
  });
  const keys = withKeys
    ? new ServiceKeys(stack, 'keys', { auth: ServiceAuth.keys(), keyVault, namespace, serviceName: 'reader' })
    : undefined;
  const { container, volumes } = new Haproxy(stack, 'haproxy', {
    role: 'gateway',
    namespace,
    serviceName: 'reader',
    labels: { 'app.kubernetes.io/name': 'reader' },
    config: 'global\n',
    image: 'haproxy:3.2.25',
    memoryLimitMiB: 300,
    metrics: MEASURED,
    ...props,
    keys,
  });
  new PodV1(stack, 'pod', {
    metadata: {},
    spec: { container: [container as PodV1SpecContainer], volume: volumes as PodV1SpecVolume[] },
  });
  const template = Template.of(stack);
  const { spec } = template.resource(PodV1) as {
    spec?: { container: readonly Record<string, unknown>[]; volume: unknown };
  };
  return { config: template.resource(ConfigMapV1) as Config, container: spec?.container[0], volume: spec?.volume };
}

interface Config {
  readonly metadata?: { readonly name: string };
  readonly data?: object;
}

describe('the configuration', () => {
  test('is an object that never changes, and is there before the last one goes', () => {
    expect(haproxyOf().config).toEqual({
      metadata: {
        name: expect.stringMatching(/^reader-gateway-[0-9a-f]{8}$/),
        namespace: expect.stringMatching(/^\$\{kubernetes_namespace_v1\.namespace_/),
        labels: { 'app.kubernetes.io/name': 'reader' },
      },
      immutable: true,
      data: {
        'haproxy.cfg': 'global\n',
        'metrics.lua': metricsTask({ ...MEASURED, part: 'gateway' }),
        'keys.lua': keysTask({ folder: '/etc/service-keys', map: '/usr/local/etc/haproxy/keys.map' }),
        'keys.map': '# filled by keys.lua\n',
      },
      lifecycle: { create_before_destroy: true },
    });
  });

  test('has another name exactly when it holds something else', () => {
    const nameOf = (given: Given) => haproxyOf(given).config.metadata?.name;

    expect(nameOf({})).toBe(nameOf({ image: 'haproxy:2.6.0' }));
    expect(nameOf({})).not.toBe(nameOf({ config: 'global\n\n' }));
    expect(nameOf({})).not.toBe(nameOf({ withKeys: false }));
    expect(nameOf({ role: 'router' })).toMatch(/^reader-router-/);
  });

  test('knows nothing of keys where callers need none', () => {
    expect(haproxyOf({ withKeys: false }).config.data).toEqual({
      'haproxy.cfg': 'global\n',
      'metrics.lua': metricsTask({ ...MEASURED, part: 'gateway' }),
    });
  });

  test('measures what it is: a router otherwise than a gateway, and as often as is said', () => {
    const metrics = { ...MEASURED, refreshSeconds: 5 };

    expect(haproxyOf({ role: 'router', metrics }).config.data).toMatchObject({
      'metrics.lua': metricsTask({ ...metrics, part: 'router' }),
    });
  });

  test('has the action that holds calls where some are held', () => {
    expect(haproxyOf({ role: 'router', holdAction: '-- hold' }).config.data).toMatchObject({ 'hold.lua': '-- hold' });
    expect(haproxyOf({ role: 'router' }).config.data).not.toHaveProperty('hold.lua');
  });
});

describe('the container', () => {
  test('runs HAProxy in the foreground, as its own user, with no rights', () => {
    expect(haproxyOf().container).toMatchObject({
      name: 'gateway',
      image: 'haproxy:3.2.25',
      command: ['haproxy', '-db', '-f', '/usr/local/etc/haproxy/haproxy.cfg'],
      security_context: {
        run_as_non_root: true,
        run_as_user: '99',
        run_as_group: '99',
        allow_privilege_escalation: false,
        read_only_root_filesystem: true,
        capabilities: { drop: ['ALL'] },
      },
    });
  });

  test('is promised little, and may take what its requests need', () => {
    expect(haproxyOf().container?.resources).toEqual({
      requests: { cpu: '100m', memory: '128Mi' },
      limits: { memory: '300Mi' },
    });
  });

  const port = (name: string, containerPort: number) => ({ name, container_port: containerPort, protocol: 'TCP' });
  const ports = [port('requests', 8080), port('metrics', 8404), port('health', 8405)];

  test('answers requests, metrics and probes; a router to other routers, too', () => {
    expect(haproxyOf().container?.port).toEqual(ports);
    expect(haproxyOf({ role: 'router' }).container?.port).toEqual([...ports, port('choice', 8090)]);
  });

  const asked = (path: string) => ({ http_get: { path, port: '8405' }, timeout_seconds: 2 });

  test('is well while HAProxy runs, whatever the model server does', () => {
    expect(haproxyOf().container).toMatchObject({
      liveness_probe: asked('/gateway'),
      readiness_probe: { ...asked('/gateway'), period_seconds: 5 },
    });
  });

  test('takes no calls before it has its keys, as a router', () => {
    expect(haproxyOf({ role: 'router' }).container).toMatchObject({
      liveness_probe: asked('/gateway'),
      readiness_probe: { ...asked('/ready'), period_seconds: 5 },
    });
  });

  test('goes on for five seconds while endpoints go', () => {
    expect(haproxyOf().container?.lifecycle).toEqual({ pre_stop: [{ exec: { command: ['sleep', '5'] } }] });
  });
});

describe('the volumes', () => {
  const config = {
    name: 'gateway-config',
    config_map: { name: expect.stringMatching(/^\$\{kubernetes_config_map_v1\.haproxy_Config_/) },
  };

  test('are the configuration and the digests of the keys, which nobody writes to', () => {
    const { container, volume } = haproxyOf();

    expect(volume).toEqual([
      config,
      { name: 'keys', secret: { secret_name: expect.stringMatching(/^\$\{kubernetes_secret_v1\.keys_/) } },
    ]);
    expect(container?.volume_mount).toEqual([
      { name: 'gateway-config', mount_path: '/usr/local/etc/haproxy', read_only: true },
      { name: 'keys', mount_path: '/etc/service-keys', read_only: true },
    ]);
  });

  test('hold no keys where callers need none', () => {
    const { container, volume } = haproxyOf({ withKeys: false });

    expect(volume).toEqual([config]);
    expect(container?.volume_mount).toHaveLength(1);
  });
});
