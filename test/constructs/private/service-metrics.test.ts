import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import { NetworkPolicyV1 } from '@cdktf/provider-kubernetes/lib/network-policy-v1';
import { StatefulSetV1 } from '@cdktf/provider-kubernetes/lib/stateful-set-v1';
import { Monitoring, ScoringImage, type ScoringServiceOptions, VmSize } from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { metricsTask } from '../../../src/gateway/metrics-task';
import { SCORING_PROTOCOL } from '../../../src/gateway/protocol';
import { routerDrainSeconds } from '../../../src/gateway/timeouts';
import { holdAction } from '../../../src/gateway/waking';
import { SCORING_REQUEST_LIMITS } from '../../../src/scoring/request-limits';
import { testModel, testPlatform } from '../../fixtures';

const limits = SCORING_REQUEST_LIMITS;
const TWO = { numReplicas: 2 };

/** A scoring service, on a platform whose metrics are collected inside the cluster. */
function deployed(options: Partial<ScoringServiceOptions> = TWO, monitoring = Monitoring.IN_CLUSTER): Template {
  const { cluster, serving } = testPlatform({ monitoring });
  const pool = cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 9 });
  serving.addScoringService('reader', {
    pool,
    image: ScoringImage.fromRegistry('prod.azurecr.io/digits:3'),
    ...options,
  });
  return Template.of(serving);
}

type Policy = { readonly spec?: { readonly ingress: readonly { readonly ports: object }[] } };
type Config = { readonly data?: { readonly [file: string]: string } };

const ingressOf = (template: Template, name: string) =>
  (template.resource(NetworkPolicyV1, name) as Policy).spec?.ingress ?? [];

describe('metrics are read', () => {
  const read = (...ports: string[]) => ({
    ports: ports.map((port) => ({ port, protocol: 'TCP' })),
    from: [{ namespace_selector: { match_labels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
  });
  const POLICIES = ['reader/NetworkPolicy', 'router/NetworkPolicy'];

  test.each(POLICIES)('of %s by Prometheus, at the port for metrics', (name) => {
    expect(ingressOf(deployed(), name).at(-1)).toEqual(read('8404'));
  });

  test.each(POLICIES)('of %s by nobody where nobody collects them', (name) => {
    expect(JSON.stringify(ingressOf(deployed(TWO, Monitoring.NONE), name))).not.toContain('8404');
  });

  test('of Triton, at its own port', () => {
    const platform = testPlatform({ monitoring: Monitoring.IN_CLUSTER });
    const pool = platform.cluster.addGpuPool('t4', { size: VmSize.NC4AS_T4_V3, maxNodes: 2 });
    platform.serving.addTritonService('vision', { pool, models: [testModel(platform)], ...TWO });
    const template = Template.of(platform.serving);

    expect(ingressOf(template, 'vision/NetworkPolicy').at(-1)).toEqual(read('8404', '8002'));
    expect(ingressOf(template, 'router/NetworkPolicy').at(-1)).toEqual(read('8404'));
  });

  test('of a single replica as of several', () => {
    expect(ingressOf(deployed({ numReplicas: 1 }), 'reader/NetworkPolicy').at(-1)).toEqual(read('8404'));
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
    const { data } = deployed({ autoscale: { refreshSeconds } }).resource(ConfigMapV1, name) as Config;

    expect(data?.['metrics.lua']).toBe(metricsTask({ part, protocol: SCORING_PROTOCOL, limits, refreshSeconds }));
  });
});

describe('calls are held while there is no replica', () => {
  const router = (options: Partial<ScoringServiceOptions>) => {
    const template = deployed(options);
    const { spec } = template.resource(StatefulSetV1) as {
      spec?: { template: { spec: { termination_grace_period_seconds: number } } };
    };
    const { data } = template.resource(ConfigMapV1, 'router/haproxy/Config') as Config;
    return { data, graceSeconds: spec?.template.spec.termination_grace_period_seconds };
  };

  test('not where one always stays', () => {
    const { data } = router({ autoscale: {} });

    expect(data).not.toHaveProperty('hold.lua');
    expect(data?.['haproxy.cfg']).not.toContain('hold.lua');
  });

  test('as long as is said, which a router that goes waits for, too', () => {
    const { data, graceSeconds } = router({ autoscale: { minReplicas: 0, wakeTimeoutSeconds: 120 } });

    expect(data?.['hold.lua']).toBe(holdAction({ limits, wakeTimeoutMs: 120_000 }));
    expect(data?.['haproxy.cfg']).toContain("lua-load '/usr/local/etc/haproxy/hold.lua'");
    expect(graceSeconds).toBe(routerDrainSeconds(limits, 600, 120_000) + 5);
    expect(graceSeconds).toBe((router({ autoscale: {} }).graceSeconds ?? 0) + 120);
  });
});
