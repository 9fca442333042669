import { execFileSync } from 'node:child_process';
import type { Manifest } from './manifests';

/** What the nodes of pools differ in. */
export interface NodeOptions {
  /** What the node has left for pods. */
  readonly cpu: string;

  /** Extended resources, such as `{ 'nvidia.com/gpu': '4' }`. */
  readonly devices?: { readonly [resource: string]: string };

  /** Zone as AKS labels it; where a pool has none, it is the number of a fault domain. */
  readonly zone?: string;

  /** Whether the node is for the cluster's own parts. */
  readonly isSystem?: boolean;

  /** Whether the node is spare capacity. */
  readonly isSpot?: boolean;
}

/** A node as AKS registers and labels it, kept ready by kwok. The pool is its name without the number. */
export function node(name: string, { cpu, devices = {}, zone = '0', ...options }: NodeOptions): Manifest {
  const resources = { cpu, memory: '128Gi', pods: '110', ...devices };
  const taint = (key: string, value: string) => ({ key, value, effect: 'NoSchedule' });
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: `aks-${name}`,
      annotations: { 'kwok.x-k8s.io/node': 'fake' },
      labels: {
        'kubernetes.azure.com/agentpool': name.replace(/-\d$/, ''),
        'kubernetes.azure.com/mode': options.isSystem ? 'system' : 'user',
        'kubernetes.io/hostname': `aks-${name}`,
        'topology.kubernetes.io/zone': zone,
      },
    },
    spec: {
      taints: [
        ...(Object.keys(devices).length === 0 ? [] : [taint('sku', 'gpu')]),
        ...(options.isSpot ? [taint('kubernetes.azure.com/scalesetpriority', 'spot')] : []),
      ],
    },
    status: { allocatable: resources, capacity: resources },
  };
}

export function kubectl(args: readonly string[], manifests: readonly Manifest[] = []): string {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests });
  return execFileSync('kubectl', args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Registers nodes and waits for them, and for no others: another test may be taking its own away. */
export function addNodes(nodes: readonly Manifest[]): void {
  kubectl(['apply', '-f', '-'], nodes);
  const names = nodes.map(({ metadata }) => `node/${metadata.name}`);
  kubectl(['wait', '--for=condition=Ready', '--timeout=60s', ...names]);
}

/** What a namespace has of a kind, the objects of one service only where their label is given. */
// biome-ignore lint/suspicious/noExplicitAny: what the API server says is as wide as Kubernetes
export function listed(namespace: string, kind: string, ...selector: string[]): any[] {
  const args = ['--namespace', namespace, 'get', kind, '--output=json'];
  return JSON.parse(kubectl([...args, ...selector.map((labels) => `--selector=${labels}`)])).items;
}

/** The pods of one Deployment or stateful set that are there to stay, with the node of those that have one. */
export function pods(namespace: string, name: string): { name: string; node?: string }[] {
  return listed(namespace, 'pods', `app.kubernetes.io/name=${name}`)
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata, spec }) => ({ name: metadata.name, node: spec.nodeName }));
}

/** Waits until a Deployment or stateful set, such as `deployment/digits`, has that many ready pods. */
export function waitUntilReady(namespace: string, resource: string, count: number): void {
  const condition = `--for=jsonpath={.status.readyReplicas}=${count}`;
  kubectl(['--namespace', namespace, 'wait', '--timeout=60s', condition, resource]);
}
