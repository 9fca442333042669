import { describe, expect, test } from 'vitest';
import { type GatewaySettings, gatewayConfig } from '../../../src/gateway/gateway-config';
import { SCORING_PROTOCOL, SCRIPT_BEFORE_TRITON_PROTOCOL, TRITON_PROTOCOL } from '../../../src/gateway/protocol';
import { SCORING_REQUEST_LIMITS } from '../../../src/scoring/request-limits';

const settings: GatewaySettings = {
  serviceName: 'digits',
  protocol: SCORING_PROTOCOL,
  limits: SCORING_REQUEST_LIMITS,
  keyMap: '/keys/keys.map',
  keysTaskFile: '/keys/keys.lua',
  metricsTaskFile: '/haproxy/metrics.lua',
  behindRouter: false,
  drainTimeoutSeconds: 70,
};

const TRITON = { protocol: TRITON_PROTOCOL };
const SCRIPTED = { protocol: SCRIPT_BEFORE_TRITON_PROTOCOL };
const ROUTED = { behindRouter: true };

/** The lines of one section. */
function section(head: string, changes: Partial<GatewaySettings> = {}): string[] {
  const sections = gatewayConfig({ ...settings, ...changes }).split('\n\n');
  const [, ...lines] =
    sections
      .find((text) => text.startsWith(`${head}\n`))
      ?.trimEnd()
      .split('\n') ?? [];
  return lines.map((line) => line.trim());
}

/** The lines that hold a text. */
const having = (lines: string[], text: string) => lines.filter((line) => line.includes(text));

describe('the configuration of a gateway', () => {
  test('has the same text for the same settings, and nothing of HAProxy before its sections', () => {
    expect(gatewayConfig(settings)).toBe(gatewayConfig({ ...settings }));
    expect(gatewayConfig(settings).match(/^\w.*/gm)).toEqual([
      'global',
      'defaults',
      'frontend requests',
      'backend admitted',
      'frontend inside',
      'backend model',
      'frontend health',
      'backend live',
      'backend ready',
      'frontend metrics',
    ]);
  });

  test.each([{}, ROUTED])('has a second frontend, and ways to it for HTTP and gRPC: %o', (changes) => {
    const inner = /^(backend admitted|frontend inside).*/gm;

    expect(gatewayConfig({ ...settings, ...changes, ...TRITON }).match(inner)).toEqual([
      'backend admitted',
      'backend admitted-grpc',
      'frontend inside',
    ]);
  });

  test('gives every limit to what holds it', () => {
    const limits = {
      replicaMaxConcurrentRequests: 3,
      replicaMaxQueuedRequests: 7,
      maxRequestWaitTimeMs: 111,
      scoringTimeoutMs: 222,
      maxRequestBodyMiB: 5,
      requestReadTimeoutMs: 333,
    };

    expect(section('defaults', { limits })).toEqual(
      expect.arrayContaining([
        'timeout queue 111ms',
        'timeout server 222ms',
        'timeout client 333ms',
        'timeout http-request 333ms',
      ]),
    );
    const model = section('backend model', { limits });
    expect(having(model, 'server model ')).toEqual([
      'server model 127.0.0.1:5001 maxconn 3 check inter 1000ms fall 2 rise 1 observe layer4 error-limit 1 on-error mark-down',
    ]);
    expect(having(model, '{ queue(model) ge 7 }')).toHaveLength(1);
    const admitted = section('backend admitted', { limits });
    expect(admitted).toContain('http-request wait-for-body time 333ms');
    expect(having(admitted, '{ be_conn(admitted) gt 20 }')).toHaveLength(1);
    expect(having(admitted, `{ req.hdr_val(content-length) gt ${5 * 1024 * 1024} }`)).toHaveLength(1);
  });

  test('waits longer for an answer from behind the queue than queue and server take', () => {
    const { maxRequestWaitTimeMs, scoringTimeoutMs } = SCORING_REQUEST_LIMITS;
    for (const backend of ['backend admitted', 'backend admitted-grpc']) {
      const [line = ''] = having(section(backend, TRITON), 'timeout server');
      expect(Number(/\d+/.exec(line))).toBeGreaterThan(maxRequestWaitTimeMs + scoringTimeoutMs);
    }
  });

  test('asks for bodies before it lets them wait for a place', () => {
    const lines = ['backend admitted', 'backend model'].flatMap((backend) => section(backend));
    const order = ['be_conn(', 'content-length) gt', 'wait-for-body', 'srv_is_up(model/model)', 'queue(model)'];
    const places = order.map((text) => lines.findIndex((line) => line.includes(text)));

    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((one, other) => one - other));
  });

  test('leaves no header between its hops in the answer of a caller, or in the call of the server', () => {
    const taken = (changes: Partial<GatewaySettings>) =>
      ['backend admitted', 'backend admitted-grpc'].map((backend) =>
        having(section(backend, { ...TRITON, ...changes }), 'http-response del-header').map(
          (line) => line.split(' ')[2],
        ),
      );

    const told = ['x-gateway-queue-ms', 'x-gateway-inside-us'];
    expect(taken({})).toEqual(Array(2).fill([...told, 'x-gateway-final-status']));
    expect(taken(ROUTED)).toEqual(Array(2).fill(told));
    for (const changes of [TRITON, { ...TRITON, ...ROUTED }]) {
      expect(gatewayConfig({ ...settings, ...changes })).not.toMatch(/http-request (set|add)-header x-gateway-/);
    }
  });

  test('notes when a call arrives, and counts it with all that is told of it by then', () => {
    for (const changes of [{}, ROUTED, TRITON, { ...TRITON, ...ROUTED }]) {
      const requests = section('frontend requests', changes);
      const rules = requests.filter((line) => /^http-request /.test(line));
      const after = requests.filter((line) => /^http-after-response set-var/.test(line));

      expect(rules[0]).toBe('http-request set-var(txn.arrived_us) date(0,us)');
      expect(after.slice(-2)).toEqual([
        'http-after-response set-var(txn.took_us) date(0,us),sub(txn.arrived_us) if { var(txn.arrived_us) -m found }',
        'http-after-response set-var(txn.counted) lua.count_call',
      ]);
    }
    expect(section('global')).toContain("lua-load '/haproxy/metrics.lua'");
  });

  test('tells the time inside of calls that the server had, and of no other', () => {
    expect(section('frontend inside')).toEqual(
      expect.arrayContaining([
        'http-request set-var(txn.inside_since_us) date(0,us)',
        'http-response set-var(txn.answered) bool(true)',
        'http-after-response set-header x-gateway-inside-us %[date(0,us),sub(txn.inside_since_us)] ' +
          'if { var(txn.answered) -m found } or { status 502 504 }',
      ]),
    );
  });

  test('says that the replica is going to calls that come too late', () => {
    const admitted = section('backend admitted', TRITON);
    const grpc = section('backend admitted-grpc', TRITON);

    expect(having(admitted, 'http-error status 503')[0]).toContain('"code":"replica_going"');
    expect(having(grpc, 'http-error status 503')[0]).toContain("hdr grpc-status '14'");
    expect([...admitted, ...grpc].filter((line) => line.startsWith('server '))).toEqual(
      Array(2).fill('server inside abns@inside-all'),
    );
  });

  test('keeps the place of a call whose caller has left', () => {
    expect(gatewayConfig(settings)).not.toContain('abortonclose');
  });

  test('sends no call twice, and each over a connection of its own', () => {
    expect(section('defaults')).toEqual(
      expect.arrayContaining(['http-reuse never', 'option http-server-close', 'retries 0']),
    );
    expect(gatewayConfig(settings)).not.toMatch(/retry-on|redispatch/);
  });

  test('asks for a key before anything else, and takes it away', () => {
    const requests = section('frontend requests');
    const rules = requests.filter((line) => /^http-request (return|tarpit|deny|del-header)/.test(line));

    expect(rules[0]).toMatch(/^http-request return status 401 .* if !\{ var\(txn\.key\) -m found \}$/);
    expect(rules[1]).toMatch(/^http-request return status 404 /);
    expect(rules[2]).toBe('http-request del-header authorization');
    expect(section('global')).toContain("lua-load '/keys/keys.lua'");
  });

  test('has nothing of keys where callers need none', () => {
    expect(gatewayConfig({ ...settings, keyMap: undefined, keysTaskFile: undefined })).not.toMatch(/map\(|keys|401/);
  });

  test('is ready once both keys are there and calls would be taken, and lives before', () => {
    const down = (backend: string) =>
      `http-request return status 503 if { path /ready } !{ srv_is_up(${backend}/model) }`;

    expect(having(section('frontend health'), 'status 503')).toEqual([
      "http-request return status 503 if { path /ready } !{ str(keys-taken),map('/keys/keys.map') -m found }",
      down('model'),
    ]);
    expect(having(section('frontend health', { keyMap: undefined }), '503')).toEqual([down('model')]);
    expect(having(section('frontend health', { ...TRITON, keyMap: undefined }), '503')).toEqual([
      down('model'),
      down('model-grpc'),
    ]);
  });

  test('asks the server itself for health, on the paths that it has', () => {
    expect([section('backend live')[0], section('backend ready')[0]]).toEqual(Array(2).fill('http-request set-path /'));
    expect([section('backend live', TRITON)[0], section('backend ready', TRITON)[0]]).toEqual([
      'http-request set-path /v2/health/live',
      'http-request set-path /v2/health/ready',
    ]);
    expect(section('backend ready')).toContain('server model 127.0.0.1:5001');
  });

  test('is ready before a script that calls Triton once both are, and has paths for the probes of each', () => {
    const health = section('frontend health', { ...SCRIPTED, keyMap: undefined });

    expect(having(health, 'status 503')).toEqual([
      'http-request return status 503 if { path /ready } !{ srv_is_up(model/model) }',
      'http-request return status 503 if { path /ready } !{ srv_is_up(triton/model) }',
    ]);
    expect(health).toContain('http-request return status 404 unless { path /live /ready /triton/live /triton/ready }');
    expect(having(health, '_backend')).toEqual([
      'use_backend triton-live if { path /triton/live }',
      'use_backend triton-ready if { path /triton/ready }',
      'use_backend live if { path /live }',
      'default_backend ready',
    ]);
    expect(section('backend triton', SCRIPTED)).toEqual([
      'option httpchk GET /v2/health/ready',
      'http-check expect status 200',
      'server model 127.0.0.1:8000 check inter 1000ms fall 2 rise 1',
    ]);
    expect([section('backend triton-live', SCRIPTED), section('backend triton-ready', SCRIPTED)]).toEqual([
      ['http-request set-path /v2/health/live', 'timeout server 10s', 'server model 127.0.0.1:8000'],
      ['http-request set-path /v2/health/ready', 'timeout server 10s', 'server model 127.0.0.1:8000'],
    ]);
  });

  test('has the metrics of a Triton that nobody else reaches beside its own, and of no other', () => {
    expect(section('frontend metrics', SCRIPTED)).toEqual([
      'bind *:8404',
      'no log',
      'http-request use-service prometheus-exporter if { path /metrics }',
      'http-request use-service lua.service_metrics if { path /service-metrics }',
      'http-request return status 404 unless { path /triton/metrics }',
      'default_backend triton-metrics',
    ]);
    expect(section('backend triton-metrics', SCRIPTED)).toContain('server model 127.0.0.1:8002');
    expect(gatewayConfig({ ...settings, ...TRITON })).not.toContain('triton-metrics');
  });

  test('sends no caller to a Triton that a script stands before', () => {
    const text = gatewayConfig({ ...settings, ...SCRIPTED });

    expect(text).not.toMatch(/is_grpc|\/v2\/models/);
    expect(having(section('backend model', SCRIPTED), 'server model')).toEqual(
      having(section('backend model'), 'server model'),
    );
  });

  test('speaks TLS 1.2 and later where it has a certificate, and HTTP/2 either way', () => {
    expect(having(section('frontend requests'), 'bind ')).toEqual(['bind *:8080']);
    expect(having(section('frontend requests', { certificateFile: '/tls/tls.pem' }), 'bind ')).toEqual([
      "bind *:8080 ssl crt '/tls/tls.pem' alpn h2,http/1.1 ssl-min-ver TLSv1.2",
    ]);
    expect(section('frontend health', { certificateFile: '/tls/tls.pem' })[0]).toBe('bind *:8405');
  });

  test('listens on all of the pod, or on the address that is named', () => {
    const binds = (changes: Partial<GatewaySettings>) => gatewayConfig({ ...settings, ...changes }).match(/bind \S+/g);

    expect(binds({})).toEqual(['bind *:8080', 'bind abns@inside-all', 'bind *:8405', 'bind *:8404']);
    expect(binds({ address: '127.0.0.9' })).toEqual([
      'bind 127.0.0.9:8080',
      'bind abns@inside-127.0.0.9',
      'bind 127.0.0.9:8405',
      'bind 127.0.0.9:8404',
    ]);
  });

  test('ends calls that are left when its time to drain is over', () => {
    expect(section('global')).toContain('hard-stop-after 70s');
  });

  test('gives the ids of requests itself, or takes them from its router', () => {
    expect(having(section('frontend requests'), 'x-ms-request-id')).toEqual([
      'http-after-response set-header x-ms-request-id %[unique-id]',
      'http-request del-header x-ms-request-id',
    ]);
    expect(having(section('frontend requests'), 'x-request-id')).toEqual([
      'http-request set-header x-request-id %[unique-id]',
    ]);
    expect(section('frontend inside')).toContain('http-request set-var(txn.request_id) req.hdr(x-request-id)');
    expect(having(section('frontend requests', ROUTED), 'x-ms-request-id')).toEqual([
      'http-request set-var(txn.request_id) req.hdr(x-ms-request-id)',
      'http-after-response set-header x-ms-request-id %[var(txn.request_id)]',
      'http-request del-header x-ms-request-id',
    ]);
  });

  test('refuses a call as its router asks: with a status at which that tries another replica', () => {
    const [line] = having(section('backend model', ROUTED), '{ queue(model) ge 100 }');

    expect(line).toContain('status 503');
    expect(line).toContain('"status":429');
    expect(line).toContain("hdr x-gateway-final-status '429'");
    expect(gatewayConfig(settings)).not.toMatch(/(hdr|set-header) x-gateway-final-status/);
  });

  test('has nothing of gRPC before a server that speaks HTTP alone', () => {
    expect(gatewayConfig(settings)).not.toMatch(/is_grpc|proto h2|application\/grpc/);
  });

  test('has a queue for gRPC with the same limits where the server speaks it', () => {
    const limits = { ...SCORING_REQUEST_LIMITS, replicaMaxConcurrentRequests: 64 };
    const [server = ''] = having(section('backend model-grpc', { ...TRITON, limits }), 'server model');

    expect(server).toMatch(/^server model 127\.0\.0\.1:8001 maxconn 64 .* proto h2$/);
    expect(section('frontend requests', TRITON)).toContain('use_backend admitted-grpc if is_grpc');
    expect(section('frontend inside', TRITON)).toContain('use_backend model-grpc if is_grpc');
    expect(having(section('backend model-grpc', TRITON), '{ queue(model-grpc) ge 100 }')).toHaveLength(1);
    expect(having(section('backend admitted-grpc', TRITON), '{ be_conn(admitted-grpc) gt 202 }')).toHaveLength(1);
  });

  test('says of a gRPC call whose connection was refused that the server is down, and learns of it soon', () => {
    const model = section('backend model-grpc', TRITON);

    expect(having(model, '{ bc_src -m ip 0.0.0.0 }')).toEqual([
      "http-after-response set-header grpc-message 'the model server does not answer; it may be starting' " +
        'if { status 502 } { bc_src -m ip 0.0.0.0 }',
      'http-after-response set-status 503 if { status 502 } { bc_src -m ip 0.0.0.0 }',
    ]);
    expect(having(model, 'check inter 200ms fall 2')).toHaveLength(1);
    expect(section('backend model', TRITON).join()).not.toContain('bc_src');
  });

  test('takes calls for gRPC from callers over HTTP/2 alone, and by their type further on', () => {
    const byType = 'http-request set-var(txn.grpc) bool(true) if { req.hdr(content-type) -m beg application/grpc }';

    expect(having(section('frontend requests', TRITON), 'req.ver 2.0')).toHaveLength(1);
    expect(section('frontend requests', TRITON)).not.toContain(byType);
    expect(section('frontend inside', TRITON)).toContain(byType);
    expect(section('frontend requests', { ...TRITON, ...ROUTED })).toContain(byType);
    expect(gatewayConfig({ ...settings, ...TRITON }).match(/.* proto h2/g)).toHaveLength(1);
  });

  test('gives refusals the form of gRPC where callers arrive, and leaves their status to a router', () => {
    const form = 'http-after-response set-status 200 if is_grpc !{ status 200 }';

    expect(section('frontend requests', TRITON)).toContain(form);
    expect(gatewayConfig({ ...settings, ...TRITON, ...ROUTED })).not.toContain(form);
  });
});

describe('the access log of a gateway', () => {
  const [format = ''] = having(section('frontend requests'), 'log-format');

  test('has a line for what callers ask, and none for the way inside', () => {
    expect(section('frontend inside')).toContain('no log');
    expect(section('backend admitted')).toContain('http-response set-var(txn.queue_ms) res.hdr(x-gateway-queue-ms)');
    expect(section('frontend inside')).toContain('http-after-response set-header x-gateway-queue-ms %Tw');
    expect(format).toContain('"queueMs":"%[var(txn.queue_ms)]"');
  });

  test('is one JSON object a request', () => {
    const line = format.slice("log-format '".length, -1).replaceAll(/%\[[^\]]*\]|%[A-Za-z]+/g, '1');

    expect(Object.keys(JSON.parse(line))).toEqual([
      'time',
      'service',
      'part',
      'requestId',
      'clientRequestId',
      'method',
      'path',
      'protocol',
      'status',
      'finalStatus',
      'grpcStatus',
      'key',
      'client',
      'userAgent',
      'server',
      'queueMs',
      'serverMs',
      'totalMs',
      'bytesReceived',
      'bytesSent',
      'retries',
      'end',
    ]);
  });

  test('escapes all that a caller or a user gave', () => {
    const given = ['txn.service', 'unique-id', 'txn.client_request_id', 'method', 'uri', 'ver', 'txn.user_agent'];
    for (const name of given) {
      expect(format).toMatch(new RegExp(`%\\[[^\\]]*${name}[^\\]]*,json\\(utf8s\\)\\]`));
    }
  });
});
