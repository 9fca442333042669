import { clusterHost } from '../kubernetes/cluster-host';
import { Exposure } from '../kubernetes/exposure';
import { INTERNAL_ADDRESS_ANNOTATION, SERVICE_ANNOTATION } from '../kubernetes/labels';
import { AuthMode } from '../scoring/service-auth';
import type { Range } from './cost';
import type { References } from './references';
import type { SynthesizedResource } from './synthesized-output';
import { blockOf, blocksOf, type JsonObject, jsonOf, numberOf, objectOf, textOf, textsOf } from './terraform-json';

/** A port that callers use. */
export interface ServicePort {
  /** Its number. */
  readonly number: number;

  /** Its name, such as `grpc`. */
  readonly name?: string;
}

/** Where a service answers. */
export interface ServiceAddress {
  /** From where it is reached. */
  readonly exposure: Exposure;

  /** Its name inside the cluster; nothing where callers use the address of a load balancer. */
  readonly host?: string;

  /** The ports. */
  readonly ports: readonly ServicePort[];

  /** Networks that may reach a load balancer; none for all. */
  readonly sourceRanges: readonly string[];
}

/**
 * Where callers reach pods.
 *
 * @param resources what the stack of the pods creates
 * @param labels labels of the pods that calls go to first
 */
export function addressOf(
  resources: readonly SynthesizedResource[],
  namespace: string | undefined,
  labels: JsonObject,
  references: References,
): ServiceAddress | undefined {
  const resource = resources
    .filter(({ type }) => type === 'kubernetes_service_v1' || type === 'kubernetes_service')
    .filter(({ arguments: { spec } }) => blockOf(spec).cluster_ip !== 'None')
    .filter(({ stack, arguments: { metadata } }) => {
      return references.literal(stack, blockOf(metadata).namespace) === namespace;
    })
    .find(({ arguments: { spec } }) => selects(objectOf(blockOf(spec).selector), labels));
  if (resource === undefined) {
    return undefined;
  }
  const metadata = blockOf(resource.arguments.metadata);
  const spec = blockOf(resource.arguments.spec);
  const balanced = spec.type === 'LoadBalancer';
  const internal = objectOf(metadata.annotations)[INTERNAL_ADDRESS_ANNOTATION] === 'true';
  return {
    exposure: balanced ? (internal ? Exposure.INTERNAL : Exposure.PUBLIC) : Exposure.CLUSTER,
    host: balanced ? undefined : clusterHost(references.nameOf(resource), namespace ?? 'default'),
    ports: blocksOf(spec.port).flatMap(({ port, name }) => {
      const number = numberOf(port);
      return number === undefined ? [] : [{ number, name: textOf(name) }];
    }),
    sourceRanges: textsOf(spec.load_balancer_source_ranges),
  };
}

/** What callers must show, by what the service says of itself; nothing where it says nothing. */
export function authOf(annotations: JsonObject): AuthMode | undefined {
  const { auth } = saidIn(annotations);
  return Object.values(AuthMode).find((mode) => mode === auth);
}

/** The fewest and the most replicas of a service that is scaled by its load; nothing where their number is fixed. */
export function scaledReplicasOf(annotations: JsonObject): Range | undefined {
  const { min, max } = objectOf(saidIn(annotations).replicas);
  return typeof min === 'number' && typeof max === 'number' ? { min, max } : undefined;
}

/** What a service says of itself. */
function saidIn(annotations: JsonObject): JsonObject {
  const text = textOf(annotations[SERVICE_ANNOTATION]);
  // what Terraform fills in may hold quotes, which end no text of the JSON around it
  return objectOf(jsonOf(text?.replaceAll(/\$\{[^}]*\}/g, '')));
}

function selects(selector: JsonObject, labels: JsonObject): boolean {
  const wanted = Object.entries(selector);
  return wanted.length > 0 && wanted.every(([name, value]) => labels[name] === value);
}
