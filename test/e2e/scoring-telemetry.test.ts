import { afterAll, beforeAll, expect, test } from 'vitest';
import { GATEWAY_PORTS } from '../../src/gateway/ports';
import { folderWith } from '../fixtures';
import { Azure, type TelemetryItem } from './servers/azure';
import { KEYS, startGateway } from './servers/haproxy';
import { CLOSE, type Program, until } from './servers/process';
import { runScoringServer, type ScoringServerOptions, startScoringServer } from './servers/scoring-server';
import { describeWith, HAPROXY, SCORING_SERVER, TELEMETRY, TRITON } from './tools';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';

/** Posts to the script, in a trace of the caller that it does not record itself. */
async function score(port: number, body: object, headers: Record<string, string> = {}) {
  const answer = await fetch(`http://127.0.0.1:${port}/score`, {
    method: 'POST',
    headers: {
      ...CLOSE,
      'content-type': 'application/json',
      'x-request-id': 'request-1',
      traceparent: `00-${TRACE}-${CALLER}-00`,
      ...headers,
    },
    body: body instanceof Uint8Array ? body : JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}

/** A folder of a Python that has the package which sends for the scoring server, and for nobody before it. */
const withoutExporter = () =>
  folderWith({
    'sitecustomize.py': `
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name == "azure.monitor.opentelemetry.exporter":
            sys.meta_path.remove(self)
            raise ModuleNotFoundError(f"No module named '{name}'")

sys.meta_path.insert(0, Missing())
`,
  });

const base = ({ data }: TelemetryItem) => data.baseData;

describeWith([SCORING_SERVER, TELEMETRY], 'telemetry of a script', () => {
  const port = 15191;
  let azure: Azure;
  let server: Program;
  const startWith = async (options: Partial<ScoringServerOptions> = {}) => {
    server = await startScoringServer({
      port,
      script: 'calling.py',
      watch: { telemetry: { namespace: 'serving' } },
      ...options,
      environment: { ...azure.environment, ...options.environment },
    });
  };
  beforeAll(async () => {
    azure = await Azure.start();
    await startWith();
  });
  afterAll(async () => {
    await server?.stop();
    azure?.stop();
  });

  /** Sends calls, and waits for as much telemetry of a kind besides. */
  async function telemetryOf(baseType: string, bodies: readonly object[]) {
    const before = azure.items(baseType).length;
    for (const body of bodies) {
      await score(port, body);
    }
    await until(
      `${bodies.length} items of ${baseType} arrive`,
      () => azure.items(baseType).length >= before + bodies.length,
    );
    return azure.items(baseType).slice(before);
  }

  test('has each call, in the trace of its caller, whether that is recorded there or not', async () => {
    const [request] = (await telemetryOf('RequestData', [{ data: 1 }])) as [TelemetryItem];

    expect(base(request)).toMatchObject({
      name: 'POST /score',
      url: `http://127.0.0.1:${port}/score`,
      responseCode: '200',
      success: true,
      duration: expect.stringMatching(/^0\.00:00:\d\d\.\d+$/),
      properties: { 'x-ms-request-id': 'request-1' },
    });
    expect(request.tags).toMatchObject({
      'ai.operation.id': TRACE,
      'ai.operation.parentId': CALLER,
      'ai.cloud.role': 'serving.digits',
      'ai.cloud.roleInstance': 'reader-0',
    });
    expect(request.iKey).toBe('00000000-1111-2222-3333-444444444444');
  });

  test('has an exception of the script with its stack there, in the call that failed', async () => {
    const [exception] = (await telemetryOf('ExceptionData', [{ fail: 'no such digit' }])) as [TelemetryItem];
    await until('the call arrives', () => azure.items('RequestData').some((item) => base(item).responseCode === '500'));

    const failed = azure.items('RequestData').find((item) => base(item).responseCode === '500') as TelemetryItem;
    expect(base(failed)).toMatchObject({ responseCode: '500', success: false });
    expect(exception.tags).toMatchObject({ 'ai.operation.id': TRACE, 'ai.operation.parentId': base(failed).id });
    const [{ stack, ...details }] = base(exception).exceptions as [{ stack: string }];
    expect(details).toMatchObject({ typeName: 'ValueError', message: 'no such digit' });
    expect(stack).toMatch(
      /^Traceback.*\n {2}File ".*score\.py", line \d+, in run\n(?:.*\n)+ValueError: no such digit\n$/,
    );
    expect(azure.items('ExceptionData')).toHaveLength(1);
  });

  test('has no exception where the caller was wrong', async () => {
    const before = azure.items('ExceptionData').length;
    const [request] = (await telemetryOf('RequestData', [Buffer.from([0xff])])) as [TelemetryItem];

    expect(base(request)).toMatchObject({ responseCode: '400', success: false });
    expect(azure.items('ExceptionData')).toHaveLength(before);
  });

  test.each(['requests', 'urllib', 'http.client'])(
    'has what the script calls with %s, which goes on with the trace',
    async (by) => {
      const url = `${azure.callee}/found?signature=secret`;
      const calls = azure.calls.length;
      const [dependency] = (await telemetryOf('RemoteDependencyData', [{ call: url, by }])) as [TelemetryItem];
      const requests = azure.items('RequestData');

      expect(base(dependency)).toMatchObject({
        name: 'GET /found',
        type: 'HTTP',
        target: azure.callee.replace('http://', ''),
        data: `${azure.callee}/found`,
        resultCode: '200',
        success: true,
      });
      expect(dependency.tags['ai.operation.id']).toBe(TRACE);
      expect(requests.map((item) => base(item).id)).toContain(dependency.tags['ai.operation.parentId']);
      expect(azure.calls.slice(calls).map(({ traceparent }) => traceparent)).toEqual([
        `00-${TRACE}-${base(dependency).id}-01`,
      ]);
    },
  );

  test('says which calls of the script failed', async () => {
    const bodies = [
      { call: `${azure.callee}/missing`, by: 'requests' },
      { call: 'http://127.0.0.1:9/closed', by: 'requests' },
    ];
    const [missing, closed] = (await telemetryOf('RemoteDependencyData', bodies)) as [TelemetryItem, TelemetryItem];

    expect(base(missing)).toMatchObject({ name: 'GET /missing', resultCode: '404', success: false });
    expect(base(closed)).toMatchObject({ name: 'GET /closed', resultCode: '0', success: false });
  });

  test('has no health checks, and none of its own calls', async () => {
    await fetch(`http://127.0.0.1:${port}/`, { headers: CLOSE });
    await telemetryOf('RequestData', [{ data: 1 }]);

    const names = new Set(azure.telemetry.map((item) => base(item).name));
    expect([...names].sort()).toEqual(['GET /closed', 'GET /found', 'GET /missing', 'POST /score', undefined].sort());
    expect(azure.refusals).toEqual([]);
    expect(azure.signIns).toEqual(['https://monitor.azure.com//.default']);
  });

  test('costs no call while Application Insights is away, and goes on afterwards', async () => {
    azure.isOn = false;
    for (let call = 0; call < 20; call += 1) {
      expect((await score(port, { data: call })).status).toBe(200);
    }
    await until('nobody takes the telemetry', () => azure.turnedAway > 0);
    expect((await score(port, { data: 'meanwhile' })).status).toBe(200);
    azure.isOn = true;

    await telemetryOf('RequestData', [{ data: 'again' }]);
    expect(server.log).not.toContain('Request URL');
  });

  test('is sent when a worker ends, what waits and what a script that cannot be loaded failed with', async () => {
    await score(port, { data: 'last' }, { 'x-request-id': 'last' });
    await server.stop('SIGTERM');
    expect(
      azure.items('RequestData').map((item) => (base(item).properties as Record<string, string>)['x-ms-request-id']),
    ).toContain('last');

    const broken = runScoringServer({
      port,
      script: 'def init():\n    raise KeyError("weights")\n\ndef run(data):\n    return data\n',
      watch: { telemetry: { namespace: 'serving' } },
      environment: azure.environment,
    });
    expect(await broken.ended).toBe(3);
    const [{ typeName }] = base(azure.items('ExceptionData').at(-1) as TelemetryItem).exceptions as [
      { typeName: string },
    ];
    expect(typeName).toBe('KeyError');
    expect(broken.log.trimEnd()).toMatch(/KeyError: 'weights'$/);
  });

  test.each([
    ['no package that sends', { PYTHONPATH: 'MISSING' }, 'add azure-monitor-opentelemetry-exporter to the environment'],
    [
      'no connection string',
      { APPLICATIONINSIGHTS_CONNECTION_STRING: 'nonsense' },
      'Application Insights gets nothing',
    ],
  ])('is a line of the log where there is %s, and calls are served', async (_, environment, line) => {
    const folders = Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [name, value === 'MISSING' ? withoutExporter() : value]),
    );
    await startWith({ environment: folders });

    expect((await score(port, { data: 1 })).status).toBe(200);
    await server.until(`the log has '${line}'`, () => server.log.includes(line));
    await server.stop();
  });

  test('waits for no sign-in: a pod without an identity serves', async () => {
    await startWith({ environment: { AZURE_FEDERATED_TOKEN_FILE: '' } });

    expect((await score(port, { data: 1 })).status).toBe(200);
    await server.until('the log says what is missing', () => server.log.includes('the pod has no workload identity'));
    await server.stop();
  });
});

describeWith(
  [HAPROXY, SCORING_SERVER, TELEMETRY],
  'telemetry and collected data of a script behind its gateway',
  () => {
    test('have the trace of the caller, and the id that the caller was given', async () => {
      const azure = await Azure.start();
      const { containerUrl, environment } = azure;
      const server = await startScoringServer({
        port: 15198,
        script: 'calling.py',
        watch: {
          telemetry: { namespace: 'serving' },
          collectedData: {
            containerUrl,
            folder: 'all',
            modelFolder: 'all/0',
            samplePercent: 100,
            maxPayloadKiB: 64,
            flushSeconds: 1,
          },
        },
        environment,
      });
      const gateway = await startGateway({ address: '127.0.16.98', serverPort: 15198 });
      await gateway.answersHealth('/ready');
      const answer = await fetch(`http://127.0.16.98:${GATEWAY_PORTS.requests}/score`, {
        method: 'POST',
        headers: { authorization: `Bearer ${KEYS.primary}`, traceparent: `00-${TRACE}-${CALLER}-01` },
        body: '{"data": 1}',
      });
      await until('both arrive', () => azure.items('RequestData').length === 1 && azure.lines.length === 1);
      await gateway.stop();
      await server.stop();
      azure.stop();

      const requestId = answer.headers.get('x-ms-request-id');
      const [request] = azure.items('RequestData') as [TelemetryItem];
      expect(requestId).toMatch(/^.{8,}$/);
      expect(request.tags).toMatchObject({ 'ai.operation.id': TRACE, 'ai.operation.parentId': CALLER });
      expect(base(request).properties).toEqual({ 'x-ms-request-id': requestId });
      expect(azure.lines).toMatchObject([{ requestId, input: { data: 1 }, output: { data: 1 } }]);
      // the caller's key is nowhere
      expect(JSON.stringify([azure.telemetry, azure.lines])).not.toContain(KEYS.primary);
    });
  },
);

describeWith([SCORING_SERVER, TELEMETRY, TRITON], 'telemetry of clients of Triton', () => {
  test.each([
    ['tritonclient', 'HTTP', 'GET /v2/health/ready', '200'],
    ['grpc', 'rpc.system', '/inference.GRPCInferenceService/ServerLive', '0'],
  ])('has their calls: %s', async (by, type, name, resultCode) => {
    const azure = await Azure.start();
    const watch = { telemetry: { namespace: 'serving' } };
    const server = await startScoringServer({
      port: 15192,
      script: 'calling.py',
      watch,
      environment: azure.environment,
    });
    const call = by === 'grpc' ? '127.0.0.1:9' : azure.callee;
    await score(15192, { call, by });
    await until('the dependency arrives', () => azure.items('RemoteDependencyData').length === 1);
    await server.stop();
    azure.stop();

    const [dependency] = azure.items('RemoteDependencyData') as [TelemetryItem];
    expect(base(dependency)).toMatchObject({ name, type, resultCode, success: by !== 'grpc' });
    expect(dependency.tags['ai.operation.id']).toBe(TRACE);
  });
});
