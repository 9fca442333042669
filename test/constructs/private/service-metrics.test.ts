import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import { NetworkPolicyV1 } from '@cdktf/provider-kubernetes/lib/network-policy-v1';
import { StatefulSetV1 } from '@cdktf/provider-kubernetes/lib/stateful-set-v1';
import { type ClusterConnection, ServiceAuth, ServingNamespace, VmSize } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { deployModelServer, type ModelServerProps } from '../../../constructs/private/model-server';
import type { ServiceSummary } from '../../../constructs/private/service-summary';
import { metricsTask } from '../../../src/gateway/metrics-task';
import { SCORING_PROTOCOL } from '../../../src/gateway/protocol';
import { routerDrainSeconds } from '../../../src/gateway/timeouts';
import { holdAction } from '../../../src/gateway/waking';
import { SCORING_REQUEST_LIMITS } from '../../../src/scoring/request-limits';
import { testKubernetesStack, testPlatform } from '../../fixtures';

const probes = { startup: { seconds: 60, option: 'x' }, periodSeconds: 10, timeoutSeconds: 2, successThreshold: 1 };
const limits = SCORING_REQUEST_LIMITS;

/** A service of two replicas, whose metrics are told and read as it says. */
function deployed(props: Partial<ModelServerProps> = {}): Template {
  const { cluster } = testPlatform();
  const pool = cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 9 });
  const stack = testKubernetesStack();
  deployModelServer(new Construct(stack, 'reader'), {
    options: { pool, auth: ServiceAuth.none() },
    serviceName: 'reader',
    connection: { cluster: { pools: [] } } as unknown as ClusterConnection,
    namespace: new ServingNamespace(stack, 'namespace', { namespaceName: 'vision' }),
    component: 'scoring',
    protocol: SCORING_PROTOCOL,
    servicePorts: { http: 80 },
    probes: { ...probes, failureThreshold: 3 },
    container: { name: 'scoring', image: 'scoring:1' },
    limits,
    replicas: 2,
    gpus: 0,
    hasSpare: true,
    pod: {},
    volumes: [],
    exitTimeoutSeconds: 10,
    describe: () => ({}) as ServiceSummary,
    models: [],
    dependsOn: [],
    ...props,
  });
  return Template.of(stack);
}

type Policy = { readonly spec?: { readonly ingress: readonly { readonly ports: object }[] } };
type Config = { readonly data?: { readonly [file: string]: string } };

describe('metrics are read', () => {
  const scrapers = [{ podSelector: { matchLabels: { app: 'prometheus' } } }];
  const rules = (name: string, props: Partial<ModelServerProps>) =>
    (deployed(props).resource(NetworkPolicyV1, name) as Policy).spec?.ingress ?? [];
  const read = (...ports: string[]) => ({
    ports: ports.map((port) => ({ port, protocol: 'TCP' })),
    from: [{ pod_selector: { match_labels: { app: 'prometheus' } } }],
  });
  const POLICIES = ['reader/NetworkPolicy', 'router/NetworkPolicy'];

  test.each(POLICIES)('of %s by those who are named, at the port for metrics', (name) => {
    expect(rules(name, { scrapers }).at(-1)).toEqual(read('8404'));
  });

  test.each(POLICIES)('of %s by nobody where nobody is named', (name) => {
    expect(JSON.stringify([rules(name, {}), rules(name, { scrapers: [] })])).not.toContain('8404');
  });

  test('of a server that tells its own at that port, too', () => {
    const both = { scrapers, metricsPorts: [8002] };

    expect(rules('reader/NetworkPolicy', both).at(-1)).toEqual(read('8404', '8002'));
    expect(rules('router/NetworkPolicy', both).at(-1)).toEqual(read('8404'));
  });

  test('of a single replica as of several', () => {
    expect(rules('reader/NetworkPolicy', { scrapers, replicas: 1 }).at(-1)).toEqual(read('8404'));
  });
});

describe('calls in progress are counted', () => {
  test.each([
    ['gateway', undefined],
    ['gateway', 5],
    ['router', undefined],
    ['router', 5],
  ] as const)('by a %s every second, or as often as is said: %s', (part, refreshSeconds) => {
    const name = part === 'gateway' ? 'gateway/Config' : 'router/haproxy/Config';
    const { data } = deployed({ refreshSeconds }).resource(ConfigMapV1, name) as Config;

    expect(data?.['metrics.lua']).toBe(metricsTask({ part, protocol: SCORING_PROTOCOL, limits, refreshSeconds }));
  });
});

describe('calls are held while there is no replica', () => {
  const router = (props: Partial<ModelServerProps> = {}) => {
    const template = deployed(props);
    const { spec } = template.resource(StatefulSetV1) as {
      spec?: { template: { spec: { termination_grace_period_seconds: number } } };
    };
    const { data } = template.resource(ConfigMapV1, 'router/haproxy/Config') as Config;
    return { data, graceSeconds: spec?.template.spec.termination_grace_period_seconds };
  };

  test('not unless it is said', () => {
    expect(router().data).not.toHaveProperty('hold.lua');
    expect(router().data?.['haproxy.cfg']).not.toContain('hold.lua');
  });

  test('as long as is said, which a router that goes waits for, too', () => {
    const { data, graceSeconds } = router({ wakeTimeoutMs: 120_000 });

    expect(data?.['hold.lua']).toBe(holdAction({ limits, wakeTimeoutMs: 120_000 }));
    expect(data?.['haproxy.cfg']).toContain("lua-load '/usr/local/etc/haproxy/hold.lua'");
    expect(graceSeconds).toBe(routerDrainSeconds(limits, 600, 120_000) + 5);
    expect(graceSeconds).toBe((router().graceSeconds ?? 0) + 120);
  });
});
