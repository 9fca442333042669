import { describe, expect, test } from 'vitest';
import { SCORING_PROTOCOL, TRITON_PROTOCOL } from '../../../src/gateway/protocol';
import { type RouterSettings, routerConfig } from '../../../src/gateway/router-config';
import { SCORING_REQUEST_LIMITS } from '../../../src/scoring/request-limits';

const settings: RouterSettings = {
  serviceName: 'digits',
  protocol: SCORING_PROTOCOL,
  limits: SCORING_REQUEST_LIMITS,
  keyMap: '/keys/keys.map',
  keysTaskFile: '/keys/keys.lua',
  metricsTaskFile: '/haproxy/metrics.lua',
  replicasHost: 'digits-replicas.serving.svc',
  maxReplicas: 16,
  routerHosts: ['router-0.digits.svc', 'router-1.digits.svc'],
  drainTimeoutSeconds: 70,
};

/** The lines of one section. */
function section(head: string, changes: Partial<RouterSettings> = {}): string[] {
  const sections = routerConfig({ ...settings, ...changes }).split('\n\n');
  const [, ...lines] =
    sections
      .find((text) => text.startsWith(`${head}\n`))
      ?.trimEnd()
      .split('\n') ?? [];
  return lines.map((line) => line.trim());
}

const serverLines = (lines: string[]) => lines.filter((line) => /^server/.test(line));

describe('the configuration of a router', () => {
  test('has the same text for the same settings', () => {
    expect(routerConfig(settings)).toBe(routerConfig({ ...settings }));
  });

  test('knows as many replicas as are said, each with the concurrency of one', () => {
    const limits = { ...SCORING_REQUEST_LIMITS, replicaMaxConcurrentRequests: 3 };
    const [line, ...others] = serverLines(section('backend replicas', { maxReplicas: 32, limits }));

    expect(others).toEqual([]);
    expect(line).toMatch(/^server-template replica 1-32 'digits-replicas\.serving\.svc:8080' /);
    expect(line).toMatch(/ maxconn 3$/);
    expect(line).toContain(' port 8405 ');
  });

  test('gives a call to the replica with the fewest, and to another when one refuses it', () => {
    const lines = section('backend replicas');

    expect(lines).toContain('balance leastconn');
    expect(lines).toContain('option redispatch 1');
    expect(lines).toContain('retries 3');
    expect(lines.filter((line) => line.startsWith('retry-on'))).toEqual(['retry-on conn-failure 503']);
    expect(lines).toContain('http-check send meth GET uri /ready');
  });

  test('takes the status that a caller gets from the gateway, and its header away', () => {
    for (const backend of ['backend replicas', 'backend replicas-grpc']) {
      expect(section(backend, { protocol: TRITON_PROTOCOL })).toEqual(
        expect.arrayContaining([
          'http-response set-status 429 if { res.hdr(x-gateway-final-status) 429 }',
          'http-response set-status 503 if { res.hdr(x-gateway-final-status) 503 }',
          'http-response del-header x-gateway-final-status',
        ]),
      );
    }
  });

  test('never sends a call again elsewhere', () => {
    expect(routerConfig(settings).match(/retry-on.*/g)).toEqual(['retry-on conn-failure 503']);
  });

  test('leaves the choice to the first router, and has the others in reserve', () => {
    const lines = section('backend choice');

    expect(lines).toContain('http-check send meth GET uri /choice');
    expect(serverLines(lines).map((line) => [line.split(' ')[2], line.endsWith(' backup')])).toEqual([
      ["'router-0.digits.svc:8090'", false],
      ["'router-1.digits.svc:8090'", true],
    ]);
    expect(section('frontend health')).toContain(
      'http-request return status 503 if { path /choice } { nbsrv(replicas) eq 0 }',
    );
  });

  test.each(['backend admitted', 'backend admitted-grpc'])(
    'takes calls of %s inside, and to a router that lives once it is going',
    (backend) => {
      const lines = section(backend, { protocol: TRITON_PROTOCOL });

      expect(serverLines(lines).map((line) => [line.split(' ')[2], line.endsWith(' backup')])).toEqual([
        ['abns@inside-all', false],
        ["'router-0.digits.svc:8090'", true],
        ["'router-1.digits.svc:8090'", true],
      ]);
      expect(lines).toEqual(expect.arrayContaining(['retries 3', 'option redispatch 1']));
      expect(lines).toContain('http-response del-header x-gateway-queue-ms');
    },
  );

  test('gives every call a connection of its own on its way', () => {
    expect(section('defaults')).toEqual(expect.arrayContaining(['http-reuse never', 'option http-server-close']));
  });

  test('asks for key and body before it takes a call inside', () => {
    expect(section('frontend requests').join('\n')).toContain('status 401');
    expect(section('backend admitted').join('\n')).toContain('wait-for-body');
    expect(section('frontend inside').join('\n')).not.toMatch(/status 401|wait-for-body/);
  });

  test('lets as many calls wait as there are places at all replicas, each no longer than is said', () => {
    const limits = { ...SCORING_REQUEST_LIMITS, replicaMaxQueuedRequests: 7, maxRequestWaitTimeMs: 1234 };

    expect(section('backend replicas', { limits }).join('\n')).toContain(
      'if { nbsrv(replicas),mul(7),sub(txn.waiting) le 0 }',
    );
    expect(section('defaults', { limits })).toContain('timeout queue 1234ms');
  });

  test('waits longer for an answer than the hop behind it', () => {
    const timeout = (lines: string[]) =>
      Number(lines.find((line) => line.startsWith('timeout server'))?.match(/\d+/)?.[0]);
    const replica = timeout(section('backend replicas'));

    expect(replica).toBeGreaterThan(500 + 60_000);
    expect(timeout(section('backend choice'))).toBeGreaterThan(replica);
    expect(timeout(section('backend admitted'))).toBe(timeout(section('backend choice')));
  });

  test('asks the DNS of the pod, or the server that is named', () => {
    expect(section('resolvers cluster')).toContain('parse-resolv-conf');
    const named = section('resolvers cluster', { nameserver: '10.0.0.10:53' });
    expect(named).toContain('nameserver cluster 10.0.0.10:53');
    expect(named).not.toContain('parse-resolv-conf');
  });

  test('keeps the addresses that it has while DNS is away', () => {
    expect(section('resolvers cluster')).toEqual(
      expect.arrayContaining(['hold other 1d', 'hold refused 1d', 'hold timeout 1d']),
    );
  });

  test('listens on all of the pod, or on the address that is named', () => {
    const binds = (changes = {}) => routerConfig({ ...settings, ...changes }).match(/bind \S+/g);

    expect(binds()).toEqual(['bind *:8080', 'bind abns@inside-all', 'bind *:8090', 'bind *:8405', 'bind *:8404']);
    expect(binds({ address: '127.0.0.9' })).toEqual([
      'bind 127.0.0.9:8080',
      'bind abns@inside-127.0.0.9',
      'bind 127.0.0.9:8090',
      'bind 127.0.0.9:8405',
      'bind 127.0.0.9:8404',
    ]);
  });

  test('speaks TLS to callers alone', () => {
    const config = routerConfig({ ...settings, certificateFile: '/tls/server.pem' });

    expect(config.match(/bind .* ssl .*/g)).toEqual([
      "bind *:8080 ssl crt '/tls/server.pem' alpn h2,http/1.1 ssl-min-ver TLSv1.2",
    ]);
  });

  test('asks for a key unless callers need none', () => {
    expect(section('frontend requests').join('\n')).toContain("map('/keys/keys.map')");
    const open = routerConfig({ ...settings, keyMap: undefined, keysTaskFile: undefined });
    expect(open).not.toContain('http_auth_bearer');
    expect(open.match(/lua-load .*/g)).toEqual(["lua-load '/haproxy/metrics.lua'"]);
  });

  test('ends calls that are left when its time to drain is over', () => {
    expect(section('global')).toContain('hard-stop-after 70s');
  });

  test('has nothing of gRPC before a server that speaks HTTP alone', () => {
    expect(routerConfig(settings)).not.toContain('grpc ');
    expect(section('backend replicas-grpc')).toEqual([]);
  });

  test('takes gRPC to the replicas by ways of its own over HTTP/1.1, the same as those of HTTP', () => {
    const grpc = { protocol: TRITON_PROTOCOL };

    expect(section('frontend requests', grpc)).toContain('use_backend admitted-grpc if is_grpc');
    expect(section('frontend inside', grpc)).toContain('use_backend choice-grpc if is_grpc');
    expect(section('frontend chosen', grpc)).toContain('use_backend replicas-grpc if is_grpc');
    for (const backend of ['backend admitted', 'backend choice', 'backend replicas']) {
      const servers = serverLines(section(`${backend}-grpc`, grpc));
      expect(servers.length).toBeGreaterThan(0);
      expect(servers).toEqual(serverLines(section(backend, grpc)));
    }
    expect(routerConfig({ ...settings, ...grpc })).not.toContain('proto h2');
  });
});
