import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ModelContent } from '../models/model-source';

/** A model of Triton among the files of a registered model. */
export interface TritonModel {
  /** Name under which Triton serves it. */
  readonly name: string;

  /** Its files, by path inside of it. */
  readonly content: ModelContent;

  /** Where it lies among the registered files, such as `triton/bidaf-9/`; empty where it is all of them. */
  readonly prefix: string;
}

const FOLDER = /^triton\/([^/]+)\/(.+)$/;

/** The models below `triton/` that have been asked for: what is kept by their contents is found again. */
const FOLDERS = new WeakMap<ModelContent, readonly TritonModel[]>();

/**
 * The models that a registered model holds: itself, or each folder below a top-level `triton/`, as Azure ML registers
 * models for Triton. What lies beside that folder is for others than Triton.
 *
 * @see https://learn.microsoft.com/azure/machine-learning/how-to-deploy-with-triton
 */
export function tritonModels(modelName: string, content: ModelContent): readonly TritonModel[] {
  const models = FOLDERS.get(content) ?? modelsBelow(content);
  FOLDERS.set(content, models);
  return models.length === 0 ? [{ name: modelName, content, prefix: '' }] : models;
}

/** The models of Triton that all of these registered models hold. */
export function modelsForTriton(
  registered: readonly { readonly modelName: string; readonly content: ModelContent }[],
): readonly TritonModel[] {
  return registered.flatMap(({ modelName, content }) => tritonModels(modelName, content));
}

/**
 * Where a server finds the models of a registered model, below the folder that its own folder lies in: there, or in its
 * folder `triton`.
 */
export function repositoryFolder(modelName: string, content: ModelContent): string {
  return tritonModels(modelName, content).some(({ prefix }) => prefix !== '') ? `/${modelName}/triton` : '';
}

/** The models below `triton/`; none where the files are those of one model. */
function modelsBelow(content: ModelContent): readonly TritonModel[] {
  const isOneModel = content.files.some(({ name }) => name === 'config.pbtxt' || /^[1-9]\d*\//.test(name));
  const names = isOneModel ? [] : content.files.flatMap(({ name }) => FOLDER.exec(name)?.[1] ?? []);
  return [...new Set(names)].map((name) => ({
    name,
    content: contentBelow(content, name),
    prefix: `triton/${name}/`,
  }));
}

function contentBelow(content: ModelContent, model: string): ModelContent {
  const files = content.files.flatMap((file) => {
    const [, folder, name] = FOLDER.exec(file.name) ?? [];
    return folder === model && name !== undefined ? [{ ...file, name }] : [];
  });
  const hash = createHash('sha256');
  for (const { name, md5 } of files) {
    hash.update(`${name}\0${md5}\0`);
  }
  return {
    ...content,
    folder: join(content.folder, 'triton', model),
    files,
    hash: hash.digest('hex').slice(0, 16),
    problems: [],
  };
}
