import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, type JsonObject, objectOf, textOf, textsOf } from './terraform-json';

/** What `cdktf synth` wrote, read back. */
export interface SynthesizedOutput {
  /** The stacks, each after the ones it depends on. */
  readonly stacks: readonly SynthesizedStack[];
}

/** One stack: one Terraform configuration with a state of its own. */
export interface SynthesizedStack {
  /** Name of the stack, as `cdktf deploy` takes it. */
  readonly name: string;

  /** Names of the stacks that are deployed before it. */
  readonly dependencies: readonly string[];

  /** What the stack creates, by construct path. */
  readonly resources: readonly SynthesizedResource[];

  /** What the stack reads, by construct path. */
  readonly dataSources: readonly SynthesizedResource[];

  /** Its provider blocks, by provider. */
  readonly providers: JsonObject;

  /** What constructs of it warn of. */
  readonly warnings: readonly { readonly path: string; readonly message: string }[];
}

/** One resource or data source. */
export interface SynthesizedResource {
  /** Name of the stack. */
  readonly stack: string;

  /** Terraform's name of the type, such as `azurerm_storage_account`. */
  readonly type: string;

  /** Name in Terraform's address, after the type. */
  readonly logicalId: string;

  /** Path of the construct, without the `Resource` at its end that says nothing. */
  readonly path: string;

  /** Arguments as Terraform reads them, in snake case. */
  readonly arguments: JsonObject;
}

/**
 * Reads an output folder of cdktf.
 *
 * @param folder where a program was synthesized, such as `cdktf.out`
 * @throws Error of one line when there is no such folder, or when it was not written by `cdktf synth`
 */
export function readSynthesizedOutput(folder: string): SynthesizedOutput {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    const found = existsSync(folder) ? 'is a file' : 'does not exist';
    throw new Error(
      `the output folder '${folder}' ${found}; run 'cdktf synth' or the program first, or name another with --output`,
    );
  }
  const manifestFile = join(folder, 'manifest.json');
  if (!existsSync(manifestFile)) {
    throw new Error(
      `the folder '${folder}' holds no manifest.json, so it is no output of cdktf; ` +
        "run 'cdktf synth' or the program first, or name another with --output",
    );
  }
  const entries = readJson(manifestFile).stacks;
  if (!isObject(entries)) {
    throw new Error(
      `the file '${manifestFile}' names no stacks, so it is no manifest of cdktf; run 'cdktf synth' again`,
    );
  }
  const stacks = Object.entries(entries).map(([name, entry]) => readStack(folder, name, objectOf(entry)));
  return { stacks: inDeploymentOrder(stacks) };
}

function readStack(folder: string, name: string, entry: JsonObject): SynthesizedStack {
  const file = join(folder, textOf(entry.synthesizedStackPath) ?? join('stacks', name, 'cdk.tf.json'));
  if (!existsSync(file)) {
    throw new Error(`the manifest names the stack '${name}', but '${file}' does not exist; run 'cdktf synth' again`);
  }
  const configuration = readJson(file);
  return {
    name,
    dependencies: textsOf(entry.dependencies),
    resources: readResources(name, configuration.resource),
    dataSources: readResources(name, configuration.data),
    providers: objectOf(configuration.provider),
    warnings: readWarnings(entry.annotations),
  };
}

/** The level of a warning, as cdktf writes it; notes and errors lie beside them. */
const WARNING = '@cdktf/warn';

function readWarnings(annotations: unknown): SynthesizedStack['warnings'] {
  return (Array.isArray(annotations) ? annotations : []).map(objectOf).flatMap(({ level, constructPath, message }) => {
    const isWhole = level === WARNING && typeof message === 'string';
    return isWhole ? [{ path: textOf(constructPath) ?? '', message }] : [];
  });
}

function readResources(stack: string, byType: unknown): SynthesizedResource[] {
  const resources = Object.entries(objectOf(byType)).flatMap(([type, byId]) =>
    Object.entries(objectOf(byId)).map(([logicalId, value]) => {
      const { '//': comment, ...rest } = objectOf(value);
      const path = textOf(objectOf(objectOf(comment).metadata).path) ?? `${stack}/${logicalId}`;
      return { stack, type, logicalId, path: path.replace(/\/(Resource|resource)$/, ''), arguments: rest };
    }),
  );
  return resources.sort((a, b) => compare(a.path, b.path) || compare(a.type, b.type));
}

function readJson(file: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const reason = String((error as Error).message).split('\n')[0];
    throw new Error(`the file '${file}' is not JSON (${reason}); run 'cdktf synth' again, without --hcl`);
  }
  if (!isObject(value)) {
    throw new Error(`the file '${file}' holds no JSON object; run 'cdktf synth' again, without --hcl`);
  }
  return value;
}

/** Each stack after its dependencies; where that leaves a choice, the one whose name is nearer to A. */
function inDeploymentOrder(stacks: readonly SynthesizedStack[]): SynthesizedStack[] {
  const waiting = [...stacks].sort((a, b) => compare(a.name, b.name));
  const ordered: SynthesizedStack[] = [];
  while (waiting.length > 0) {
    const names = new Set(waiting.map(({ name }) => name));
    const next = waiting.findIndex(({ dependencies }) => !dependencies.some((dependency) => names.has(dependency)));
    // cdktf refuses a circle of stacks; an output with one was edited, and is shown in the order of names
    ordered.push(...waiting.splice(Math.max(next, 0), 1));
  }
  return ordered;
}

/** Compares by code unit: the order of `localeCompare` depends on the machine. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
