import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { blobPathProblem } from '../blob-path';
import { type Digests, fileDigests, textDigests } from '../digest';
import type { ModelContent } from '../models/model-source';
import { CONTEXT_FILES, dockerfile, dockerfileProblems, dockerfileWarnings } from './dockerfile';
import { entryScriptProblems } from './entry-script';
import type { CondaPackages, EnvironmentRecipe } from './environment-recipe';
import { environmentVariableProblems } from './environment-variables';
import { type SourceFiles, type SourceFilesOptions, sourceFiles } from './source-files';
import { tritonImportWarnings } from './triton-import';

/** A model that becomes part of an image. */
export interface ContextModel {
  /** Name of the model. */
  readonly modelName: string;

  /** Its version. */
  readonly version: number;

  /** Its files. */
  readonly content: ModelContent;
}

/** What an image of a scoring script is made of. */
export interface BuildContextOptions extends SourceFilesOptions {
  /** What there is before the script. */
  readonly recipe: EnvironmentRecipe;

  /** Models that become part of the image. */
  readonly models: readonly ContextModel[];

  /** Value of `AZUREML_MODEL_DIR`. */
  readonly modelDirectory: string;

  /** Labels of the image. */
  readonly labels: { readonly [name: string]: string };
}

/** A file that an image is built from. */
export interface ContextFile {
  /** Path in the build context, with forward slashes, such as `source/score.py`. */
  readonly name: string;

  /** Where a file of the user lies on this machine; nothing where `content` says what is in it. */
  readonly path?: string;

  /** Text of a file that the library writes. */
  readonly content?: string;

  /** MD5 of the contents, in hexadecimal. */
  readonly md5: string;

  /** Size of the contents. */
  readonly sizeBytes: number;
}

/** All that an image is built from. */
export interface BuildContext {
  /** The files, sorted by name; none where something is wrong. */
  readonly files: readonly ContextFile[];

  /** Hash of all names and contents, in hexadecimal; of nothing else, so that every machine has the same. */
  readonly hash: string;

  /** The script as a path below the folder of the application, for `AZUREML_ENTRY_SCRIPT`. */
  readonly entryScript: string;

  /** What is wrong with files, models and environment. */
  readonly problems: readonly string[];

  /** What is doubtful about them. */
  readonly warnings: readonly string[];
}

/** A file and what the hash of the context takes for its contents. */
interface HashedFile extends ContextFile {
  readonly hashed: string;
}

/** Makes the build context of an image. Nothing is thrown: what is wrong is in the result. */
export function buildContext(options: BuildContextOptions): BuildContext {
  const { recipe, labels } = options;
  const sources = sourceFiles(options);
  const read = readSources(sources, recipe);
  const problems = [
    ...sources.problems,
    ...read.problems,
    ...modelProblems(options, sources),
    ...recipe.problems,
    ...dockerfileProblems(recipe),
    ...environmentVariableProblems(recipe.environmentVariables),
  ];
  const warnings = [...sources.warnings, ...recipe.warnings, ...dockerfileWarnings(recipe, labels), ...read.warnings];
  const context = { entryScript: sources.entryScript, problems: [...new Set(problems)], warnings };
  if (problems.length > 0) {
    return { ...context, files: [], hash: '' };
  }
  const files = [...generatedFiles(options, sources), ...read.files, ...modelFiles(options)].sort((one, other) =>
    one.name < other.name ? -1 : 1,
  );
  const hash = createHash('sha256');
  for (const { name, hashed } of files) {
    hash.update(`${name}\0${hashed}\0`);
  }
  return {
    ...context,
    files: files.map(({ hashed: _, ...file }) => file),
    hash: hash.digest('hex').slice(0, 16),
  };
}

function generatedFiles(options: BuildContextOptions, { entryScript }: SourceFiles): HashedFile[] {
  const { recipe, models } = options;
  const hasModels = models.some(({ content }) => content.files.length > 0);
  const text = dockerfile({ ...options, entryScript, hasModels });
  return [
    textFile(CONTEXT_FILES.dockerfile, text),
    ...(recipe.conda === undefined ? [] : [textFile(CONTEXT_FILES.conda, condaText(recipe.conda))]),
    ...(recipe.pip.length === 0 ? [] : [textFile(CONTEXT_FILES.requirements, `${recipe.pip.join('\n')}\n`)]),
  ];
}

/** A conda file as JSON, which is YAML as well. */
function condaText({ channels, packages, pip }: CondaPackages): string {
  const dependencies = [...packages, ...(pip.length === 0 ? [] : [{ pip }])];
  return `${JSON.stringify({ name: 'scoring', channels, dependencies }, null, 2)}\n`;
}

function textFile(name: string, content: string): HashedFile {
  return hashedFile({ name, content }, textDigests(content));
}

/** Reads the files of the user, and judges the script among them. */
function readSources(
  { files, entryScript, title }: SourceFiles,
  recipe: EnvironmentRecipe,
): { files: HashedFile[]; problems: string[]; warnings: string[] } {
  const names = files.map(({ name }) => name);
  const problems: string[] = [];
  const warnings: string[] = [];
  const hashed: HashedFile[] = [];
  for (const { name, path } of files) {
    try {
      hashed.push(hashedFile({ name: `${CONTEXT_FILES.source}/${name}`, path }, fileDigests(path)));
      if (name === entryScript) {
        const contents = readFileSync(path);
        problems.push(...entryScriptProblems(title, contents));
        warnings.push(...tritonImportWarnings(title, contents, recipe, names));
      }
    } catch (error) {
      problems.push(`the file '${name}' cannot be read: ${(error as Error).message}`);
    }
  }
  return { files: hashed, problems, warnings };
}

function modelFiles({ models }: BuildContextOptions): HashedFile[] {
  return models.flatMap((model) =>
    model.content.files.map(({ name, path, md5, sizeBytes }) => ({
      name: `${modelFolderName(model)}/${name}`,
      path,
      md5,
      sizeBytes,
      // the hash of the whole model: to read models twice takes long
      hashed: model.content.hash,
    })),
  );
}

function modelFolderName({ modelName, version }: ContextModel): string {
  return `${CONTEXT_FILES.models}/${modelName}/${version}`;
}

function modelProblems(options: BuildContextOptions, { files, title }: SourceFiles): string[] {
  const names = files.map(({ name }) => name);
  const doubled = options.models
    .map(modelFolderName)
    .filter((folder) => names.some((name) => name.startsWith(`${folder}/`)))
    .map(
      (folder) =>
        `the files beside '${title}' have a folder '${folder}', which is that of a model of the image; leave the folder or ` +
        'the model out',
    );
  const unnamable = modelFiles(options).map(({ name }) => blobPathProblem(name));
  return [...doubled, ...unnamable.filter((problem) => problem !== undefined)];
}

function hashedFile(
  file: Pick<ContextFile, 'name' | 'path' | 'content'>,
  { sha256: hashed, ...digests }: Digests,
): HashedFile {
  return { ...file, ...digests, hashed };
}
