import { renderRange } from './cost';
import type { PoolAccelerator, PoolSummary } from './pools';
import type { DeviceRequest, ServiceSummary } from './services';
import { count, deviceCount } from './words';

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
  const { replicas, models, component } = service;
  const number = replicas === undefined ? 'replicas by load' : count(replicas, 'replica');
  const devices = service.devices.map(requestOf);
  return [
    [component, number].filter((part) => part !== undefined).join(', '),
    ...(devices.length > 0 ? [`${devices.join(', ')} each`] : []),
    ...(models.length > 0 ? [modelLine(models.map(({ name }) => name))] : []),
  ];
}

/** A request for devices in words, such as `1 GPU`. */
export function requestOf(request: DeviceRequest): string {
  const { resource } = request;
  return /\/gpu$/.test(resource) ? count(request.count, 'GPU') : `${request.count} ${resource}`;
}

function modelLine(names: readonly string[]): string {
  const line = `models: ${names.join(', ')}`;
  return names.length === 1 ? `model ${names[0]}` : line.length > 36 ? `${names.length} models` : line;
}
