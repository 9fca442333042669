import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { manifestsOf } from '../manifests';
import { Haproxy, KeyFiles } from './haproxy';

/** A service of a synthesized program. */
export interface SynthesizedService {
  /** Output folder of the program. */
  readonly outdir: string;

  /** Stack that the service is part of. */
  readonly stack: string;

  readonly service: string;
}

/** How the kubelet asks a container. */
export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: number };
}

/** A container, as Kubernetes is told of it. */
export interface Container {
  readonly name: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly resources?: { readonly limits?: { readonly [resource: string]: string } };
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly lifecycle?: { readonly preStop?: { readonly exec: { readonly command: readonly [string, ...string[]] } } };
}

/** A pod, as Kubernetes is told of it. */
export interface Pod {
  /** The containers by name. */
  readonly containers: { readonly [name: string]: Container };

  readonly terminationGracePeriodSeconds: number;

  /** Text of the files that its ConfigMaps hold, by name. */
  readonly files: { readonly [name: string]: string };
}

/** The parts of a pod's template that tests read. */
interface PodSpec extends Pick<Pod, 'terminationGracePeriodSeconds'> {
  readonly containers: readonly Container[];
  readonly volumes?: readonly { readonly configMap?: { readonly name: string } }[];
}

/** The pods of a service, or its routers and its Job under the name that they have. */
export function podOf({ outdir, stack, service }: SynthesizedService): Pod {
  const manifests = manifestsOf(outdir, stack);
  const [workload] = manifests.filter(
    ({ kind, metadata }) => ['Deployment', 'StatefulSet', 'Job'].includes(kind) && metadata.name === service,
  );
  if (workload === undefined) {
    throw new Error(`'${stack}' has no pods of '${service}'`);
  }
  const { spec } = workload as unknown as { spec: { template: { spec: PodSpec } } };
  const { containers, volumes = [], terminationGracePeriodSeconds } = spec.template.spec;
  const mounted = volumes.map(({ configMap }) => configMap?.name);
  const configs = manifests.filter(({ kind, metadata }) => kind === 'ConfigMap' && mounted.includes(metadata.name));
  return {
    containers: Object.fromEntries(containers.map((container) => [container.name, container])),
    terminationGracePeriodSeconds,
    files: Object.assign({}, ...configs.flatMap(({ data, binaryData }) => [data, decoded(binaryData)])),
  };
}

/** Text of the files that a ConfigMap holds as bytes. */
function decoded(files: unknown): { [name: string]: string } {
  const entries = Object.entries(files ?? {}).map(([name, bytes]) => [name, Buffer.from(bytes, 'base64').toString()]);
  return Object.fromEntries(entries);
}

/**
 * Uploads what a stack uploads, to a folder: `<account>/<container>/<blob>`.
 *
 * @param store the folder, which may hold what was uploaded before
 */
export function upload(
  { outdir, stack }: Pick<SynthesizedService, 'outdir' | 'stack'>,
  store = mkdtempSync(join(tmpdir(), 'azure-inference-store-')),
): string {
  const folder = join(outdir, 'stacks', stack);
  const { resource } = JSON.parse(readFileSync(join(folder, 'cdk.tf.json'), 'utf8'));
  const blobs: Partial<Record<string, string>>[] = Object.values(resource.azurerm_storage_blob ?? {});
  for (const { storage_account_name: account, storage_container_name: container, name, source } of blobs) {
    const file = join(store, String(account), String(container), String(name));
    mkdirSync(dirname(file), { recursive: true });
    // an empty file has no source
    if (source === undefined) {
      writeFileSync(file, '');
    } else {
      cpSync(join(folder, source), file);
    }
  }
  return store;
}

/**
 * Runs the gateway or router of a pod with the configuration of the pod. A loopback address stands for the pod: what it
 * listens on, and where it finds its model server.
 *
 * @param nameserver the cluster's DNS, as address and port
 */
export function startHaproxyOf({ files }: Pod, address: string, nameserver = ''): Promise<Haproxy> {
  const { keyMap } = new KeyFiles();
  for (const name of ['metrics.lua', 'hold.lua'].filter((each) => each in files)) {
    writeFileSync(join(dirname(keyMap), name), files[name] ?? '');
  }
  const config = (files['haproxy.cfg'] ?? '')
    .replaceAll('/usr/local/etc/haproxy', dirname(keyMap))
    .replaceAll('bind *:', `bind ${address}:`)
    .replaceAll('abns@inside-all', `abns@inside-${address}`)
    .replaceAll('127.0.0.1:', `${address}:`)
    .replaceAll('parse-resolv-conf', `nameserver cluster ${nameserver}`);
  return Haproxy.start(config, address);
}
