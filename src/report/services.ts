import { COMPONENT_LABEL, MODELS_ANNOTATION, NAME_LABEL, PART_OF_LABEL } from '../kubernetes/labels';
import type { AuthMode } from '../scoring/service-auth';
import { type PodSet, podSpecOf, podsOf } from './pods';
import { clusterOfStack } from './pools';
import type { References } from './references';
import { addressOf, authOf, type ServiceAddress, scaledReplicasOf } from './service-access';
import type { SynthesizedOutput, SynthesizedResource, SynthesizedStack } from './synthesized-output';
import { blockOf, blocksOf, isObject, type JsonObject, jsonOf, objectOf, textOf } from './terraform-json';

/** A name by which callers ask for a model. */
export interface NamedVersions {
  readonly name: string;

  /** Its versions; nothing where only the store knows them. */
  readonly versions: readonly number[];
}

/** A model that a service serves, under the name that it is registered with. */
export interface ServedModel extends NamedVersions {
  /** What callers ask for in its place, where it is a folder of several. */
  readonly holds: readonly NamedVersions[];

  /** What a person said about it. */
  readonly description?: string;

  /** Free values by name. */
  readonly tags: { readonly [name: string]: string };
}

/** Something that runs in the cluster and answers callers. */
export interface ServiceSummary extends PodSet {
  /** Name of the deployment. */
  readonly name: string;

  /** Namespace, where it is known before the deployment. */
  readonly namespace?: string;

  /** Name of the stack. */
  readonly stack: string;

  /** Path of the construct. */
  readonly path: string;

  /** What it is, such as `triton`, from its label `app.kubernetes.io/component`. */
  readonly component?: string;

  /** Image of the first container: the model server. */
  readonly image: string;

  /** Image of the scoring script that stands before the model server; nothing where callers reach the server itself. */
  readonly scriptImage?: string;

  /** Name of the service account that its pods run as. */
  readonly serviceAccount?: string;

  /** The most replicas, where they are scaled by load and `replicas` are the fewest. */
  readonly maxReplicas?: number;

  /** The models that it serves. */
  readonly models: readonly ServedModel[];

  /** Where it answers; nothing where the stack gives it no address. */
  readonly address?: ServiceAddress;

  /** What callers must show; nothing where only the service itself knows. */
  readonly auth?: AuthMode;

  /** What finds a free replica for each call; nothing where calls go to the replicas themselves. */
  readonly routers?: PodSet;
}

/** The services of a program, in deployment order. */
export function servicesOf(output: SynthesizedOutput, references: References): ServiceSummary[] {
  return output.stacks.flatMap((stack) =>
    stack.resources
      .filter(({ type }) => type === 'kubernetes_deployment_v1' || type === 'kubernetes_deployment')
      .map((resource) => serviceOf(resource, stack, references, clusterOfStack(output, references, stack.name))),
  );
}

function serviceOf(
  resource: SynthesizedResource,
  stack: SynthesizedStack,
  references: References,
  cluster?: string,
): ServiceSummary {
  const literal = (value: unknown) => references.literal(resource.stack, value);
  const metadata = blockOf(resource.arguments.metadata);
  const namespace = literal(metadata.namespace);
  const pod = podSpecOf(resource);
  const [server, ...others] = blocksOf(pod.container);
  const script = others.find(({ name }) => name === 'scoring');
  const imageOf = (container: JsonObject | undefined) => literal(container?.image) ?? textOf(container?.image);
  const routers = stack.resources.find(
    (candidate) =>
      candidate.type === 'kubernetes_stateful_set_v1' &&
      literal(blockOf(candidate.arguments.metadata).namespace) === namespace &&
      labelsOf(candidate)[PART_OF_LABEL] !== undefined &&
      labelsOf(candidate)[PART_OF_LABEL] === labelsOf(resource)[NAME_LABEL],
  );
  const pods = podsOf(resource, references, cluster);
  const scaled = scaledReplicasOf(objectOf(metadata.annotations));
  return {
    ...pods,
    // a service that is scaled to none is deployed with one all the same, to see that it starts
    replicas: scaled?.min ?? pods.replicas,
    maxReplicas: scaled?.max,
    name: references.nameOf(resource),
    namespace,
    stack: resource.stack,
    path: resource.path,
    component: textOf(labelsOf(resource)[COMPONENT_LABEL]),
    image: imageOf(server) ?? 'none',
    scriptImage: imageOf(script),
    serviceAccount: literal(pod.service_account_name),
    models: modelsOf(objectOf(metadata.annotations)[MODELS_ANNOTATION]),
    address: addressOf(stack.resources, namespace, podLabelsOf(routers ?? resource), references),
    auth: authOf(objectOf(metadata.annotations)),
    routers: routers && podsOf(routers, references, cluster),
  };
}

function labelsOf(resource: SynthesizedResource): JsonObject {
  return objectOf(blockOf(resource.arguments.metadata).labels);
}

function podLabelsOf(resource: SynthesizedResource): JsonObject {
  return objectOf(blockOf(blockOf(blockOf(resource.arguments.spec).template).metadata).labels);
}

/** Deployments that are not of this library may carry anything in the annotation, and then serve no known model. */
function modelsOf(annotation: unknown): ServedModel[] {
  return blocksOf(jsonOf(textOf(annotation))).flatMap((model) =>
    namedVersions(model).map((named) => ({
      ...named,
      holds: blocksOf(model.holds).flatMap(namedVersions),
      description: textOf(model.description),
      tags: isObject(model.tags)
        ? Object.fromEntries(Object.entries(model.tags).map(([tag, text]) => [tag, String(text)]))
        : {},
    })),
  );
}

function namedVersions({ name, versions }: JsonObject): NamedVersions[] {
  const numbers = Array.isArray(versions) ? versions : [];
  return typeof name === 'string'
    ? [{ name, versions: numbers.filter((each): each is number => typeof each === 'number') }]
    : [];
}

/** How many models callers of the services can ask for by different names. */
export function modelCount(services: readonly ServiceSummary[]): number {
  const asked = services.flatMap(({ models }) =>
    models.flatMap((model) => (model.holds.length === 0 ? [model] : model.holds)),
  );
  return new Set(asked.map(({ name }) => name)).size;
}
