import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonLiteral, literal, section, word } from '../../src/gateway/haproxy-text';
import { luaString } from '../../src/gateway/keys-task';
import { Haproxy, KeyFiles, scoringGatewayConfig, startGateway, writeConfig } from './servers/haproxy';
import { call, callHttp2, exchange, http2, rawHead } from './servers/load';
import { until } from './servers/process';
import { describeWith, HAPROXY } from './tools';

/** Names that try to end a word, a line or a text, and to be read as something else. */
const NASTY = [
  "it's",
  'say "x"',
  'back\\slash\\',
  '\\',
  '%[env(HOME)]%[src]%t%%',
  '%',
  '$HOME ${HOME} "$HOME"',
  '# comment',
  'two  blanks   in a row',
  "x' bind 127.0.5.39:1 '",
  'tab\tand ünïcödé ☃',
  'a,b;c(d)[e]{f}',
];

const CONTROLS = ['line\nbind 127.0.5.39:1\n', '\r\n', 'nul\u0000', '\u007f', '\u2028'];

function check(config: string): string {
  const { status, stderr } = spawnSync('haproxy', ['-c', '-f', writeConfig(config)], { encoding: 'utf8' });
  return status === 0 ? '' : stderr;
}

describeWith([HAPROXY], "a user's text in a configuration", () => {
  test.each([...NASTY, ...CONTROLS])('is nothing but text: %j', (serviceName) => {
    const config = scoringGatewayConfig({ address: '127.0.5.31', serverPort: 15131, serviceName });

    expect(check(config)).toBe('');
    expect(config.match(/\n *bind /g)).toHaveLength(4);
  });

  test('comes back in the log as it was, but for control characters, which are blanks', {
    timeout: 60_000,
  }, async () => {
    for (const serviceName of [...NASTY, ...CONTROLS]) {
      const gateway = await startGateway({ address: '127.0.5.31', serverPort: 15131, serviceName });
      const { headers } = await call(gateway.address, { key: 'wrong' });
      const { service } = await gateway.access(headers['x-ms-request-id']);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is left out
      expect(service).toBe(serviceName.replaceAll(/[\u0000-\u001f\u007f\u2028]/g, ' '));
      await gateway.stop();
    }
  });

  test('is read by HAProxy as it was written, whatever it is', { timeout: 60_000 }, async () => {
    const texts = fc.sample(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), { numRuns: 300, seed: 7 });
    const rules = texts.flatMap((text, index) => [
      `http-request return status 200 content-type text/plain string ${word(`a${text}`)} if { path /word/${index} }`,
      `http-request return status 200 content-type text/plain lf-string ${word(`a${literal(text)}`)} if { path /literal/${index} }`,
      `http-request return status 200 content-type application/json lf-string ${word(`"${jsonLiteral(text)}"`)} if { path /json/${index} }`,
    ]);
    const address = '127.0.5.32';
    const config = [
      section('defaults', ['mode http', 'timeout client 5s', 'timeout connect 5s', 'timeout server 5s']),
      section('frontend health', [`bind ${address}:8405`, 'http-request return status 200']),
      section('frontend requests', [`bind ${address}:8080`, ...rules]),
    ].join('\n\n');
    const haproxy = await Haproxy.start(`${config}\n`, address);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is left out
    const blanks = (text: string) => text.replaceAll(/[\u0000-\u001f\u007f\u2028\u2029]/g, ' ');

    for (const [index, text] of texts.entries()) {
      const read = async (kind: string) => (await call(address, { method: 'GET', path: `/${kind}/${index}` })).text;
      expect(await read('word')).toBe(`a${blanks(text)}`);
      expect(await read('literal')).toBe(`a${blanks(text)}`);
      expect(blanks(JSON.parse(await read('json')))).toBe(blanks(text));
    }
    await haproxy.stop();
  });

  test('is read by Lua as it was written, whatever it is', async () => {
    const texts = fc.sample(fc.string({ unit: 'binary', maxLength: 40 }), { numRuns: 300, seed: 7 });
    const folder = mkdtempSync(join(tmpdir(), 'azure-inference-lua-'));
    const output = join(folder, 'output');
    const lines = texts.map(
      (text) =>
        `file:write((${luaString(text)}):gsub('.', function(c) return string.format('%02x', c:byte()) end), '\\n')`,
    );
    const script = join(folder, 'script.lua');
    writeFileSync(script, [`local file = io.open(${luaString(output)}, 'w')`, ...lines, 'file:close()'].join('\n'));
    check(`global\n  lua-load ${word(script)}\n`);

    expect(readFileSync(output, 'utf8')).toBe(texts.map((text) => `${Buffer.from(text).toString('hex')}\n`).join(''));
  });
});

describeWith([HAPROXY], 'a gateway with a certificate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'azure-inference-tls-'));
  const certificateFile = join(folder, 'server.pem');
  const address = '127.0.5.33';

  function certificate(): string {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const name = ['-subj', '/CN=test', '-addext', `subjectAltName=IP:${address}`];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...name, '-keyout', key, '-out', cert],
      { stdio: 'ignore' },
    );
    writeFileSync(certificateFile, readFileSync(cert, 'utf8') + readFileSync(key, 'utf8'));
    return readFileSync(cert, 'utf8');
  }

  test('speaks TLS 1.2 and later over HTTP/1.1 and HTTP/2, and nothing in clear', async () => {
    const ca = certificate();
    const gateway = await startGateway({ address, serverPort: 15133, certificateFile }, new KeyFiles());
    await gateway.until('the keys are read', async () => (await call(address, { scheme: 'https', ca })).status === 503);
    const tls = (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') =>
      new Promise((resolve) => {
        const options = { host: address, port: 8080, ca, minVersion: version, maxVersion: version, agent: false };
        // Node's own level of security refuses old versions by itself
        get({ ...options, ciphers: 'DEFAULT:@SECLEVEL=0' }, ({ statusCode }) => resolve(statusCode)).on('error', () =>
          resolve('refused'),
        );
      });

    expect(await tls('TLSv1.3')).toBe(401);
    expect(await tls('TLSv1.2')).toBe(401);
    expect(await tls('TLSv1.1')).toBe('refused');
    const session = http2(address, ca);
    await until('the session is there', () => session.alpnProtocol === 'h2');
    expect((await callHttp2(session, { key: 'wrong', scheme: 'https' })).status).toBe(401);
    session.close();
    expect(await exchange(address, [rawHead(['GET / HTTP/1.1'])], { waitMs: 500 })).not.toContain('HTTP/1.1');
    await gateway.stop();
  });
});
