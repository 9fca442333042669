import type { SynthesizedOutput, SynthesizedResource, SynthesizedStack } from './synthesized-output';
import { isObject } from './terraform-json';

/** A reference to an attribute: `${azurerm_resource_group.main.name}`, `${data.azurerm_client_config.me.object_id}`. */
export interface Reference {
  /** What it points at, where the stack has it. */
  readonly resource: SynthesizedResource;

  /** The attribute, such as `name` or `metadata[0].name`. */
  readonly attribute: string;

  /** Whether it points at a data source. */
  readonly isDataSource: boolean;
}

const REFERENCE = /^\$\{(data\.)?([a-z][a-z0-9_]*)\.([\w-]+)\.([\w.[\]]+)\}$/;

/** References that lead to references end somewhere; a circle, which Terraform would refuse, ends here. */
const MAX_STEPS = 8;

/** Follows the references of a synthesized program. */
export class References {
  private readonly stacks: ReadonlyMap<string, SynthesizedStack>;

  constructor(output: SynthesizedOutput) {
    this.stacks = new Map(output.stacks.map((stack) => [stack.name, stack]));
  }

  /** What a value points at; nothing when it is no plain reference. */
  public target(stack: string, value: unknown): Reference | undefined {
    const match = typeof value === 'string' ? REFERENCE.exec(value) : null;
    if (match === null) {
      return undefined;
    }
    const [, data, type, logicalId, attribute = ''] = match;
    const where = this.stacks.get(stack);
    const candidates = (data === undefined ? where?.resources : where?.dataSources) ?? [];
    const resource = candidates.find((candidate) => candidate.type === type && candidate.logicalId === logicalId);
    return resource && { resource, attribute, isDataSource: data !== undefined };
  }

  /** The text that a value comes to before anything is deployed; nothing when only Azure will know it. */
  public literal(stack: string, value: unknown, steps = MAX_STEPS): string | undefined {
    if (typeof value === 'string' && !value.includes('${')) {
      return value;
    }
    const target = steps > 0 ? this.target(stack, value) : undefined;
    return target && this.literal(stack, valueAt(target.resource.arguments, target.attribute), steps - 1);
  }

  /** Name of a resource: Azure's or Kubernetes', or the end of its construct path where only Azure will know it. */
  public nameOf(resource: SynthesizedResource): string {
    const name = resource.arguments.name ?? valueAt(resource.arguments, 'metadata[0].name');
    return this.literal(resource.stack, name) ?? resource.path.split('/').slice(1).join('/');
  }

  /** Name of the resource group of a resource, in lower case, as ids compare. */
  public groupOf(resource: SynthesizedResource): string | undefined {
    return this.literal(resource.stack, resource.arguments.resource_group_name)?.toLowerCase();
  }
}

/** A value inside arguments; the first of a list and a single block are the same to Terraform. */
function valueAt(value: unknown, attribute: string): unknown {
  let found = value;
  for (const step of attribute.split(/[.[\]]+/).filter((part) => part !== '')) {
    if (Array.isArray(found)) {
      found = found[Number(step)];
    } else if (isObject(found)) {
      found = step === '0' ? found : found[step];
    } else {
      return undefined;
    }
  }
  return found;
}
