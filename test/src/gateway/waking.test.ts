import { describe, expect, test } from 'vitest';
import { SCORING_PROTOCOL, TRITON_PROTOCOL } from '../../../src/gateway/protocol';
import { type RouterSettings, routerConfig } from '../../../src/gateway/router-config';
import { routerAnswerMs } from '../../../src/gateway/timeouts';
import { holdAction, mostHeld } from '../../../src/gateway/waking';
import { SCORING_REQUEST_LIMITS } from '../../../src/scoring/request-limits';

const settings: RouterSettings = {
  serviceName: 'digits',
  protocol: SCORING_PROTOCOL,
  limits: SCORING_REQUEST_LIMITS,
  metricsTaskFile: '/haproxy/metrics.lua',
  replicasHost: 'digits-replicas.serving.svc',
  maxReplicas: 16,
  routerHosts: ['router-0.digits.svc', 'router-1.digits.svc'],
  drainTimeoutSeconds: 70,
};

const WAKING = { waking: { wakeTimeoutMs: 300_000, holdActionFile: '/haproxy/hold.lua' } };
const TRITON = { ...WAKING, protocol: TRITON_PROTOCOL };

/** The lines of one section. */
function section(head: string, changes: Partial<RouterSettings> = {}): string[] {
  const text = routerConfig({ ...settings, ...changes })
    .split('\n\n')
    .find((each) => each.startsWith(`${head}\n`));
  return (text?.trimEnd().split('\n').slice(1) ?? []).map((line) => line.trim());
}

const having = (lines: string[], text: string) => lines.filter((line) => line.includes(text));

describe('a router', () => {
  test('holds no call by default, and has nothing of it', () => {
    expect(routerConfig(settings)).not.toMatch(/lua\.hold|held|handover|stopping/);
  });

  test('holds calls where they arrive until a router can choose, and where one chooses until there is a replica', () => {
    expect(section('global', WAKING)).toContain("lua-load '/haproxy/hold.lua'");
    expect(having(section('frontend inside', WAKING), 'lua.hold')).toEqual(['http-request lua.hold choice']);
    expect(having(section('frontend chosen', WAKING), 'lua.hold')).toEqual(['http-request lua.hold replicas']);
  });

  test('holds gRPC calls for the ways that they take', () => {
    expect(having(section('frontend inside', TRITON), 'lua.hold')).toEqual([
      'http-request lua.hold choice-grpc if is_grpc',
      'http-request lua.hold choice if !is_grpc',
    ]);
    expect(having(section('frontend chosen', TRITON), 'lua.hold')).toEqual([
      'http-request lua.hold replicas-grpc if is_grpc',
      'http-request lua.hold replicas if !is_grpc',
    ]);
  });

  test('answers calls that are too many with 429, and gRPC with what stands for it', () => {
    for (const frontend of ['frontend inside', 'frontend chosen']) {
      const refusals = having(section(frontend, TRITON), 'txn.held_too_many');

      expect(refusals).toHaveLength(2);
      expect(refusals[0]).toMatch(/^http-request return status 429 hdr grpc-status '8' .* if is_grpc \{/);
      expect(refusals[1]).toMatch(/^http-request return status 429 content-type application\/json .*queue_full/);
    }
  });

  test('lets each call be held once for the whole time, wherever that is, and hides it from caller and replica', () => {
    expect(section('frontend requests', WAKING)).toContain('http-request del-header x-gateway-held-ms');
    expect(section('frontend chosen', WAKING)).toEqual(
      expect.arrayContaining([
        'http-request set-var(txn.held_ms) req.hdr(x-gateway-held-ms),add(0)',
        'http-request del-header x-gateway-held-ms',
      ]),
    );
  });

  test('waits for answers as much longer as calls may be held', () => {
    const timeout = `timeout server ${routerAnswerMs(SCORING_REQUEST_LIMITS) + 300_000}ms`;

    for (const backend of ['admitted', 'choice', 'handover'].flatMap((name) => [name, `${name}-grpc`])) {
      expect(section(`backend ${backend}`, TRITON)).toContain(timeout);
    }
    const replicas = (changes = {}) => having(section('backend replicas', changes), 'timeout server');
    expect(replicas(WAKING)).toEqual(replicas());
  });

  test('hands calls that it holds over to another router once it is going', () => {
    expect(having(section('frontend inside', TRITON), 'handover')).toEqual([
      'use_backend handover-grpc if is_grpc { stopping } { nbsrv(choice) eq 0 }',
      'use_backend handover if { stopping } { nbsrv(choice) eq 0 }',
    ]);
    expect(having(section('frontend chosen', WAKING), 'handover')).toEqual([
      'use_backend handover if { stopping } { nbsrv(replicas) eq 0 }',
    ]);
    // it learns nothing more of their health
    expect(having(section('backend handover', WAKING), 'server router')).toEqual(
      [0, 1].map(
        (index) =>
          `server router-${index} 'router-${index}.digits.svc:8090' resolvers cluster resolve-prefer ipv4 init-addr none`,
      ),
    );
  });

  test('still does not choose while it finds no replica', () => {
    expect(section('frontend health', WAKING)).toContain(
      'http-request return status 503 if { path /choice } { nbsrv(replicas) eq 0 }',
    );
  });
});

describe('the action that holds calls', () => {
  test('holds as many as one replica takes on', () => {
    expect(mostHeld({ ...SCORING_REQUEST_LIMITS, replicaMaxConcurrentRequests: 4, replicaMaxQueuedRequests: 7 })).toBe(
      11,
    );
    expect(holdAction({ limits: SCORING_REQUEST_LIMITS, wakeTimeoutMs: 5 })).toContain('if held_calls() >= 101 then');
  });

  test('holds them as long as is said', () => {
    expect(holdAction({ limits: SCORING_REQUEST_LIMITS, wakeTimeoutMs: 12_345 })).toContain('local left = 12345\n');
  });
});
