import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
type Block = { [name: string]: Json };
type Resources = { [type: string]: { [id: string]: Block } };

/** A Kubernetes object, ready for `kubectl apply`. */
export interface Manifest extends Block {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Block & { readonly name: string };
}

const KINDS: { readonly [type: string]: { apiVersion: string; kind: string } } = {
  kubernetes_namespace_v1: { apiVersion: 'v1', kind: 'Namespace' },
  kubernetes_service_account_v1: { apiVersion: 'v1', kind: 'ServiceAccount' },
  kubernetes_service_v1: { apiVersion: 'v1', kind: 'Service' },
  kubernetes_config_map_v1: { apiVersion: 'v1', kind: 'ConfigMap' },
  kubernetes_secret_v1: { apiVersion: 'v1', kind: 'Secret' },
  kubernetes_deployment_v1: { apiVersion: 'apps/v1', kind: 'Deployment' },
  kubernetes_stateful_set_v1: { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  kubernetes_job_v1: { apiVersion: 'batch/v1', kind: 'Job' },
  kubernetes_network_policy_v1: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
  kubernetes_pod_disruption_budget_v1: { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
};

/** Arguments of the Terraform resources that are no fields of the objects. */
const META = new Set([
  '//',
  'depends_on',
  'lifecycle',
  'timeouts',
  'wait_for_rollout',
  'wait_for_completion',
  'data_wo_revision',
]);

/** Fields that Kubernetes names otherwise. */
const NAMES: { readonly [name: string]: string } = {
  cluster_ip: 'clusterIP',
  data_wo: 'stringData',
  // blocks, in the singular
  container: 'containers',
  init_container: 'initContainers',
  node_selector_term: 'nodeSelectorTerms',
  toleration: 'tolerations',
  topology_spread_constraint: 'topologySpreadConstraints',
  volume: 'volumes',
  volume_mount: 'volumeMounts',
};

/** Blocks that may stand once and are lists all the same. */
const SINGLE = new Set(['label_selector', 'pre_stop', 'rolling_update', 'update_strategy']);

/** Maps whose keys are the user's. */
const FREE = new Set([
  'annotations',
  'data',
  'data_wo',
  'labels',
  'limits',
  'match_labels',
  'node_selector',
  'requests',
  'volume_attributes',
]);

/** Fields that hold numbers in Kubernetes and texts in the provider. */
const NUMBERS = new Set(['replicas', 'run_as_group', 'run_as_user', 'fs_group']);

/** Fields that hold a number, or a text that is none: the name of a port, a percentage. */
const NUMBERS_OR_TEXTS = new Set(['max_surge', 'max_unavailable', 'port', 'target_port']);

/** What the provider sends of a block that says nothing else, and Kubernetes would not take for granted. */
const DEFAULTS: { readonly [block: string]: Block } = { security_context: { run_as_non_root: false } };

/** The Kubernetes objects of a synthesized stack, as the provider would send them. */
export function manifestsOf(outdir: string, stack: string): Manifest[] {
  const { resource } = JSON.parse(readFileSync(join(outdir, 'stacks', stack, 'cdk.tf.json'), 'utf8'));
  const unknown = Object.keys(resource).filter((type) => type.startsWith('kubernetes_') && !(type in KINDS));
  if (unknown.length > 0) {
    throw new Error(`say which kind of object it is: ${unknown}`);
  }
  return Object.entries(KINDS).flatMap(([type, kind]) =>
    Object.values((resource as Resources)[type] ?? {}).map((block) => {
      const fields = Object.entries(block).filter(([name]) => !META.has(name));
      return { ...kind, ...translate(evaluate(Object.fromEntries(fields), resource) as Block) } as Manifest;
    }),
  );
}

/** What Terraform makes of a value: references and functions have values, and what is escaped is plain. */
function evaluate(value: Json, resource: Resources): Json {
  if (typeof value === 'string') {
    return value.replaceAll(/([$%])\1\{|\$\{([^}]*)\}/g, (_, escaped?: string, expression = '') =>
      escaped === undefined ? valueIn(expression, resource) : `${escaped}{`,
    );
  }
  if (Array.isArray(value)) {
    return value.map((item) => evaluate(item, resource));
  }
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, evaluate(item, resource)]));
  }
  return value;
}

/** Names of objects are known; what only Azure knows is made up. */
function valueIn(expression: string, resource: Resources): string {
  const [, type = '', id = '', path] = /^(\w+)\.([\w-]+)\.(.+)$/.exec(expression) ?? [];
  if (expression.startsWith('sha256(')) {
    return createHash('sha256').update(expression).digest('hex');
  }
  if (path === 'status[0].load_balancer[0].ingress[0].ip') {
    return '10.0.0.4';
  }
  if (path === 'client_id') {
    return '00000000-0000-0000-0000-000000000000';
  }
  if (expression.startsWith('nonsensitive(data.azurerm_application_insights.')) {
    return 'InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint=https://127.0.0.1:9/';
  }
  const metadata = resource[type]?.[id]?.metadata as Block | undefined;
  if (path !== 'metadata[0].name' || typeof metadata?.name !== 'string') {
    throw new Error(`nothing is known of '${expression}'`);
  }
  return metadata.name;
}

function translate(block: Block): Block {
  return Object.fromEntries(
    Object.entries(block).map(([name, value]) => {
      const ports = name === 'port' && Array.isArray(value);
      return [ports ? 'ports' : (NAMES[name] ?? camelCase(name)), translateValue(name, value)];
    }),
  );
}

function translateValue(name: string, value: Json): Json {
  if (FREE.has(name)) {
    return value;
  }
  if (NUMBERS.has(name) || (NUMBERS_OR_TEXTS.has(name) && typeof value === 'string' && /^\d+$/.test(value))) {
    return Number(value);
  }
  if (SINGLE.has(name) && Array.isArray(value)) {
    return translateValue('', value[0] ?? null);
  }
  if (Array.isArray(value)) {
    return value.map((item) => translateValue('', item));
  }
  return value !== null && typeof value === 'object' ? translate({ ...DEFAULTS[name], ...value }) : value;
}

function camelCase(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
