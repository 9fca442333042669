import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Manifest, TerraformStack } from 'cdktf';

/** A resource or data source class of a provider's bindings, such as `KubernetesCluster`. */
export interface TerraformClass {
  /** Terraform's name of the type, such as `azurerm_kubernetes_cluster`. */
  readonly tfResourceType: string;
}

/** The arguments of one resource as Terraform reads them, in snake case. */
export type TerraformArguments = Readonly<Record<string, unknown>>;

/** A stack's configuration: kind, type, logical id, arguments. */
type Configuration = { readonly [kind: string]: { readonly [type: string]: { readonly [id: string]: unknown } } };

/**
 * A stack as Terraform gets it, for tests of your own: synthesized as `cdktf synth` does it, aspects and validations
 * included, into a folder that is gone afterwards.
 *
 * ```ts
 * const pool = Template.of(platform.clusterStack).resource(KubernetesClusterNodePool, 'gpu');
 * expect(pool).toMatchObject({ gpu_driver: 'Install' });
 * ```
 */
export class Template {
  /**
   * Synthesizes the whole App of a stack, since stacks depend on each other.
   *
   * @throws ValidationError when the program is refused
   */
  public static of(stack: TerraformStack): Template {
    const outdir = mkdtempSync(join(tmpdir(), 'azure-inference-'));
    try {
      const app = App.of(stack);
      const manifest = new Manifest(String(stack.node.tryGetContext('cdktfVersion')), outdir, false);
      const stacks = app.node.findAll().filter(TerraformStack.isStack);
      for (const each of stacks) {
        each.prepareStack();
      }
      for (const each of stacks) {
        each.synthesizer.synthesize({ outdir, skipValidation: false, manifest });
      }
      const file = join(outdir, manifest.forStack(stack).synthesizedStackPath);
      return new Template(stack.node.id, JSON.parse(readFileSync(file, 'utf8')));
    } finally {
      rmSync(outdir, { recursive: true, force: true });
    }
  }

  private constructor(
    private readonly stackId: string,
    private readonly configuration: Configuration,
  ) {}

  /** The whole configuration, as Terraform reads it. */
  public get json(): TerraformArguments {
    return this.configuration;
  }

  /**
   * The only resource of a class.
   *
   * @param name what its construct path ends with, where the stack has several of the class
   * @throws Error that lists what there is when it is not exactly one
   */
  public resource(type: TerraformClass, name?: string): TerraformArguments {
    return this.only('resource', type, name);
  }

  /** All resources of a class, in the order of their addresses; none is an empty list. */
  public resources(type: TerraformClass): TerraformArguments[] {
    return this.all('resource', type).map(({ values }) => values);
  }

  /**
   * The only data source of a class.
   *
   * @param name what its construct path ends with, where the stack has several of the class
   * @throws Error that lists what there is when it is not exactly one
   */
  public dataSource(type: TerraformClass, name?: string): TerraformArguments {
    return this.only('data', type, name);
  }

  /** All data sources of a class, in the order of their addresses; none is an empty list. */
  public dataSources(type: TerraformClass): TerraformArguments[] {
    return this.all('data', type).map(({ values }) => values);
  }

  /**
   * The value of an output.
   *
   * @throws Error that lists the outputs when there is none of the name
   */
  public output(name: string): unknown {
    const outputs = this.configuration.output ?? {};
    const output = outputs[name];
    if (output === undefined) {
      const names = Object.keys(outputs).join(', ') || 'none';
      throw new Error(`the stack '${this.stackId}' has no output '${name}'; it has: ${names}`);
    }
    return (output as { value?: unknown }).value;
  }

  private only(kind: string, type: TerraformClass, name?: string): TerraformArguments {
    const all = this.all(kind, type);
    const found = name === undefined ? all : all.filter(({ path }) => endsWith(path, name));
    const [first] = found;
    if (first !== undefined && found.length === 1) {
      return first.values;
    }
    const what = `${kind === 'data' ? 'data source' : 'resource'} ${type.tfResourceType}`;
    const wanted = name === undefined ? what : `${what} whose path ends with '${name}'`;
    const list =
      all.length === 0 ? 'it has none of the type' : `it has ${all.map(({ path }) => `'${path}'`).join(', ')}`;
    const advice = found.length > 1 ? '; name the end of its path, or ask for all of them' : '';
    throw new Error(`expected one ${wanted} in the stack '${this.stackId}', found ${found.length}; ${list}${advice}`);
  }

  private all(kind: string, type: TerraformClass): { path: string; values: TerraformArguments }[] {
    const found = Object.values(this.configuration[kind]?.[type.tfResourceType] ?? {});
    return found.map((entry) => {
      const { '//': metadata, ...values } = entry as Record<string, unknown>;
      const path = (metadata as { metadata?: { path?: string } } | undefined)?.metadata?.path ?? '';
      return { path: path.replace(/\/(Resource|resource)$/, ''), values };
    });
  }
}

function endsWith(path: string, name: string): boolean {
  return path === name || path.endsWith(`/${name}`);
}
