import { POOL_LABEL } from '../kubernetes/labels';
import type { References } from './references';
import type { SynthesizedResource } from './synthesized-output';
import { blockOf, blocksOf, type JsonObject, numberOf, objectOf, textOf } from './terraform-json';

/** Devices that one pod asks for. */
export interface DeviceRequest {
  /** Name under which Kubernetes counts them, such as `nvidia.com/gpu`. */
  readonly resource: string;

  /** How many one pod gets. */
  readonly count: number;
}

/** Pods that are alike, and what Kubernetes keeps for each of them. */
export interface PodSet {
  /** Number of pods; nothing where an autoscaler decides. */
  readonly replicas?: number;

  /** Name of the cluster, where the stack says so. */
  readonly cluster?: string;

  /** Name of the pool that they run on; nothing where any pool will do. */
  readonly pool?: string;

  /** CPU that one pod is promised, in thousandths of a core. */
  readonly cpuMillicores: number;

  /** Main memory that one pod is promised, in MiB. */
  readonly memoryMiB: number;

  /** Devices of one pod. */
  readonly devices: readonly DeviceRequest[];
}

/** The pods of a Deployment or a stateful set. */
export function podsOf(resource: SynthesizedResource, references: References, cluster?: string): PodSet {
  const spec = blockOf(resource.arguments.spec);
  const pod = podSpecOf(resource);
  const containers = blocksOf(pod.container);
  const promised = (name: string) =>
    containers
      .map((container) => quantityOf(objectOf(blockOf(container.resources).requests)[name]))
      .reduce((sum, value) => sum + value, 0);
  return {
    replicas: numberOf(spec.replicas),
    cluster,
    pool: references.literal(resource.stack, objectOf(pod.node_selector)[POOL_LABEL]),
    cpuMillicores: Math.round(promised('cpu') * 1000),
    memoryMiB: promised('memory') / 2 ** 20,
    devices: devicesOf(containers),
  };
}

/** What the pods of a Deployment or a stateful set consist of. */
export function podSpecOf(resource: SynthesizedResource): JsonObject {
  return blockOf(blockOf(blockOf(resource.arguments.spec).template).spec);
}

/** Devices are what Kubernetes counts under a vendor's name; CPU, memory and disk have none. */
function devicesOf(containers: readonly JsonObject[]): DeviceRequest[] {
  const counts = new Map<string, number>();
  for (const container of containers) {
    const limits = objectOf(blockOf(container.resources).limits);
    for (const [resource, value] of Object.entries(limits).filter(([name]) => name.includes('/'))) {
      counts.set(resource, (counts.get(resource) ?? 0) + (numberOf(value) ?? 0));
    }
  }
  return [...counts].map(([resource, count]) => ({ resource, count })).filter(({ count }) => count > 0);
}

const FACTORS: { readonly [suffix: string]: number } = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A quantity as Kubernetes writes it, such as `500m` or `8Gi`; what is none is nothing asked for. */
function quantityOf(value: unknown): number {
  const [, number = '0', suffix = ''] = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(textOf(value) ?? String(value)) ?? [];
  return Number(number) * (FACTORS[suffix] ?? 0);
}
