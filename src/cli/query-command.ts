import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http';
import { Command, InvalidArgumentError, Option } from 'commander';
import { AzureName } from '../azure/azure-name';
import { jsonErrorPosition } from '../json-error';
import { dnsLabelProblem } from '../kubernetes/dns-label';
import { answerProblem, type Key, readable } from './query-answer';
import { type Call, isLoopback, send } from './query-call';
import { isJson } from './query-json';
import { fetchKey, nameOf, type VaultSecret } from './query-key';
import { onOneLine } from './query-text';
import type { Terminal } from './terminal';
import { positive } from './values';
import { writeWholeFile } from './write-file';

interface QueryOptions {
  readonly keyVault?: string;
  readonly service?: string;
  readonly key?: 'primary' | 'secondary' | 'none';
  readonly secret?: string;
  readonly header?: readonly string[];
  readonly output?: string;
  readonly timeout: number;
  readonly verbose?: boolean;
}

/** What the command says by itself, since an answer depends on it. */
const OWN_HEADERS = ['connection', 'content-length', 'transfer-encoding'];

/** `azure-inference query`: calls a service. */
export function queryCommand(terminal: Terminal): Command {
  const command = new Command('query')
    .description('Send a file to a service and print its answer')
    .argument('<uri>', 'what is called, such as http://localhost:8080/score')
    .argument('<file>', 'what is sent: JSON where the name ends in .json, bytes otherwise')
    .option('--key-vault <name>', 'Key Vault that holds the key; without it no key is sent', vaultName)
    .option('--service <namespace/service>', 'service whose key is sent', serviceName)
    .addOption(
      new Option('--key <which>', 'key of the service (default: primary)').choices(['primary', 'secondary', 'none']),
    )
    .option('--secret <name>', 'secret that holds the key, where it is one of your own', secretName)
    .option('--header <line>', "header to send, such as 'Content-Type: image/png'; may be repeated", listed)
    .option('--output <file>', 'write the answer to a file')
    .option('--timeout <seconds>', 'how long the answer may take', seconds, 300)
    .option('--verbose', 'say what is sent and which headers the answer has');
  return command.action(async (uri: string, file: string, options: QueryOptions) => {
    const refuse = (problem: string) => command.error(`error: ${problem}`);
    const address = addressOf(uri, refuse);
    const headers = headersOf(options.header ?? [], refuse);
    const secret = secretOf(options, refuse);
    if (secret !== undefined && headers.authorization !== undefined) {
      refuse('--key-vault gives the header Authorization; leave it out of --header');
    }
    const { body, type } = read(file);
    const key = secret === undefined ? undefined : { secret, value: await fetchKey(secret) };
    await query(terminal, options, key, {
      address,
      headers: {
        'content-type': type,
        ...headers,
        ...(key === undefined ? {} : { authorization: `Bearer ${key.value}` }),
      },
      body,
      timeoutSeconds: options.timeout,
    });
  });
}

async function query(
  terminal: Terminal,
  { output, verbose }: QueryOptions,
  key: Key | undefined,
  call: Call,
): Promise<void> {
  const { address, headers, body } = call;
  if (headers.authorization !== undefined && address.protocol === 'http:' && !isLoopback(address)) {
    terminal.error(`warning: the key travels unencrypted to ${address.host}\n`);
  }
  const tell = (line: string) => (verbose === true ? terminal.error(`${onOneLine(line, key?.value)}\n`) : undefined);
  tell(`> POST ${address.href} with ${body.byteLength} bytes`);
  for (const [name, value] of Object.entries(headers)) {
    tell(`> ${name}: ${name === 'authorization' ? `(${key === undefined ? 'hidden' : nameOf(key.secret)})` : value}`);
  }
  const answer = await send(call);
  tell(`< ${answer.status} ${STATUS_CODES[answer.status] ?? ''} with ${answer.body.byteLength} bytes`);
  for (const [name, value] of Object.entries(answer.headers)) {
    tell(`< ${name}: ${value}`);
  }

  const problem = answerProblem(answer, key);
  if (problem !== undefined) {
    throw new Error(problem);
  }
  if (output !== undefined) {
    writeWholeFile(output, answer.body);
  } else if (terminal.columns === undefined) {
    terminal.out(answer.body);
  } else {
    const text = readable(answer.body);
    if (text === undefined) {
      throw new Error(`the answer is ${answer.body.byteLength} bytes that are no text; write them with --output`);
    }
    terminal.out(text);
  }
}

/** What is called. No message repeats it: what is wrong with it may be that it holds a password. */
function addressOf(uri: string, refuse: (problem: string) => never): URL {
  const address = URL.canParse(uri) ? new URL(uri) : undefined;
  if (address === undefined || !/^https?:$/.test(address.protocol)) {
    return refuse('the URI must begin with http:// or https://, such as http://localhost:8080/score');
  }
  if (address.username !== '' || address.password !== '') {
    return refuse('the URI must not hold a user or a password; a key comes from a Key Vault, see --key-vault');
  }
  return address;
}

/** Headers by their names in lower case. No message repeats a value: it may be a secret. */
function headersOf(lines: readonly string[], refuse: (problem: string) => never): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = '', value = ''] = /^([^:]*):(.*)$/s.exec(line) ?? [];
      try {
        validateHeaderName(name.trim());
        validateHeaderValue(name.trim(), value.trim());
      } catch {
        refuse("a header is a line such as 'Content-Type: image/png'; one of --header is not");
      }
      if (OWN_HEADERS.includes(name.trim().toLowerCase())) {
        refuse(`the header ${name.trim()} follows from what is sent; leave it out of --header`);
      }
      return [name.trim().toLowerCase(), value.trim()];
    }),
  );
}

/** Where the key lies; nothing when none is sent. */
function secretOf(
  { keyVault, service, key, secret }: QueryOptions,
  refuse: (problem: string) => never,
): VaultSecret | undefined {
  if (key === 'none') {
    return undefined;
  }
  if (keyVault === undefined) {
    const [without] = Object.entries({ key, service, secret }).find(([, value]) => value !== undefined) ?? [];
    return without === undefined
      ? undefined
      : refuse(`--${without} needs --key-vault, the Key Vault that holds the key`);
  }
  if (secret !== undefined) {
    const [beside] = Object.entries({ key, service }).find(([, value]) => value !== undefined) ?? [];
    return beside === undefined
      ? { vault: keyVault, name: secret }
      : refuse(`--secret names the key's secret itself; leave out --${beside}`);
  }
  if (service === undefined) {
    return refuse('--key-vault needs --service NAMESPACE/SERVICE, or --secret for a key of your own');
  }
  const name = `${service.replace('/', '-')}-${key ?? 'primary'}`;
  return AzureName.KEY_VAULT_SECRET.accepts(name)
    ? { vault: keyVault, name }
    : refuse(`the names in --service are too long for the name of a secret; give the secret's own with --secret`);
}

/** What is sent, and what it is. */
function read(file: string): { readonly body: Buffer; readonly type: string } {
  let body: Buffer;
  try {
    body = readFileSync(file);
  } catch (error) {
    throw new Error(`cannot read '${file}': ${(error as Error).message}`);
  }
  if (!/\.json$/i.test(file)) {
    return { body, type: 'application/octet-stream' };
  }
  const text = body.toString('utf8');
  // a byte order mark is no part of JSON, and nobody sees it
  if (!isUtf8(body) || text.startsWith('\ufeff')) {
    throw new Error(`'${file}' is not UTF-8 as JSON must be; save it as UTF-8 without byte order mark`);
  }
  const fault = isJson(text) ? undefined : jsonErrorPosition(text);
  if (fault !== undefined) {
    throw new Error(`'${file}' is no valid JSON: see line ${fault.line}, column ${fault.column}`);
  }
  return { body, type: 'application/json' };
}

function vaultName(text: string): string {
  if (!AzureName.KEY_VAULT.accepts(text)) {
    throw new InvalidArgumentError('Give the name of a Key Vault, 3 to 24 letters, digits and hyphens.');
  }
  return text;
}

function serviceName(text: string): string {
  const labels = text.split('/');
  if (labels.length !== 2 || labels.some((label) => dnsLabelProblem('name', label) !== undefined)) {
    throw new InvalidArgumentError('Give namespace and service, such as serving/digit-reader.');
  }
  return text;
}

function secretName(text: string): string {
  if (!AzureName.KEY_VAULT_SECRET.accepts(text)) {
    throw new InvalidArgumentError('Give the name of a secret, 1 to 127 letters, digits and hyphens.');
  }
  return text;
}

function listed(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** Reads a number of seconds. A timer of Node ends at 24 days. */
function seconds(text: string): number {
  const value = positive(text);
  if (value > 86_400) {
    throw new InvalidArgumentError('Give at most 86400 seconds, a day.');
  }
  return value;
}
