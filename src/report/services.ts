import { COMPONENT_LABEL, MODELS_ANNOTATION, POOL_LABEL } from '../kubernetes/labels';
import { clusterOfStack } from './pools';
import type { References } from './references';
import type { SynthesizedOutput, SynthesizedResource } from './synthesized-output';
import { blockOf, blocksOf, isObject, type JsonObject, numberOf, objectOf, textOf } from './terraform-json';

/** A model that a service serves. */
export interface ServedModel {
  /** Name by which callers ask for it. */
  readonly name: string;

  /** Its versions; nothing where only the store knows them. */
  readonly versions: readonly number[];

  /** What a person said about it. */
  readonly description?: string;

  /** Free values by name. */
  readonly tags: { readonly [name: string]: string };
}

/** Devices that one replica asks for. */
export interface DeviceRequest {
  /** Name under which Kubernetes counts them, such as `nvidia.com/gpu`. */
  readonly resource: string;

  /** How many one replica gets. */
  readonly count: number;
}

/** Something that runs in the cluster and answers callers. */
export interface ServiceSummary {
  /** Name of the deployment. */
  readonly name: string;

  /** Namespace, where it is known before the deployment. */
  readonly namespace?: string;

  /** Name of the stack. */
  readonly stack: string;

  /** Path of the construct. */
  readonly path: string;

  /** Name of the cluster, where the stack says so. */
  readonly cluster?: string;

  /** What it is, such as `triton`, from its label `app.kubernetes.io/component`. */
  readonly component?: string;

  /** Number of replicas; nothing where an autoscaler decides. */
  readonly replicas?: number;

  /** Name of the pool that it runs on; nothing where any pool will do. */
  readonly pool?: string;

  /** Devices of one replica. */
  readonly devices: readonly DeviceRequest[];

  /** Image of the first container: the model server. */
  readonly image: string;

  /** Name of the service account that its pods run as. */
  readonly serviceAccount?: string;

  /** The models that it serves. */
  readonly models: readonly ServedModel[];
}

/** The services of a program, in deployment order. */
export function servicesOf(output: SynthesizedOutput, references: References): ServiceSummary[] {
  return output.stacks.flatMap((stack) =>
    stack.resources
      .filter(({ type }) => type === 'kubernetes_deployment_v1' || type === 'kubernetes_deployment')
      .map((resource) => serviceOf(resource, references, clusterOfStack(output, references, stack.name))),
  );
}

function serviceOf(resource: SynthesizedResource, references: References, cluster?: string): ServiceSummary {
  const literal = (value: unknown) => references.literal(resource.stack, value);
  const metadata = blockOf(resource.arguments.metadata);
  const spec = blockOf(resource.arguments.spec);
  const pod = blockOf(blockOf(spec.template).spec);
  const containers = blocksOf(pod.container);
  return {
    name: references.nameOf(resource),
    namespace: literal(metadata.namespace),
    stack: resource.stack,
    path: resource.path,
    cluster,
    component: textOf(objectOf(metadata.labels)[COMPONENT_LABEL]),
    replicas: numberOf(spec.replicas),
    pool: literal(objectOf(pod.node_selector)[POOL_LABEL]),
    devices: devicesOf(containers),
    image: literal(containers[0]?.image) ?? textOf(containers[0]?.image) ?? 'none',
    serviceAccount: literal(pod.service_account_name),
    models: modelsOf(objectOf(metadata.annotations)[MODELS_ANNOTATION]),
  };
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

/** Deployments that are not of this library may carry anything in the annotation, and then serve no known model. */
function modelsOf(annotation: unknown): ServedModel[] {
  let value: unknown;
  try {
    value = JSON.parse(textOf(annotation) ?? '[]');
  } catch {
    return [];
  }
  return blocksOf(value).flatMap(({ name, versions, description, tags }) =>
    typeof name !== 'string'
      ? []
      : [
          {
            name,
            versions: Array.isArray(versions)
              ? versions.filter((each): each is number => typeof each === 'number')
              : [],
            description: textOf(description),
            tags: isObject(tags)
              ? Object.fromEntries(Object.entries(tags).map(([tag, text]) => [tag, String(text)]))
              : {},
          },
        ],
  );
}
