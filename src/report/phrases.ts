import { Exposure } from '../kubernetes/exposure';
import { AuthMode } from '../scoring/service-auth';
import { renderRange } from './cost';
import type { DeviceRequest } from './pods';
import type { PoolAccelerator, PoolSummary } from './pools';
import type { ServiceAddress } from './service-access';
import type { ServiceSummary } from './services';
import { count, deviceCount, enumerate } from './words';

/** What a person wants to know of a pool at a glance. */
export interface PoolFacts {
  /** Such as `0 to 2 nodes`. */
  readonly nodes: string;

  /** Such as `GPU: 1 T4 (16 GiB) a node`; nothing for a pool of CPUs. */
  readonly device?: string;
}

/** A pool in words. */
export function poolFacts(pool: PoolSummary): PoolFacts {
  const { minNodes, maxNodes } = pool;
  const known = minNodes !== undefined && maxNodes !== undefined;
  const nodes = known ? renderRange({ min: minNodes, max: maxNodes }) : 'some';
  const devices = deviceOf(pool.accelerator);
  const device = [
    devices && `${pool.accelerator?.kind.toUpperCase()}: ${devices} a node`,
    pool.mig && `partitioned ${pool.mig}`,
    pool.spot && 'Spot',
  ];
  return {
    nodes: `${nodes} ${nodes === '1' ? 'node' : 'nodes'}`,
    device: device.filter(Boolean).join(', ') || undefined,
  };
}

/** The devices of one node in words, such as `1 T4 (16 GiB)`. */
export function deviceOf(accelerator: PoolAccelerator | undefined): string | undefined {
  if (accelerator === undefined) {
    return undefined;
  }
  const { kind, model } = accelerator;
  if (accelerator.count === undefined) {
    return 'number and model not known to the library';
  }
  return `${deviceCount(accelerator.count)} ${model ?? kind.toUpperCase()}`;
}

/** A service in a few short lines. */
export function serviceFacts(service: ServiceSummary): string[] {
  const { models } = service;
  const devices = service.devices.map(requestOf);
  return [
    [serverOf(service), replicasOf(service)].filter((part) => part !== undefined).join(', '),
    ...(devices.length > 0 ? [`${devices.join(', ')} each`] : []),
    ...(models.length > 0 ? [modelLine(models.map(({ name }) => name))] : []),
    ...accessLine(service),
  ];
}

/** How many replicas a service has: `2 replicas`, or `1 to 10 replicas`. */
export function replicasOf({ replicas, maxReplicas }: ServiceSummary): string {
  if (replicas === undefined) {
    return 'replicas by load';
  }
  return maxReplicas === undefined ? count(replicas, 'replica') : `${replicas} to ${count(maxReplicas, 'replica')}`;
}

/** What answers the calls of a service; nothing where it does not say. */
export function serverOf({ component, scriptImage }: ServiceSummary): string | undefined {
  return scriptImage === undefined ? component : `script before ${component ?? 'a model server'}`;
}

/** Who reaches a service, and with what, in a few words. */
function accessLine({ address, auth }: ServiceSummary): string[] {
  const words = [address && REACHED[address.exposure].short, auth && AUTH[auth].short];
  const line = words.filter((part) => part !== undefined).join(', ');
  return line === '' ? [] : [line];
}

/** From where callers reach a service, and what they show, as sentences. */
export function accessSentences({ address, auth }: ServiceSummary): string[] {
  return [
    ...(address === undefined ? [] : [addressSentence(address)]),
    ...(auth === undefined ? [] : [AUTH[auth].long]),
  ];
}

function addressSentence({ exposure, host, ports, sourceRanges }: ServiceAddress): string {
  const numbers = ports.map(({ number, name }) => (name === undefined ? String(number) : `${number} (${name})`));
  const parts = [
    REACHED[exposure].long,
    host === undefined ? '' : ` at ${host}`,
    numbers.length === 0 ? '' : `, ${ports.length === 1 ? 'port' : 'ports'} ${enumerate(numbers)}`,
    sourceRanges.length === 0 ? '' : `, for callers in ${enumerate(sourceRanges)} alone`,
  ];
  return `${parts.join('')}.`;
}

const REACHED: { readonly [exposure in Exposure]: { readonly short: string; readonly long: string } } = {
  [Exposure.CLUSTER]: { short: 'in the cluster', long: 'Answers inside the cluster' },
  [Exposure.INTERNAL]: {
    short: 'internal address',
    long: 'Answers inside the virtual network, at an internal load balancer',
  },
  [Exposure.PUBLIC]: { short: 'public address', long: 'Answers on the internet, at a public load balancer' },
};

const AUTH: { readonly [auth in AuthMode]: { readonly short: string; readonly long: string } } = {
  [AuthMode.KEY]: { short: 'keys', long: 'Callers show one of two keys.' },
  [AuthMode.NONE]: { short: 'no keys', long: 'Callers show nothing: whoever reaches it may call it.' },
};

/** A request for devices in words, such as `1 GPU`. */
export function requestOf(request: DeviceRequest): string {
  const { resource } = request;
  return /\/gpu$/.test(resource) ? count(request.count, 'GPU') : `${request.count} ${resource}`;
}

function modelLine(names: readonly string[]): string {
  const line = `models: ${names.join(', ')}`;
  return names.length === 1 ? `model ${names[0]}` : line.length > 36 ? `${names.length} models` : line;
}
