import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { delimiter, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { ExitCode, run } from '../../src/cli/program';
import { indentJson } from '../../src/cli/query-json';
import { fetchKey } from '../../src/cli/query-key';
import { folderWith } from '../fixtures';

const KEY = 'q7Zp0sVaN4xLrT8yKeYeYeY2bWm5';
const VAULT = ['--key-vault', 'kv-prod', '--service', 'serving/digit-reader'];
const PATH = process.env.PATH;

/** What a server was asked. */
interface Request {
  readonly method?: string;
  readonly url?: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

const open: { close(): void }[] = [];

afterEach(() => {
  for (const server of open.splice(0)) {
    server.close();
    (server as Partial<Server>).closeAllConnections?.();
  }
  process.env.PATH = PATH;
});

async function portOf(server: TcpServer): Promise<number> {
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A service on this machine, and what it was asked so far. */
async function service(
  reply: (response: ServerResponse, request: Request) => void,
): Promise<{ readonly uri: string; readonly asked: Request[]; readonly server: Server }> {
  const asked: Request[] = [];
  const server = createServer(async (message, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) {
      chunks.push(chunk);
    }
    const { method, url, headers } = message;
    asked.push({ method, url, headers, body: Buffer.concat(chunks) });
    reply(response, asked.at(-1) as Request);
  });
  return { uri: `http://127.0.0.1:${await portOf(server)}/score`, asked, server };
}

/** A service that always answers the same. */
function answering(status: number, body: string | Buffer, headers: Record<string, string> = {}) {
  return service((response) => response.writeHead(status, headers).end(body));
}

/** The error of a service's gateway. */
function gatewayError(status: number, message: string, option?: string): [number, string] {
  return [status, JSON.stringify({ error: { status, code: 'some_code', message, option, requestId: '6f0c' } })];
}

/** An Azure CLI that says this; whoever asks it something gets no answer. Returns the file of its arguments. */
function azure(out: string, error = '', code = 0): string {
  const folder = folderWith({ out, error });
  const script = `#!/bin/sh
read -r nothing
printf '%s\\n' "$@" > '${folder}/arguments'
/bin/cat '${folder}/out'
/bin/cat '${folder}/error' >&2
exit ${code}
`;
  writeFileSync(join(folder, 'az'), script);
  chmodSync(join(folder, 'az'), 0o755);
  process.env.PATH = `${folder}${delimiter}${PATH}`;
  return join(folder, 'arguments');
}

function fileWith(name: string, content: string | Buffer): string {
  const file = join(folderWith({}), name);
  writeFileSync(file, content);
  return file;
}

/** Runs the command in a pipe, or in a terminal of some width. The key is nowhere in what it writes. */
async function query(args: readonly string[], columns?: number) {
  const out: Buffer[] = [];
  let error = '';
  const terminal = {
    out: (what: string | Uint8Array) => {
      out.push(Buffer.from(what));
    },
    error: (text: string) => {
      error += text;
    },
    columns,
  };
  const code = await run(['query', ...args], terminal);
  const bytes = Buffer.concat(out);
  expect(bytes.toString() + error).not.toContain(KEY);
  return { code, out: bytes.toString(), bytes, error };
}

const INPUT = fileWith('input.json', '{"data": [1]}');

describe('what is sent', () => {
  test('a file of JSON goes out as it is, by POST, without a key', async () => {
    const { uri, asked } = await answering(200, '[7]');

    expect(await query([uri, INPUT])).toMatchObject({ code: ExitCode.SUCCESS, out: '[7]', error: '' });
    expect(asked).toEqual([
      {
        method: 'POST',
        url: '/score',
        body: readFileSync(INPUT),
        headers: {
          host: new URL(uri).host,
          'content-type': 'application/json',
          'content-length': '13',
          connection: 'close',
        },
      },
    ]);
  });

  test('any other file goes out as bytes', async () => {
    const { uri, asked } = await answering(200, '');
    const bytes = Buffer.from([0, 255, 10, 128]);

    await query([uri, fileWith('cat.png', bytes)]);

    expect(asked[0]?.headers['content-type']).toBe('application/octet-stream');
    expect(asked[0]?.body).toEqual(bytes);
  });

  test('headers are added, and one may say what the file is', async () => {
    const { uri, asked } = await answering(200, '');

    await query([uri, INPUT, '--header', 'content-type: text/plain', '--header', 'X-Trace: a:b']);

    expect(asked[0]?.headers).toMatchObject({ 'content-type': 'text/plain', 'x-trace': 'a:b' });
  });

  test('a large file is sent when the service asks for it', async () => {
    const { uri, asked, server } = await answering(200, 'ok');
    const expected: unknown[] = [];
    server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      expected.push(request.headers.expect);
      response.writeContinue();
      server.emit('request', request, response);
    });

    expect((await query([uri, fileWith('cat.png', Buffer.alloc(200_000))])).out).toBe('ok');
    expect([expected, asked[0]?.body.byteLength]).toEqual([['100-continue'], 200_000]);
  });

  test('a large file is sent also to a service that does not ask', async () => {
    const { uri, asked, server } = await answering(200, 'ok');
    server.on('checkContinue', (request, response) => server.emit('request', request, response));

    expect((await query([uri, fileWith('cat.png', Buffer.alloc(200_000))])).out).toBe('ok');
    expect(asked[0]?.body.byteLength).toBe(200_000);
  });

  test('a large file is sent once to a service that asks when it has it', async () => {
    const { uri, server } = await answering(200, '');
    server.on('checkContinue', async (request: IncomingMessage, response: ServerResponse) => {
      await once(request.resume(), 'end');
      response.writeContinue();
      response.end('ok');
    });

    expect(await query([uri, fileWith('cat.png', Buffer.alloc(200_000))])).toMatchObject({ out: 'ok', error: '' });
  });

  test('a large file that is refused by the header alone is not sent', async () => {
    const { uri, asked, server } = await answering(200, 'ok');
    server.on('checkContinue', (_: IncomingMessage, response: ServerResponse) => {
      const [status, body] = gatewayError(413, 'the body is larger than 1 MiB', 'maxRequestBodyMiB');
      response.writeHead(status).end(body);
    });

    expect(await query([uri, fileWith('cat.png', Buffer.alloc(50_000_000))])).toMatchObject({
      code: ExitCode.FAILURE,
      out: '',
      error: 'error: 413: the body is larger than 1 MiB; maxRequestBodyMiB sets the limit (request 6f0c)\n',
    });
    expect(asked).toEqual([]);
  });

  test.each([
    ['{\n  "a": 1,\n}', 'is no valid JSON: see line 3, column 1'],
    ['', 'is no valid JSON: see line 1, column 1'],
    ['\ufeff{}', 'is not UTF-8 as JSON must be; save it as UTF-8 without byte order mark'],
    [Buffer.from('{}', 'utf16le'), 'is no valid JSON: see line 1, column 2'],
    [Buffer.from([34, 255, 34]), 'is not UTF-8 as JSON must be; save it as UTF-8 without byte order mark'],
  ])('fails before the call for the file of JSON %j', async (content, problem) => {
    const { uri, asked } = await answering(200, '');
    const file = fileWith('Input.JSON', content);

    expect(await query([uri, file])).toMatchObject({ code: ExitCode.FAILURE, error: `error: '${file}' ${problem}\n` });
    expect(asked).toEqual([]);
  });

  test('fails for a file that is not there', async () => {
    expect(await query(['http://localhost/score', 'no.json'])).toMatchObject({
      code: ExitCode.FAILURE,
      error: "error: cannot read 'no.json': ENOENT: no such file or directory, open 'no.json'\n",
    });
  });
});

describe('the key', () => {
  test.each([
    [[...VAULT], 'serving-digit-reader-primary'],
    [[...VAULT, '--key', 'primary'], 'serving-digit-reader-primary'],
    [[...VAULT, '--key', 'secondary'], 'serving-digit-reader-secondary'],
    [['--key-vault', 'kv-prod', '--secret', 'OurKey'], 'OurKey'],
  ])('is read by the Azure CLI with %j', async (args, secret) => {
    const file = azure(`${KEY}\n`);
    const { uri, asked } = await answering(200, '{}');

    expect(await query([uri, INPUT, ...args])).toMatchObject({ code: ExitCode.SUCCESS, out: '{}', error: '' });
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toEqual(
      `keyvault secret show --vault-name kv-prod --name ${secret} --query value --output tsv`.split(' '),
    );
    expect(asked[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  });

  test('is neither read nor sent with --key none', async () => {
    const file = azure(`${KEY}\n`);
    const { uri, asked } = await answering(200, '{}');

    expect((await query([uri, INPUT, ...VAULT, '--key', 'none'])).code).toBe(ExitCode.SUCCESS);
    expect([existsSync(file), asked[0]?.headers.authorization]).toEqual([false, undefined]);
  });

  test('does not follow a redirect', async () => {
    azure(KEY);
    const other = await answering(200, '{}');
    const { uri } = await answering(307, '', { location: other.uri });

    expect(await query([uri, INPUT, ...VAULT])).toMatchObject({
      code: ExitCode.FAILURE,
      error: `error: 307: Temporary Redirect; redirects are not followed; this one leads to ${other.uri}\n`,
    });
    expect(other.asked).toEqual([]);
  });

  test('is not repeated from what a server says, nor its beginning', async () => {
    azure(KEY);
    const { uri } = await service((response, { headers }) =>
      response.writeHead(500, { echo: headers.authorization }).end(`${'x'.repeat(280)} ${headers.authorization}`),
    );

    const { error } = await query([uri, INPUT, ...VAULT, '--verbose']);

    expect(error).toContain('< echo: Bearer (key)\n');
    expect(error).toMatch(/\nerror: 500: x{280} Bearer \(key\)\n$/);
    expect(error).not.toContain(KEY.slice(0, 6));
  });

  test.each([
    ['--key-vault', 'kv-prod', '--secret', 'own'],
    ['--header', 'Authorization: Bearer abc'],
  ])('that travels unencrypted to another machine is warned of: %s', async (...args) => {
    azure(KEY);

    for (const host of ['reader.serving.svc.invalid', '127.0.0.1.invalid']) {
      const { error } = await query([`http://${host}/score`, INPUT, ...args]);

      expect(error.startsWith(`warning: the key travels unencrypted to ${host}\nerror: `)).toBe(true);
    }
  });

  test.each([
    ['http://reader.serving.svc.invalid/score', []],
    ['https://reader.serving.svc.invalid/score', ['--key-vault', 'kv-prod', '--secret', 'own']],
    ['http://localhost:1/score', ['--key-vault', 'kv-prod', '--secret', 'own']],
    ['http://[::1]:1/score', ['--key-vault', 'kv-prod', '--secret', 'own']],
  ])('is not warned of for %s with %j', async (uri, args) => {
    azure(KEY);

    expect((await query([uri, INPUT, ...args])).error).toMatch(/^error: .*\n$/);
  });

  test.each([
    ["ERROR: Please run 'az login' to setup account.", "the Azure CLI is not logged in; run 'az login'"],
    [
      'ERROR: AADSTS700082: The refresh token has expired due to inactivity.\nInteractive authentication is needed.',
      "the Azure CLI is not logged in; run 'az login'",
    ],
    [
      'ERROR: (Forbidden) Caller is not authorized to perform action on resource.\nInner error: {"code": "ForbiddenByRbac"}',
      "you may not read the secret 'serving-digit-reader-primary' of the Key Vault 'kv-prod'; ask for the role Key Vault " +
        'Secrets User, which takes some minutes to work',
    ],
    [
      'ERROR: (Forbidden) Client address is not authorized and caller is not a trusted service.',
      "the Key Vault 'kv-prod' does not let this machine in; ask from inside its network",
    ],
    [
      'ERROR: (Forbidden) Operation get is not allowed on a disabled secret.',
      "the secret 'serving-digit-reader-primary' of the Key Vault 'kv-prod' is disabled",
    ],
    [
      'ERROR: (SecretNotFound) A secret with (name/id) x was not found in this key vault.',
      "the Key Vault 'kv-prod' has no secret 'serving-digit-reader-primary'; --service is NAMESPACE/SERVICE, and --secret " +
        'names keys of your own',
    ],
    [
      "ERROR: Failed to resolve 'kv-prod.vault.azure.net' ([Errno -2] Name or service not known)",
      "there is no Key Vault 'kv-prod', or this machine cannot look up its address",
    ],
    [
      'ERROR: it is\nsomething else',
      "az cannot read the secret 'serving-digit-reader-primary' of the Key Vault 'kv-prod': ERROR: it is something else",
    ],
    ['', "az cannot read the secret 'serving-digit-reader-primary' of the Key Vault 'kv-prod': it does not say why"],
  ])('fails with one line when az says %j', async (said, problem) => {
    azure(KEY, said, 1);
    const { uri, asked } = await answering(200, '{}');

    expect(await query([uri, INPUT, ...VAULT])).toMatchObject({
      code: ExitCode.FAILURE,
      out: '',
      error: `error: ${problem}\n`,
    });
    expect(asked).toEqual([]);
  });

  test('fails with one line when there is no az', async () => {
    process.env.PATH = folderWith({});

    expect((await query(['http://localhost/score', INPUT, ...VAULT])).error).toBe(
      'error: the key is read with the Azure CLI, and there is no az; https://aka.ms/install-azure-cli says how to get it\n',
    );
  });

  test.each(['', '\n', `${KEY}\n${KEY}\n`, `${KEY} \n`, `${KEY}é`])('fails for the secret %j', async (secret) => {
    azure(secret);

    expect((await query(['http://localhost/score', INPUT, ...VAULT])).error).toBe(
      "error: the secret 'serving-digit-reader-primary' of the Key Vault 'kv-prod' is no key: it is empty or holds more " +
        'than letters, digits and signs on one line\n',
    );
  });

  test('fails when az takes too long', async () => {
    const folder = folderWith({ az: '#!/bin/sh\n/bin/sleep 60\n' });
    chmodSync(join(folder, 'az'), 0o755);
    process.env.PATH = folder;

    await expect(fetchKey({ vault: 'kv', name: 'own' }, 0.2)).rejects.toThrow(
      "az took longer than 0.2 s to read the secret 'own' of the Key Vault 'kv'",
    );
  });
});

describe('the answer', () => {
  const BYTES = Buffer.from([0x89, 0x50, 0, 0xff]);

  test('goes into a pipe byte for byte', async () => {
    expect((await query([(await answering(200, BYTES)).uri, INPUT])).bytes).toEqual(BYTES);
    expect((await query([(await answering(201, '{ "a":1}')).uri, INPUT])).out).toBe('{ "a":1}');
  });

  test('is indented in a terminal when it is JSON, with its numbers as they are written', async () => {
    const { uri } = await answering(
      200,
      '{"model":"a [b]","shape":[1,2],"big":12345678901234567890,"x":[{},[],"\\"", 1.0]}',
    );

    expect((await query([uri, INPUT], 80)).out).toBe(`{
  "model": "a [b]",
  "shape": [1, 2],
  "big": 12345678901234567890,
  "x": [
    {},
    [],
    "\\"",
    1.0
  ]
}
`);
  });

  test('stays the same JSON when it is indented', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(JSON.parse(indentJson(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  test.each([
    ['seven', 'seven\n'],
    ['{"a":', '{"a":\n'],
    ['one\n\ttwo\r\n', 'one\n\ttwo\r\n'],
    ['', ''],
  ])('is shown in a terminal as the text %j', async (text, shown) => {
    expect((await query([(await answering(200, text)).uri, INPUT], 80)).out).toBe(shown);
  });

  test.each([BYTES, Buffer.from([65, 255]), Buffer.from('\u001b[31mred')])(
    'fails in a terminal when it is no text: %j',
    async (bytes) => {
      expect(await query([(await answering(200, bytes)).uri, INPUT], 80)).toMatchObject({
        code: ExitCode.FAILURE,
        out: '',
        error: `error: the answer is ${bytes.byteLength} bytes that are no text; write them with --output\n`,
      });
    },
  );

  test('is written to a file, and nothing else there', async () => {
    const folder = folderWith({});
    const { uri } = await answering(200, BYTES);

    expect(await query([uri, INPUT, '--output', join(folder, 'a', 'out.bin')], 80)).toMatchObject({
      code: ExitCode.SUCCESS,
      out: '',
      error: '',
    });
    expect(readFileSync(join(folder, 'a', 'out.bin'))).toEqual(BYTES);
    expect(readdirSync(join(folder, 'a'))).toEqual(['out.bin']);
  });

  test('leaves the file as it was when it is an error', async () => {
    const file = fileWith('out.json', 'before');

    await query([(await answering(500, '{}')).uri, INPUT, '--output', file]);

    expect(readFileSync(file, 'utf8')).toBe('before');
  });

  test('is described with --verbose, and the call too', async () => {
    azure(KEY);
    const { uri } = await answering(200, '{}', { 'x-ms-request-id': '6f0c' });

    const { out, error } = await query([uri, INPUT, ...VAULT, '--verbose']);

    expect(out).toBe('{}');
    expect(error.split('\n').slice(0, 5)).toEqual([
      `> POST ${uri} with 13 bytes`,
      '> content-type: application/json',
      "> authorization: (the secret 'serving-digit-reader-primary' of the Key Vault 'kv-prod')",
      '< 200 OK with 2 bytes',
      '< x-ms-request-id: 6f0c',
    ]);
    expect((await query([uri, INPUT, '--header', `Authorization: Bearer ${KEY}`, '--verbose'])).error).toContain(
      '\n> authorization: (hidden)\n',
    );
  });
});

describe('an error answer becomes one line:', () => {
  const PATHS = 'there are /score, /swagger.json and / on a scoring service, /v2/models/NAME/infer on a Triton service';

  test.each([
    [
      ...gatewayError(503, 'no replica took the request within 500 ms', 'maxRequestWaitTimeMs'),
      '503: no replica took the request within 500 ms; maxRequestWaitTimeMs sets the limit (request 6f0c)',
    ],
    [...gatewayError(503, 'no replica is ready'), '503: no replica is ready (request 6f0c)'],
    [
      ...gatewayError(401, "send one of the service's two keys", 'auth'),
      "401: send one of the service's two keys; --key-vault and --service name the service's key (request 6f0c)",
    ],
    [...gatewayError(404, 'the service answers POST /score'), '404: the service answers POST /score (request 6f0c)'],
    [404, '<html><body><h1>Not Found</h1>\n</body></html>', `404: Not Found; ${PATHS} (request header)`],
    [404, '', `404: Not Found; ${PATHS} (request header)`],
    [400, '{"error":"unknown model \'x\'"}', "400: unknown model 'x' (request header)"],
    [404, '{"error":"unknown model \'x\'"}', "404: unknown model 'x' (request header)"],
    [
      503,
      '{"error":"the server is down","status":503,"code":"server_down","option":"some","requestId":"6f0c"}',
      '503: the server is down; some sets the limit (request 6f0c)',
    ],
    [500, '{"error":null}', '500: {"error":null} (request header)'],
    [500, '{"message":"it raised"}', '500: it raised (request header)'],
    [404, '{"message":"not here"}', `404: not here; ${PATHS} (request header)`],
    [500, '[1]', '500: [1] (request header)'],
    [502, 'line one\nline \u001b[31mtwo\u202e\n', '502: line one line [31mtwo (request header)'],
    [500, 'é'.repeat(400), `500: ${'é'.repeat(300)}… (request header)`],
    [599, '', '599: no reason (request header)'],
    [304, '', '304: Not Modified; redirects are not followed; this one leads to nowhere (request header)'],
  ])('%i with %j', async (status, body, line) => {
    const { uri } = await answering(status, body, { 'x-ms-request-id': 'header' });

    expect(await query([uri, INPUT])).toMatchObject({ code: ExitCode.FAILURE, out: '', error: `error: ${line}\n` });
  });

  test('without an id where there is none', async () => {
    expect((await query([(await answering(500, 'no')).uri, INPUT])).error).toBe('error: 500: no\n');
  });

  test('401 says where the key is from', async () => {
    azure(KEY);
    const { uri } = await answering(...gatewayError(401, 'wrong key', 'auth'));

    expect((await query([uri, INPUT, ...VAULT])).error).toBe(
      "error: 401: wrong key; the key is the secret 'serving-digit-reader-primary' of the Key Vault 'kv-prod'; a new value " +
        'counts after about a minute (request 6f0c)\n',
    );
  });
});

describe('without a whole answer it fails with one line when', () => {
  async function failure(uri: string, ...args: string[]): Promise<string> {
    const { code, out, error } = await query([uri, INPUT, ...args]);
    expect([code, out]).toEqual([ExitCode.FAILURE, '']);
    return error;
  }

  test('nothing listens', async () => {
    const { uri, server } = await answering(200, '');
    server.close();
    await once(server, 'close');

    expect(await failure(uri)).toBe(`error: nothing listens at ${new URL(uri).host}; does kubectl port-forward run?\n`);
  });

  test('the name is one of the cluster', async () => {
    expect(await failure('http://reader.vision.svc.invalid:8000/v2/models/m/infer')).toBe(
      "error: the name 'reader.vision.svc.invalid' is not known here; it is a name inside the cluster: run 'kubectl " +
        "--namespace vision port-forward service/reader 8080:8000' and query http://localhost:8080/v2/models/m/infer\n",
    );
    expect(await failure('http://reader.vision.svc.invalid/score')).toContain("service/reader 8080:80'");
    expect(await failure('https://reader.vision.svc.invalid/score')).toContain("service/reader 8080:443'");
  });

  test('the name is not known', async () => {
    expect(await failure('http://reader.invalid/score')).toBe(
      "error: the name 'reader.invalid' is not known here; services answer inside the cluster or its network: call from " +
        'there, or by kubectl port-forward\n',
    );
  });

  test.each([
    ['does not begin', () => undefined],
    ['does not end', (response: ServerResponse) => response.writeHead(200).write('half')],
  ])('the answer %s in time', async (_, reply) => {
    expect(await failure((await service(reply)).uri, '--timeout', '0.3005')).toBe(
      'error: no whole answer within 0.3005 s; --timeout allows more\n',
    );
  });

  test.each([
    ['before', (response: ServerResponse) => response.destroy()],
    ['amid', (response: ServerResponse) => response.writeHead(200).write('half', () => response.destroy())],
  ])('the service hangs up %s its answer', async (_, reply) => {
    const { uri } = await service(reply);

    expect(await failure(uri)).toBe(`error: ${new URL(uri).host} hung up before its answer was whole\n`);
  });

  test('the service does not speak TLS', async () => {
    const { uri } = await answering(200, '');

    expect(await failure(uri.replace('http:', 'https:'))).toBe(
      `error: ${new URL(uri).host} does not speak TLS as expected; is the address one of http:// rather?\n`,
    );
  });

  test('the service does not speak HTTP', async () => {
    const port = await portOf(createTcpServer((socket) => socket.end('\0\0\u0012\u0004')));

    expect(await failure(`http://127.0.0.1:${port}/score`)).toBe(
      `error: 127.0.0.1:${port} does not speak HTTP/1.1; is this the port of gRPC, or is the address one of https:// rather?\n`,
    );
  });

  test('the certificate is not trusted', async () => {
    const port = await portOf(createTlsServer(SELF_SIGNED));

    expect(await failure(`https://localhost:${port}/score`)).toBe(
      `error: the certificate of localhost:${port} is not trusted: self-signed certificate; NODE_EXTRA_CA_CERTS=FILE.pem ` +
        'names who else may sign certificates\n',
    );
  });
});

describe('fails with code 2 and one line for', () => {
  const URI = 'http://localhost/score';

  test.each([
    [[], "error: missing required argument 'uri'\n"],
    [[URI], "error: missing required argument 'file'\n"],
    [['localhost:8080/score', 'x'], /^error: the URI must begin with http:\/\/ or https:\/\/, such as http/],
    [['/score', 'x'], /^error: the URI must begin with http:\/\/ or https:\/\//],
    [[`http://user:${KEY}@localhost/score`, 'x'], /^error: the URI must not hold a user or a password; /],
    [[URI, 'x', '--key', 'primary'], 'error: --key needs --key-vault, the Key Vault that holds the key\n'],
    [[URI, 'x', '--service', 'a/b'], 'error: --service needs --key-vault, the Key Vault that holds the key\n'],
    [[URI, 'x', '--secret', 'own'], 'error: --secret needs --key-vault, the Key Vault that holds the key\n'],
    [
      [URI, 'x', '--key-vault', 'kv-prod'],
      'error: --key-vault needs --service NAMESPACE/SERVICE, or --secret for a key of your own\n',
    ],
    [[URI, 'x', ...VAULT, '--secret', 'own'], "error: --secret names the key's secret itself; leave out --service\n"],
    [
      [URI, 'x', '--key-vault', 'kv-prod', '--secret', 'own', '--key', 'secondary'],
      "error: --secret names the key's secret itself; leave out --key\n",
    ],
    [
      [URI, 'x', ...VAULT, '--key', 'third'],
      "error: option '--key <which>' argument 'third' is invalid. Allowed choices are primary, secondary, none.\n",
    ],
    [
      [URI, 'x', '--key-vault', 'https://kv.vault.azure.net'],
      "error: option '--key-vault <name>' argument 'https://kv.vault.azure.net' is invalid. Give the name of a Key Vault, " +
        '3 to 24 letters, digits and hyphens.\n',
    ],
    [
      [URI, 'x', '--service', 'digit-reader'],
      "error: option '--service <namespace/service>' argument 'digit-reader' is invalid. Give namespace and service, such " +
        'as serving/digit-reader.\n',
    ],
    [[URI, 'x', '--service', 'a/b/c'], /argument 'a\/b\/c' is invalid/],
    [[URI, 'x', '--service', 'a/B'], /argument 'a\/B' is invalid/],
    [
      [URI, 'x', '--key-vault', 'kv-prod', '--service', `${'a'.repeat(63)}/${'b'.repeat(63)}`],
      "error: the names in --service are too long for the name of a secret; give the secret's own with --secret\n",
    ],
    [
      [URI, 'x', '--secret', 'a_b'],
      "error: option '--secret <name>' argument 'a_b' is invalid. Give the name of a secret, 1 to 127 letters, digits and " +
        'hyphens.\n',
    ],
    [
      [URI, 'x', '--header', `Authorization Bearer ${KEY}`],
      "error: a header is a line such as 'Content-Type: image/png'; one of --header is not\n",
    ],
    [[URI, 'x', '--header', 'a b: c'], /^error: a header is a line such as/],
    [[URI, 'x', '--header', 'a: b\r\nc: d'], /^error: a header is a line such as/],
    [
      [URI, 'x', '--header', 'Content-Length: 3'],
      'error: the header Content-Length follows from what is sent; leave it out of --header\n',
    ],
    [
      [URI, 'x', ...VAULT, '--header', 'authorization: x'],
      'error: --key-vault gives the header Authorization; leave it out of --header\n',
    ],
    [[URI, 'x', '--timeout', '0'], /argument '0' is invalid\. Give a number above 0\.\n$/],
    [
      [URI, 'x', '--timeout', '1e9'],
      "error: option '--timeout <seconds>' argument '1e9' is invalid. Give at most 86400 seconds, a day.\n",
    ],
  ])('%j', async (args, problem) => {
    const { code, out, error } = await query(args);

    expect([code, out]).toEqual([ExitCode.USAGE, '']);
    expect(error).toMatch(/^error: [^\n]*\n$/);
    typeof problem === 'string' ? expect(error).toBe(problem) : expect(error).toMatch(problem);
  });
});

/** For localhost, valid from 2020 to 2120; it secures nothing. */
const SELF_SIGNED = {
  key: createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: 'CkHl1Gf_UUc8-15kuMlVUFElKxmIEFJA4GArvM3-kF8',
      y: 'JhhwpGU4qDDXWSJrZHoUe3lOVZ-WQVNpsRD-vGi9fgQ',
      d: 'FS6M2l5uskGSRfoVVBhSHmTMXYHGe2H05VBa2Qgyqj8',
    },
  }).export({ format: 'pem', type: 'pkcs8' }),
  cert: `-----BEGIN CERTIFICATE-----
MIIBFjCBvaADAgECAgEBMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCWxvY2FsaG9z
dDAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFDESMBAGA1UEAwwJ
bG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAECkHl1Gf/UUc8+15k
uMlVUFElKxmIEFJA4GArvM3+kF8mGHCkZTioMNdZImtkehR7eU5Vn5ZBU2mxEP68
aL1+BDAKBggqhkjOPQQDAgNIADBFAiAqtalqTd/+YxUey9dc341H4X8uVwbnbIFE
h+VwYprxogIhAKlzMDooA6TDeq7yCNzJrAiL/YG2fMPKWaa+kVGCeEyX
-----END CERTIFICATE-----
`,
};
