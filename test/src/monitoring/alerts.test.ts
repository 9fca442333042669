import { Monitoring } from 'azure-inference-cdktf';
import { Lazy } from 'cdktf';
import { describe, expect, test } from 'vitest';
import {
  type AlertOptions,
  actionGroupProblems,
  alertProblems,
  joinedActionGroupProblem,
  resolveAlerts,
} from '../../../src/monitoring/alert-options';
import { type AlertRule, AlertSeverity, prometheusGroup, ruleGroups } from '../../../src/monitoring/alert-rule';
import { platformAlerts } from '../../../src/monitoring/platform-alerts';
import { serviceAlerts } from '../../../src/monitoring/service-alerts';
import { ServiceMetrics } from '../../../src/monitoring/service-metrics';
import { SCORING_REQUEST_LIMITS } from '../../../src/scoring/request-limits';

const GROUP = '/subscriptions/s/resourceGroups/ops/providers/microsoft.insights/actionGroups/on-call';

const problemsOf = (alerts: AlertOptions, monitoring = Monitoring.AZURE_MANAGED) => alertProblems(alerts, monitoring);

function rulesOf(triton: boolean, given: AlertOptions = {}, more: { grpc?: boolean; startSeconds?: number } = {}) {
  const service = {
    namespace: 'serving',
    serviceName: 'vision',
    routed: true,
    triton,
    grpc: more.grpc,
  };
  const limits = SCORING_REQUEST_LIMITS;
  const alerts = resolveAlerts(given, limits.scoringTimeoutMs);
  if (alerts === undefined) {
    throw new Error('the service has alerts');
  }
  const { startSeconds } = more;
  return serviceAlerts({ ...service, metrics: new ServiceMetrics(service), limits, alerts, startSeconds });
}

function rule(rules: readonly AlertRule[], name: string): AlertRule {
  const [found] = rules.filter(({ alert }) => alert === name);
  if (found === undefined) {
    throw new Error(`no alert '${name}'`);
  }
  return found;
}

describe('the options', () => {
  test('have defaults', () => {
    expect(resolveAlerts({}, 60_000)).toEqual({ errorPercent: 5, latencyP99Ms: 30_000, actionGroupIds: [] });
  });

  test('go as far as the metrics tell latencies', () => {
    expect(resolveAlerts({}, 3_600_000)?.latencyP99Ms).toBe(240_000);
  });

  test('turn alerts off', () => {
    expect(resolveAlerts({ enabled: false }, 60_000)).toBeUndefined();
  });

  test('name each action group once', () => {
    expect(resolveAlerts({ actionGroupIds: [GROUP, GROUP] }, 60_000)?.actionGroupIds).toEqual([GROUP]);
  });

  test.each<AlertOptions>([
    {},
    { errorPercent: 0.1 },
    { errorPercent: 100 },
    { latencyP99Ms: 1 },
    { latencyP99Ms: 299_999 },
    { actionGroupIds: [GROUP, Lazy.stringValue({ produce: () => GROUP })] },
  ])('may be %o', (alerts) => {
    expect(problemsOf(alerts)).toEqual([]);
  });

  test.each([0, 100.1, Number.NaN])('are refused with an errorPercent of %d', (errorPercent) => {
    expect(problemsOf({ errorPercent })).toEqual([
      `alerts.errorPercent must be a number above 0 and at most 100; got ${errorPercent}`,
    ]);
  });

  test.each([0, 300_000, 0.5])('are refused with a latencyP99Ms of %d', (latencyP99Ms) => {
    expect(problemsOf({ latencyP99Ms })).toEqual([
      `alerts.latencyP99Ms must be a whole number from 1 to 299999; got ${latencyP99Ms}`,
    ]);
  });

  test('are refused with tokens for numbers', () => {
    const number = Lazy.numberValue({ produce: () => 1 });

    expect(problemsOf({ errorPercent: number, latencyP99Ms: number })).toEqual([
      'alerts.errorPercent must be a number above 0 and at most 100; got a token',
      'alerts.latencyP99Ms must be a number that is known while synthesizing; got a token',
    ]);
  });

  test('are refused with what is no action group', () => {
    expect(problemsOf({ actionGroupIds: ['on-call'] })).toEqual([
      "alerts.actionGroupIds are ids such as '/subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.Insights/actionGroups/NAME'; " +
        "got 'on-call'",
    ]);
  });

  test('are refused with more action groups than an alert has', () => {
    expect(problemsOf({ actionGroupIds: [1, 2, 3, 4, 5, 6].map((index) => `${GROUP}${index}`) })).toEqual([
      'an alert has at most 5 action groups; got alerts.actionGroupIds with 6; name fewer',
    ]);
  });

  test('count each action group once', () => {
    const five = [1, 2, 3, 4, 5].map((index) => `${GROUP}${index}`);

    expect(problemsOf({ actionGroupIds: [...five, ...five] })).toEqual([]);
  });

  test('are refused with more action groups than an alert has where those of the stack are among them', () => {
    const groups = (count: number) => Array.from({ length: count }, (_, index) => `${GROUP}${index}`);

    expect(joinedActionGroupProblem('vision', groups(6).slice(3), groups(4))).toBe(
      "an alert has at most 5 action groups; got alerts.actionGroupIds of 'vision' with 6, those of the stack among " +
        'them; name fewer',
    );
    expect(joinedActionGroupProblem('vision', groups(5), groups(4))).toBeUndefined();
    expect(joinedActionGroupProblem('vision', groups(6), [])).toBeUndefined();
  });

  test('are refused with action groups where nobody watches, with advice that is true there', () => {
    expect(actionGroupProblems('alertActionGroupIds', [GROUP], Monitoring.NONE)).toEqual([
      'alertActionGroupIds are groups of Azure Monitor, which knows the alerts of Monitoring.AZURE_MANAGED alone; got ' +
        'Monitoring.NONE; leave it out, since nothing is watched',
    ]);
  });

  test('are refused with action groups inside a cluster', () => {
    expect(problemsOf({ actionGroupIds: [GROUP] }, Monitoring.IN_CLUSTER)).toEqual([
      'alerts.actionGroupIds are groups of Azure Monitor, which knows the alerts of Monitoring.AZURE_MANAGED alone; got ' +
        'Monitoring.IN_CLUSTER; leave it out: inside a cluster Alertmanager says who is told',
    ]);
  });

  test('are refused where nobody collects metrics, but for those that want none', () => {
    const problem =
      'alerts need the metrics of the cluster, which nobody collects with Monitoring.NONE; leave alerts out, or take ' +
      'Monitoring.AZURE_MANAGED or Monitoring.IN_CLUSTER';

    for (const alerts of [{ enabled: true }, { errorPercent: 1 }, { actionGroupIds: [GROUP] }]) {
      expect(problemsOf(alerts, Monitoring.NONE)).toEqual([problem]);
    }
    for (const alerts of [{}, { enabled: false }, { enabled: false, errorPercent: 1 }]) {
      expect(problemsOf(alerts, Monitoring.NONE)).toEqual([]);
    }
  });
});

describe('the alerts of a service', () => {
  test('are for all that hurts its callers', () => {
    const names = (triton: boolean) => rulesOf(triton).map(({ alert }) => alert);

    expect(names(false)).toEqual([
      'InferenceServiceErrors',
      'InferenceServiceLatency',
      'InferenceServiceQueueFull',
      'InferenceServiceQueuedTooLong',
      'InferenceServiceTimeouts',
      'InferenceServiceNotReady',
      'InferenceServiceAtMaximum',
      'InferenceServiceNotScaling',
      'InferenceServiceRestarts',
    ]);
    expect(names(true)).toEqual([...names(false), 'InferenceTritonFailures']);
  });

  test('fire where the options say', () => {
    const rules = rulesOf(true, { errorPercent: 2, latencyP99Ms: 1500 });

    expect(rule(rules, 'InferenceServiceErrors').expression).toMatch(/ > 0\.02$/);
    expect(rule(rules, 'InferenceTritonFailures').expression).toMatch(/ > 0\.02$/);
    expect(rule(rules, 'InferenceServiceLatency').expression).toMatch(/ > 1\.5$/);
  });

  test('look at shares of five minutes, of what fails and of all calls alike', () => {
    const rules = rulesOf(true, {}, { grpc: true });
    const shares = ['Errors', 'QueueFull', 'QueuedTooLong', 'Timeouts'].map((name) => `InferenceService${name}`);

    for (const name of [...shares, 'InferenceTritonFailures']) {
      const windows = rule(rules, name).expression.match(/\[\w+\]/g) ?? [];
      expect(windows.length).toBeGreaterThan(1);
      expect(new Set(windows)).toEqual(new Set(['[5m]']));
    }
  });

  test.each([
    {
      startSeconds: undefined,
      minutes: 15,
      says: 'For 15 minutes, .* A node with GPUs takes up to ten minutes to start\\.',
    },
    { startSeconds: 600, minutes: 15, says: 'For 15 minutes, .* A replica may take up to 10 minutes to start' },
    { startSeconds: 601, minutes: 16, says: 'For 16 minutes, .* A replica may take up to 11 minutes to start' },
    { startSeconds: 2400, minutes: 45, says: 'For 45 minutes, .* A replica may take up to 40 minutes to start' },
  ])(
    'let replicas start: after $minutes minutes with startSeconds $startSeconds',
    ({ startSeconds, minutes, says }) => {
      const notReady = rule(rulesOf(true, {}, { startSeconds }), 'InferenceServiceNotReady');

      expect(notReady.forMinutes).toBe(minutes);
      expect(notReady.description).toMatch(new RegExp(says));
    },
  );

  test('speak of gRPC where callers may use it, and of HTTP alone elsewhere', () => {
    const [errors, httpErrors] = [true, false].map((grpc) =>
      rule(rulesOf(true, {}, { grpc }), 'InferenceServiceErrors'),
    );

    expect(errors?.description).toContain("a status from 500 on, or gRPC's name for it");
    expect(errors?.runbook).toContain('RESOURCE_EXHAUSTED (8) is a full queue or a wait that was too long.');
    expect(`${httpErrors?.description} ${httpErrors?.runbook}`).not.toMatch(/gRPC|RESOURCE/);
  });

  test('say which service they are of', () => {
    for (const { labels, summary, description } of rulesOf(true)) {
      expect(labels).toEqual({ namespace: 'serving', inference_service: 'vision' });
      expect(summary).toContain('vision');
      expect(description).toContain('vision');
    }
  });
});

describe('the alerts of a platform', () => {
  const pool = { poolName: 'a100', minNodes: 0, maxNodes: 2 };
  const names = (pools: readonly (typeof pool)[]) => platformAlerts({ pools }).map(({ alert }) => alert);

  test('are for its pods, nodes and GPUs', () => {
    expect(names([pool])).toEqual([
      'InferencePodsPending',
      'InferencePoolAtMaximum',
      'InferenceGpuMemoryFull',
      'InferenceGpuError',
      'InferenceNodeNotReady',
    ]);
  });

  test('leave out pools of a fixed size, which are always at their maximum', () => {
    expect(names([{ ...pool, minNodes: 2 }])).not.toContain('InferencePoolAtMaximum');
  });

  test('know each pool by the names of its nodes', () => {
    expect(rule(platformAlerts({ pools: [pool] }), 'InferencePoolAtMaximum')).toMatchObject({
      expression:
        'count(kube_node_info{node=~"aks-a100-.+"}) >= 2 and on () ' +
        '(sum by (namespace) (kube_pod_status_phase{phase="Pending"})) > 0',
      labels: { pool: 'a100' },
    });
  });

  test('say that pods that download models are pending, too', () => {
    const { summary, description, runbook } = rule(platformAlerts({ pools: [] }), 'InferencePodsPending');

    expect(summary).toContain('for a place, for their images or for their models');
    expect(description).toContain('as long as its init containers download models');
    expect(runbook).toContain('the logs of their init containers');
  });

  test('say which errors of a GPU are those of programs', () => {
    const { expression, description, runbook } = rule(platformAlerts({ pools: [] }), 'InferenceGpuError');

    expect(expression).toMatch(/ != 13 != 31 != 43 != 45 > 0$/);
    expect(description).toContain('XID 13, 31, 43 and 45');
    expect(runbook).toContain('13, 31, 43 and 45 are left out');
  });
});

describe('every alert', () => {
  const all = [...rulesOf(true), ...platformAlerts({ pools: [{ poolName: 'a100', minNodes: 0, maxNodes: 2 }] })];

  test.each(all)('$alert says what happened, what it means and what to do', ({ summary, description, runbook }) => {
    for (const text of [summary, description, runbook]) {
      expect(text.length).toBeGreaterThan(20);
    }
    expect(description).toMatch(/\.$/);
    expect(runbook).toMatch(/\.$/);
  });

  test('has a name of its own', () => {
    expect(new Set(all.map(({ alert }) => alert)).size).toBe(all.length);
  });
});

describe('groups of rules', () => {
  const many = Array.from({ length: 45 }, (_, index) => ({ ...(rulesOf(false)[0] as AlertRule), alert: `A${index}` }));

  test('hold no more rules than Azure takes in one, and all of them', () => {
    const groups = ruleGroups('many', many);

    expect(groups.map(({ name, rules }) => [name, rules.length])).toEqual([
      ['many', 20],
      ['many-2', 20],
      ['many-3', 5],
    ]);
    expect(groups.flatMap(({ rules }) => rules)).toEqual(many);
    expect(ruleGroups('none', [])).toEqual([]);
  });

  test('are written as Prometheus reads them', () => {
    const [first] = rulesOf(false) as [AlertRule];

    expect(first.severity).toBe(AlertSeverity.CRITICAL);
    expect(prometheusGroup({ name: 'one', rules: [first] })).toEqual({
      name: 'one',
      interval: '1m',
      rules: [
        {
          alert: 'InferenceServiceErrors',
          expr: first.expression,
          for: '5m',
          labels: { namespace: 'serving', inference_service: 'vision', severity: 'critical' },
          annotations: { summary: first.summary, description: first.description, runbook: first.runbook },
        },
      ],
    });
  });
});
