import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** What the identity webhook of AKS says of a pod, and what Entra ID makes of it. */
const TENANT = '99999999-8888-7777-6666-555555555555';
const CLIENT = '12121212-3434-5656-7878-909090909090';
const CLUSTER_TOKEN = 'signed-by-the-cluster';
const tokenFor = (scope: string) => `entra-token-for ${scope}`;

/** Name of the container, at the path where a store has containers. */
const CONTAINER = 'modeldata';

/** An item of telemetry, as the ingestion endpoint of Application Insights is sent it. */
export interface TelemetryItem {
  readonly name: string;
  readonly iKey: string;
  readonly tags: { readonly [name: string]: string };
  readonly data: { readonly baseType: string; readonly baseData: { readonly [name: string]: unknown } };
}

/** What is wrong with a request, as a status. */
class Refusal extends Error {
  constructor(
    public readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const body = Buffer.concat(await request.toArray());
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function authorized(request: IncomingMessage, scope: string): void {
  if (request.headers.authorization !== `Bearer ${tokenFor(scope)}`) {
    throw new Refusal(401, `no token for ${scope}; got ${request.headers.authorization}`);
  }
}

/** The services of Azure that scoring servers sign in to, send telemetry to and write blobs to, on this machine. */
export class Azure {
  public static async start(): Promise<Azure> {
    const azure = new Azure();
    await azure.listen();
    return azure;
  }

  /** What Application Insights got. */
  public readonly telemetry: TelemetryItem[] = [];

  /** What the store got, by path in the container. */
  public readonly blobs = new Map<string, string>();

  /** What was wrong with requests. */
  public readonly refusals: string[] = [];

  /** How often somebody signed in, by what for. */
  public readonly signIns: string[] = [];

  /** Headers of the requests to what scripts call. */
  public readonly calls: IncomingMessage['headers'][] = [];

  /** Whether the store and Application Insights take anything. */
  public isOn = true;

  /** How often they did not. */
  public turnedAway = 0;

  private readonly folder = mkdtempSync(join(tmpdir(), 'azure-inference-azure-'));
  private readonly servers: Server[] = [];
  private authority = '';
  private store = '';
  private ingestion = '';

  /** Address of the container. */
  public get containerUrl(): string {
    return `http://${this.store}/${CONTAINER}`;
  }

  /** Address of what scripts call. */
  public get callee(): string {
    return `http://${this.store}`;
  }

  public get connectionString(): string {
    return `InstrumentationKey=00000000-1111-2222-3333-444444444444;IngestionEndpoint=https://${this.ingestion}/`;
  }

  /** Variables of a pod with the identity. */
  public get environment(): { readonly [name: string]: string } {
    return {
      AZURE_AUTHORITY_HOST: `http://${this.authority}/`,
      AZURE_TENANT_ID: TENANT,
      AZURE_CLIENT_ID: CLIENT,
      AZURE_FEDERATED_TOKEN_FILE: join(this.folder, 'token'),
      // packages of Azure send a token to nobody without TLS
      REQUESTS_CA_BUNDLE: join(this.folder, 'certificate.pem'),
      APPLICATIONINSIGHTS_CONNECTION_STRING: this.connectionString,
      HOSTNAME: 'reader-0',
    };
  }

  /** The lines that were collected, the first written first. */
  public get lines(): Record<string, unknown>[] {
    const text = [...this.blobs.values()].join('');
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  /** The telemetry of one kind, such as `RequestData`. */
  public items(baseType: string): TelemetryItem[] {
    return this.telemetry.filter(({ data }) => data.baseType === baseType);
  }

  public stop(): void {
    for (const server of this.servers) {
      server.close();
      server.closeAllConnections();
    }
  }

  private async listen(): Promise<void> {
    const [key, certificate] = ['key.pem', 'certificate.pem'].map((name) => join(this.folder, name)) as [
      string,
      string,
    ];
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'],
        ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate],
      ],
      { stdio: 'ignore' },
    );
    writeFileSync(join(this.folder, 'token'), CLUSTER_TOKEN);
    const plain = createServer(this.answering((request) => this.signIn(request)));
    const blobs = createServer(this.answering((request) => this.takeBlob(request)));
    const tls = createTlsServer(
      { key: readFileSync(key), cert: readFileSync(certificate) },
      this.answering((request) => this.takeTelemetry(request)),
    );
    this.servers.push(plain, blobs, tls);
    this.authority = await listening(plain);
    this.store = await listening(blobs);
    this.ingestion = await listening(tls);
  }

  private answering(answer: (request: IncomingMessage) => Promise<[status: number, body: object]>): RequestListener {
    return async (request, response) => {
      try {
        const [status, body] = await answer(request);
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      } catch (error) {
        if (!(error instanceof Refusal)) {
          this.refusals.push(String(error));
        } else if (error.status === 503) {
          this.turnedAway += 1;
        } else {
          this.refusals.push(error.message);
        }
        response.writeHead(error instanceof Refusal ? error.status : 500).end(String(error));
      }
    };
  }

  private async signIn(request: IncomingMessage): Promise<[number, object]> {
    const form = new URLSearchParams(String(await bodyOf(request)));
    const scope = form.get('scope') ?? '';
    const expected = {
      grant_type: 'client_credentials',
      client_id: CLIENT,
      scope,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: CLUSTER_TOKEN,
    };
    if (request.url !== `/${TENANT}/oauth2/v2.0/token` || String(form) !== String(new URLSearchParams(expected))) {
      throw new Refusal(400, `no request for a token: ${request.method} ${request.url} ${form}`);
    }
    this.signIns.push(scope);
    return [200, { token_type: 'Bearer', expires_in: 3599, access_token: tokenFor(scope) }];
  }

  private async takeTelemetry(request: IncomingMessage): Promise<[number, object]> {
    authorized(request, 'https://monitor.azure.com//.default');
    const items = JSON.parse(String(await bodyOf(request))) as TelemetryItem[];
    if (!this.isOn) {
      throw new Refusal(503, 'Application Insights is away');
    }
    this.telemetry.push(...items);
    return [200, { itemsReceived: items.length, itemsAccepted: items.length, errors: [] }];
  }

  /** Takes a blob; what scripts call answers here, too. */
  private async takeBlob(request: IncomingMessage): Promise<[number, object]> {
    const path = decodeURIComponent(request.url ?? '');
    if (!path.startsWith(`/${CONTAINER}/`)) {
      this.calls.push(request.headers);
      return [path.startsWith('/missing') ? 404 : 200, {}];
    }
    const body = await bodyOf(request);
    authorized(request, 'https://storage.azure.com/.default');
    if (!this.isOn) {
      throw new Refusal(503, 'the store is away');
    }
    const { 'x-ms-blob-type': type, 'x-ms-version': version, 'x-ms-date': date } = request.headers;
    if (request.method !== 'PUT' || type !== 'BlockBlob' || version === undefined || date === undefined) {
      throw new Refusal(400, `no Put Blob: ${request.method} ${type} ${version} ${date}`);
    }
    this.blobs.set(path.slice(CONTAINER.length + 2), String(body));
    return [201, {}];
  }
}
