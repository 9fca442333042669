import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import {
  Annotations,
  App,
  Aspects,
  DISABLE_STACK_TRACE_IN_METADATA,
  type IAspect,
  type TerraformBackend,
  TerraformElement,
  type TerraformOutput,
  type TerraformRemoteState,
  TerraformResource,
  TerraformStack,
} from 'cdktf';
import type { Construct, IConstruct } from 'constructs';
import { subscriptionIdProblem } from '../src/azure/subscription-id';
import { type Problem, ValidationError } from '../src/errors';
import { refuse, refuseAtSynth } from '../src/validation';
import { nameClashes } from './private/unique-names';
import { StateBackend } from './state-backend';

/** Options of every stack of this library. */
export interface PlatformStackOptions {
  /** Id of the subscription, a literal. */
  readonly subscriptionId: string;

  /**
   * Where Terraform keeps the state of the stack.
   *
   * @default StateBackend.local()
   */
  readonly backend?: StateBackend;

  /**
   * Tags of every Azure resource of the stack that takes tags; a resource's own win.
   *
   * @default - none
   */
  readonly tags?: { readonly [name: string]: string };
}

/** Properties of `PlatformStack`. */
export interface PlatformStackProps extends PlatformStackOptions {
  /**
   * Whether the stack holds what outlives a mistake. Without protection, destroying it also removes what Azure made in
   * its resource groups by itself, and purges what Azure would keep for a while.
   *
   * @default true
   */
  readonly protect?: boolean;

  /**
   * Resource providers of Azure that the subscription must know, besides those that azurerm registers by itself, such as
   * `Microsoft.Monitor`.
   *
   * @default - none
   * @see https://registry.terraform.io/providers/hashicorp/azurerm/4.55.0/docs#resource-provider-registrations
   */
  readonly resourceProviders?: readonly string[];
}

/**
 * One Terraform state of a platform: providers, backend, and what cdktf leaves to its users.
 *
 * It stands directly in the App; its id is the name that `cdktf deploy` knows it by.
 */
export abstract class PlatformStack extends TerraformStack {
  /** Id of the subscription. */
  public readonly subscriptionId: string;

  private readonly backend: StateBackend;
  private readonly reads = new Set<TerraformStack>();
  private isRead = false;

  constructor(scope: Construct, id: string, props: PlatformStackProps) {
    super(scope, id);
    if (!App.isApp(scope)) {
      throw new ValidationError([
        {
          path: this.node.path,
          message:
            `a stack stands directly in the App; got one inside '${scope.node.path}', where cdktf knows it as '${id}' ` +
            `and looks for it as '${this.node.path}'; pass the App as its scope`,
        },
      ]);
    }
    // the trace of a warning holds the paths of this machine, and would be written with it
    this.node.setContext(DISABLE_STACK_TRACE_IN_METADATA, true);
    this.subscriptionId = props.subscriptionId;
    this.backend = props.backend ?? StateBackend.local();
    refuse(this, [subscriptionIdProblem(props.subscriptionId)]);
    refuseAtSynth(this, () => [...this.logicalIdProblems(), ...this.crossingProblems()]);
    this.guardOutput();

    const protect = props.protect ?? true;
    new AzurermProvider(this, 'azurerm', {
      subscriptionId: props.subscriptionId,
      // with shared keys off, blobs are written with the deployer's own token
      storageUseAzuread: true,
      resourceProvidersToRegister: props.resourceProviders && [...props.resourceProviders],
      features: [
        {
          // else azurerm asks a new account for its queues, which shared keys alone could open
          storage: [{ dataPlaneAvailable: false }],
          resourceGroup: [{ preventDeletionIfContainsResources: protect }],
          machineLearning: [{ purgeSoftDeletedWorkspaceOnDestroy: !protect }],
        },
      ],
    });
    if (props.tags !== undefined) {
      Aspects.of(this).add(new DefaultTags(props.tags));
    }
  }

  public override ensureBackendExists(): TerraformBackend {
    const existing = this.node.tryFindChild('backend');
    return existing === undefined ? this.backend.bind(this) : (existing as TerraformBackend);
  }

  /** Like cdktf's own, which visits a stack once for every way to it: exponentially often. */
  public override dependsOn(stack: TerraformStack): boolean {
    const visited = new Set<TerraformStack>();
    const waiting: TerraformStack[] = [this];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      for (const dependency of next.dependencies) {
        if (dependency === stack) {
          return true;
        }
        if (!visited.has(dependency)) {
          visited.add(dependency);
          waiting.push(dependency);
        }
      }
    }
    return false;
  }

  public override addDependency(dependency: TerraformStack): void {
    if (!this.dependencies.includes(dependency)) {
      super.addDependency(dependency);
    }
  }

  public override registerOutgoingCrossStackReference(identifier: string): TerraformOutput {
    this.isRead = true;
    return super.registerOutgoingCrossStackReference(identifier);
  }

  public override registerIncomingCrossStackReference(fromStack: TerraformStack): TerraformRemoteState {
    this.reads.add(fromStack);
    return super.registerIncomingCrossStackReference(fromStack);
  }

  /** Judges the whole App before the first stack of this library is written, so that one error names every mistake. */
  public override runAllValidations(): void {
    const judged = this.isFirst() ? App.of(this) : this;
    const clashes = judged === this ? undefined : nameClashes(judged);
    const problems: Problem[] = judged.node.findAll().flatMap((construct) =>
      [...construct.node.validate(), ...(clashes?.get(construct) ?? [])].map((message) => ({
        path: construct.node.path,
        message,
      })),
    );
    if (problems.length > 0) {
      throw new ValidationError(problems.filter(isNew));
    }
  }

  private isFirst(): boolean {
    return App.of(this).node.children.find((child) => child instanceof PlatformStack) === this;
  }

  /** cdktf drops one of two resources of the same logical id without a word. */
  private logicalIdProblems(): string[] {
    const elements = this.node
      .findAll()
      .filter((node): node is TerraformElement => TerraformElement.isTerraformElement(node));
    const owners = new Map<string, string>();
    return elements.flatMap((element) => {
      const kind = TerraformResource.isTerraformResource(element)
        ? element.terraformResourceType
        : element.constructor.name;
      const key = `${kind}.${element.friendlyUniqueId}`;
      const owner = owners.get(key);
      owners.set(key, element.node.path);
      return owner === undefined || owner === element.node.path
        ? []
        : [
            `'${owner}' and '${element.node.path}' come out as the same Terraform address '${key}', and one of them ` +
              'would be lost; give one an id that differs in letters or digits',
          ];
    });
  }

  /** What cdktf would make of tokens that cross stacks: a copy of one state in the plans of the other. */
  private crossingProblems(): string[] {
    const read = [...this.reads].flatMap((stack) => crossings(stack, this));
    if (!this.isRead) {
      return read;
    }
    // stacks of this library report their own reading
    const readers = stacksOf(this).filter((stack) => !(stack instanceof PlatformStack));
    return [...read, ...readers.flatMap((reader) => crossings(this, reader))];
  }

  /** Keeps the output folder free of what an earlier run left in it and Terraform would trip over. */
  private guardOutput(): void {
    const { synthesizer } = this;
    this.synthesizer = {
      synthesize: (session) => {
        const stacks = join(session.outdir, 'stacks');
        // Terraform reads it beside cdk.tf.json and finds every provider twice
        rmSync(join(stacks, this.node.id, 'cdk.tf'), { force: true });
        this.warnOfStaleStacks(stacks);
        synthesizer.synthesize(session);
      },
    };
  }

  private warnOfStaleStacks(folder: string): void {
    if (!this.isFirst() || !existsSync(folder)) {
      return;
    }
    const known = new Set(stacksOf(this).map((stack) => stack.node.id));
    for (const stale of foldersIn(folder).filter((name) => !known.has(name))) {
      Annotations.of(this).addWarning(
        `the output folder still holds the stack '${stale}', which the program no longer has; destroy it with the ` +
          `program that made it if it is deployed ('terraform -chdir=${join(folder, stale)} destroy'), then delete the folder`,
      );
    }
  }
}

/** All stacks of the App that a stack is part of. */
function stacksOf(stack: TerraformStack): TerraformStack[] {
  return App.of(stack).node.findAll().filter(TerraformStack.isStack);
}

function crossings(source: TerraformStack, reader: TerraformStack): string[] {
  return readersOf(source, reader).map(
    (path) =>
      `'${path}' reads a token of the stack '${source.node.id}', which would copy that stack's whole state, secrets ` +
      "included, into its own plans; pass what 'idFor(scope)' and 'nameFor(scope)' return, or read the value " +
      'with a data source',
  );
}

/** Paths of what reads the state of a stack; the synthesized blocks still say where they come from. */
function readersOf(source: TerraformStack, reader: TerraformStack): string[] {
  const remoteState = `data.terraform_remote_state.cross-stack-reference-input-${source.node.path}.`;
  const { resource, data, ephemeral, provider, output } = reader.toTerraform() as Record<string, object | undefined>;
  const blocks = [resource, data, ephemeral].flatMap((types) =>
    Object.values(types ?? {}).flatMap((blocks) => Object.values(blocks)),
  );
  const paths = blocks
    .filter((block) => JSON.stringify(block).includes(remoteState))
    .map((block) => (block as { '//'?: { metadata?: { path?: string } } })['//']?.metadata?.path ?? reader.node.path);
  const others = JSON.stringify([provider, output]).includes(remoteState) ? [reader.node.path] : [];
  return [...paths, ...others];
}

function foldersIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

function isNew(problem: Problem, index: number, all: readonly Problem[]): boolean {
  return all.findIndex((other) => other.path === problem.path && other.message === problem.message) === index;
}

/** azurerm has no tags for all resources of a provider. */
class DefaultTags implements IAspect {
  constructor(private readonly tags: { readonly [name: string]: string }) {}

  public visit(node: IConstruct): void {
    const resource = node as IConstruct & { tags?: object; tagsInput?: object };
    if (TerraformResource.isTerraformResource(node) && 'tagsInput' in node) {
      resource.tags = { ...this.tags, ...resource.tagsInput };
    }
  }
}
