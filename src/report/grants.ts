import type { Target, Targets } from './arm-target';
import type { References } from './references';
import { kindOf } from './resource-purposes';
import type { ServiceSummary } from './services';
import type { SynthesizedOutput, SynthesizedResource } from './synthesized-output';
import { blockOf, blocksOf, textOf, textsOf } from './terraform-json';

/** What acts with a right. */
export enum ActorKind {
  /** The pods of a service. */
  SERVICE = 'service',

  /** The nodes of a cluster, which pull images. */
  CLUSTER_NODES = 'cluster nodes',

  /** The control plane of a cluster. */
  CONTROL_PLANE = 'control plane',

  /** An Azure ML workspace. */
  WORKSPACE = 'workspace',

  /** Who runs Terraform. */
  DEPLOYER = 'deployer',

  /** Anything else. */
  OTHER = 'other',
}

/** Somebody or something that acts with a right. */
export interface Actor {
  /** What it is. */
  readonly kind: ActorKind;

  /** What a person calls it, such as `service digit-reader`. */
  readonly label: string;

  /** Path of its construct, where the program has one. */
  readonly path?: string;
}

/** One right: who may do what where. */
export interface Grant {
  /** Who acts with the right: more than one when they share an identity. */
  readonly actors: readonly Actor[];

  /** Path of the identity that the actors run as; nothing for people and for what Azure names later. */
  readonly identityPath?: string;

  /** Name of the role. */
  readonly role: string;

  /** Where the role holds. */
  readonly target: Target;

  /** Name of the stack that gives the right. */
  readonly stack: string;
}

/** Reads who may do what where from role assignments. */
export class GrantReader {
  private readonly resources: readonly SynthesizedResource[];

  constructor(
    output: SynthesizedOutput,
    private readonly references: References,
    private readonly targets: Targets,
    private readonly services: readonly ServiceSummary[],
  ) {
    this.resources = output.stacks.flatMap((stack) => stack.resources);
  }

  /** All rights, in deployment order. */
  public read(): Grant[] {
    return this.resources
      .filter(({ type }) => type === 'azurerm_role_assignment')
      .map((assignment) => {
        const { role_definition_name: name, role_definition_id: id, scope } = assignment.arguments;
        return {
          ...this.whoIs(assignment),
          role: textOf(name) ?? `role ${textOf(id)?.split('/').at(-1) ?? 'known when deployed'}`,
          target: this.targets.find(assignment.stack, scope),
          stack: assignment.stack,
        };
      });
  }

  private whoIs(assignment: SynthesizedResource): Pick<Grant, 'actors' | 'identityPath'> {
    const { principal_id: principal, principal_type: type } = assignment.arguments;
    const reference = this.references.target(assignment.stack, principal);
    if (reference?.resource.type === 'azurerm_user_assigned_identity') {
      const identity = this.targets.find(assignment.stack, principal);
      return { actors: this.actorsOf(identity), identityPath: identity.resource?.path };
    }
    if (reference?.resource.type === 'azurerm_client_config') {
      return { actors: [{ kind: ActorKind.DEPLOYER, label: 'whoever deploys' }] };
    }
    if (reference !== undefined) {
      return { actors: [this.ofItsOwn(assignment.stack, principal, reference.attribute)] };
    }
    const literal = this.references.literal(assignment.stack, principal);
    const label = `${textOf(type)?.toLowerCase() ?? 'principal'} ${literal ?? 'known when deployed'}`;
    // the library's construct for those who deploy
    const deployer = assignment.path.split('/').includes('deployers');
    return {
      actors: [
        deployer
          ? { kind: ActorKind.DEPLOYER, label: `deployer ${literal ?? ''}`.trim() }
          : { kind: ActorKind.OTHER, label },
      ],
    };
  }

  /** A resource with an identity that Azure makes for it. */
  private ofItsOwn(stack: string, principal: unknown, attribute: string): Actor {
    const target = this.targets.find(stack, principal);
    if (target.kind === kindOf('azurerm_kubernetes_cluster')) {
      return attribute.startsWith('kubelet_identity') ? nodesOf(target) : controlPlaneOf(target);
    }
    return actorFor(target);
  }

  private actorsOf(identity: Target): Actor[] {
    const actors = this.resources.flatMap((resource) => this.runningAs(identity, resource));
    const unique = actors.filter(({ label }, index) => actors.findIndex((other) => other.label === label) === index);
    return unique.length > 0
      ? unique
      : [{ kind: ActorKind.OTHER, label: `identity ${identity.name}`, path: identity.resource?.path }];
  }

  /** What of a resource, if anything, runs as an identity. */
  private runningAs(identity: Target, resource: SynthesizedResource): Actor[] {
    const { arguments: args, stack } = resource;
    const isIdentity = (id: unknown) => id !== undefined && same(this.targets.find(stack, id), identity);
    if (resource.type === 'azurerm_federated_identity_credential') {
      return isIdentity(args.parent_id ?? args.user_assigned_identity_id) ? this.podsOf(resource) : [];
    }
    const itself = this.targets.ofResource(resource);
    const isCluster = resource.type === 'azurerm_kubernetes_cluster';
    const asNodes = blocksOf(args.kubelet_identity).some((block) => isIdentity(block.user_assigned_identity_id));
    const asItself = textsOf(blockOf(args.identity).identity_ids).some(isIdentity);
    return [
      ...(asNodes ? [nodesOf(itself)] : []),
      ...(asItself ? [isCluster ? controlPlaneOf(itself) : actorFor(itself)] : []),
    ];
  }

  /** The pods that a federated credential believes. */
  private podsOf(credential: SynthesizedResource): Actor[] {
    const subject = this.references.literal(credential.stack, credential.arguments.subject) ?? '';
    const match = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(subject);
    if (match === null) {
      return [{ kind: ActorKind.OTHER, label: `holder of a token for ${subject || 'a subject known when deployed'}` }];
    }
    const [, namespace, serviceAccount] = match;
    const services = this.services.filter(
      (service) => service.namespace === namespace && service.serviceAccount === serviceAccount,
    );
    return services.length > 0
      ? services.map(({ name, path }) => ({ kind: ActorKind.SERVICE, label: `service ${name}`, path }))
      : [{ kind: ActorKind.OTHER, label: `pods of service account ${namespace}/${serviceAccount}` }];
  }
}

function actorFor(target: Target): Actor {
  const workspace = target.kind === kindOf('azurerm_machine_learning_workspace');
  const kind = workspace ? ActorKind.WORKSPACE : ActorKind.OTHER;
  return { kind, label: `${target.kind} ${target.name}`, path: target.resource?.path };
}

function nodesOf(cluster: Target): Actor {
  return { kind: ActorKind.CLUSTER_NODES, label: `nodes of cluster ${cluster.name}`, path: cluster.resource?.path };
}

function controlPlaneOf(cluster: Target): Actor {
  const label = `control plane of cluster ${cluster.name}`;
  return { kind: ActorKind.CONTROL_PLANE, label, path: cluster.resource?.path };
}

function same(a: Target, b: Target): boolean {
  return a.resource !== undefined ? a.resource === b.resource : a.kind === b.kind && a.name === b.name;
}
