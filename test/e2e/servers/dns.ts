import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** A DNS server on loopback for tests: it answers with the IPv4 addresses of a table that tests change as they go. */
export interface DnsServer {
  /** Address and port. */
  readonly address: string;

  /** The addresses of each name. Other names do not exist. */
  readonly names: Map<string, readonly string[]>;

  stop(): Promise<void>;
}

const HEADER_BYTES = 12;
const TYPE_A = 1;
const NO_SUCH_NAME = 3;
const AUTHORITATIVE_ANSWER = 0x8580;

export async function startDnsServer(host: string): Promise<DnsServer> {
  const names = new Map<string, readonly string[]>();
  const socket = createSocket('udp4');
  socket.on('message', (query, client) => socket.send(answer(query, names), client.port, client.address));
  socket.bind(0, host);
  await once(socket, 'listening');
  return {
    address: `${host}:${socket.address().port}`,
    names,
    stop: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** @see https://www.rfc-editor.org/rfc/rfc1035#section-4 */
function answer(query: Buffer, names: ReadonlyMap<string, readonly string[]>): Buffer {
  const { name, end } = readName(query);
  const addresses = names.get(name);
  const records = query.readUInt16BE(end) === TYPE_A ? (addresses ?? []).map(addressRecord) : [];
  const header = Buffer.from(query.subarray(0, HEADER_BYTES));
  header.writeUInt16BE(AUTHORITATIVE_ANSWER | (addresses === undefined ? NO_SUCH_NAME : 0), 2);
  header.writeUInt16BE(records.length, 6);
  header.writeUInt32BE(0, 8);
  return Buffer.concat([header, query.subarray(HEADER_BYTES, end + 4), ...records]);
}

function readName(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let position = HEADER_BYTES;
  for (let length = query.readUInt8(position); length > 0; length = query.readUInt8(position)) {
    labels.push(query.toString('ascii', position + 1, position + 1 + length));
    position += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: position + 1 };
}

/** The name that was asked for, class and type of an IPv4 address, one second to live, the address. */
function addressRecord(address: string): Buffer {
  return Buffer.from([0xc0, HEADER_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split('.').map(Number)]);
}
