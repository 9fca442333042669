import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
type Block = { [name: string]: Json };

/** A Kubernetes object, ready for `kubectl apply`. */
export interface Manifest extends Block {
  readonly apiVersion: string;
  readonly kind: string;
}

const KINDS: { readonly [type: string]: { apiVersion: string; kind: string } } = {
  kubernetes_namespace_v1: { apiVersion: 'v1', kind: 'Namespace' },
  kubernetes_service_account_v1: { apiVersion: 'v1', kind: 'ServiceAccount' },
  kubernetes_service_v1: { apiVersion: 'v1', kind: 'Service' },
  kubernetes_deployment_v1: { apiVersion: 'apps/v1', kind: 'Deployment' },
  kubernetes_network_policy_v1: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
  kubernetes_pod_disruption_budget_v1: { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
};

/** Arguments of the Terraform provider that are no fields of the objects. */
const META = new Set(['//', 'depends_on', 'lifecycle', 'timeouts', 'wait_for_rollout']);

/** Blocks that the provider names in the singular and Kubernetes in the plural. */
const PLURAL = new Set(['container', 'port', 'toleration', 'volume', 'volume_mount']);

/** Maps whose keys are the user's. */
const FREE = new Set(['annotations', 'labels', 'limits', 'match_labels', 'node_selector', 'requests']);

/** Fields that hold numbers in Kubernetes and texts in the provider. */
const NUMBERS = new Set(['max_surge', 'max_unavailable', 'replicas', 'run_as_group', 'run_as_user', 'fs_group']);

/** The Kubernetes objects of a synthesized stack, as the provider would send them. */
export function manifestsOf(outdir: string, stack: string): Manifest[] {
  const { resource } = JSON.parse(readFileSync(join(outdir, 'stacks', stack, 'cdk.tf.json'), 'utf8'));
  return Object.entries(KINDS).flatMap(([type, kind]) =>
    Object.values((resource[type] ?? {}) as { [id: string]: Block }).map((block) => ({
      ...kind,
      ...translate(resolve(block, resource) as Block),
    })),
  );
}

/** Puts in what references point at: the namespace's name, the service account's; the rest is known only to Azure. */
function resolve(value: Json, resource: { [type: string]: { [id: string]: Block } }): Json {
  if (typeof value === 'string') {
    return value.replaceAll(/\$\{(\w+)\.([\w-]+)\.([\w.[\]]+)\}/g, (_, type: string, id: string, path: string) => {
      const metadata = resource[type]?.[id]?.metadata as Block | undefined;
      return path === 'metadata[0].name' ? String(metadata?.name) : '00000000-0000-0000-0000-000000000000';
    });
  }
  if (Array.isArray(value)) {
    return value.map((item) => resolve(item, resource));
  }
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolve(item, resource)]));
  }
  return value;
}

function translate(block: Block): Block {
  return Object.fromEntries(
    Object.entries(block)
      .filter(([name]) => !META.has(name))
      .map(([name, value]) => [
        camelCase(PLURAL.has(name) && Array.isArray(value) ? `${name}s` : name),
        translateValue(name, value),
      ]),
  );
}

function translateValue(name: string, value: Json): Json {
  if (FREE.has(name)) {
    return value;
  }
  if (NUMBERS.has(name)) {
    return Number(value);
  }
  if (name === 'pre_stop' && Array.isArray(value)) {
    return translateValue('', value[0] ?? null);
  }
  if (Array.isArray(value)) {
    return value.map((item) => translateValue('', item));
  }
  return value !== null && typeof value === 'object' ? translate(value) : value;
}

function camelCase(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
