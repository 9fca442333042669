import { APP_ROOT, MODELS_ROOT } from './app-root';
import type { EnvironmentRecipe } from './environment-recipe';

/** What a Dockerfile of a scoring script is made of. */
export interface DockerfileOptions {
  /** Base, packages, variables and steps. */
  readonly recipe: EnvironmentRecipe;

  /** The script, as a path below the folder of the application. */
  readonly entryScript: string;

  /** Value of `AZUREML_MODEL_DIR`. */
  readonly modelDirectory: string;

  /** Whether the build context has models. */
  readonly hasModels: boolean;

  /** Labels of the image. */
  readonly labels: { readonly [name: string]: string };
}

/** Names in the build context. */
export const CONTEXT_FILES = {
  dockerfile: 'Dockerfile',
  conda: 'conda.yml',
  requirements: 'requirements.txt',
  source: 'source',
  models: 'azureml-models',
} as const;

/** Where packages and their lists are, beside the environments of Azure ML's own images. */
const ENVIRONMENTS = '/azureml-envs';
const ENVIRONMENT = `${ENVIRONMENTS}/scoring`;

/** A user without rights, by number, since a cluster cannot tell that a name is not root's. */
const USER = '1001';

/** Port of the scoring server where no gateway is before it. */
const PORT = 5001;

/**
 * Loads the server by gunicorn as a pod does, and no script: an image without the two then fails in the registry. Shells
 * have no part in it, since a step may have changed them.
 */
const CHECK = ['gunicorn', '--check-config', '--config=python:azureml_inference_server_http', 'flask:Flask'];

/** An instruction that starts from an image. */
const FROM = /^[ \t]*FROM[ \t]/im;

/** The longest line in bytes: Docker reads lines up to 64 KiB. */
const LINE_BYTES = 65_000;

/** The text of a Dockerfile, for BuildKit and for the builder before it, which registries may still run. */
export function dockerfile({ recipe, entryScript, modelDirectory, hasModels, labels }: DockerfileOptions): string {
  const quoted = (text: string) => dockerQuoted(text, escapeCharacter(recipe.baseDockerfile));
  const parts = [
    recipe.baseDockerfile?.replace(/\n$/, '') ?? `FROM ${recipe.baseImage}`,
    'USER 0',
    ...packageInstructions(recipe),
    ...recipe.dockerfileSteps,
    ...Object.entries(recipe.environmentVariables).map(([name, value]) => `ENV ${name}=${quoted(value)}`),
    `USER ${USER}`,
    `RUN ${JSON.stringify(CHECK)}`,
    '# root owns the files, and all may read them: what is downloaded from a store has the modes 0644 and 0755',
    ...(hasModels ? [`COPY ${CONTEXT_FILES.models}/ ${MODELS_ROOT}/`] : []),
    `COPY ${CONTEXT_FILES.source}/ ${APP_ROOT}/`,
    `ENV AML_APP_ROOT=${APP_ROOT} AZUREML_MODEL_DIR=${quoted(modelDirectory)} PYTHONUNBUFFERED=1`,
    `ENV AZUREML_ENTRY_SCRIPT=${quoted(entryScript)}`,
    `WORKDIR ${APP_ROOT}`,
    `EXPOSE ${PORT}`,
    'ENTRYPOINT []',
    `CMD ${JSON.stringify(['azmlinfsrv', '--entry_script', entryScript])}`,
    // last, since a changed label must build nothing again
    ...Object.entries(labels).map(([name, value]) => `LABEL ${name}=${quoted(oneLine(value))}`),
  ];
  return `${parts.join('\n')}\n`;
}

/** What is wrong with a recipe as a Dockerfile. */
export function dockerfileProblems(recipe: EnvironmentRecipe): string[] {
  const { baseImage, baseDockerfile, dockerfileSteps, environmentVariables } = recipe;
  const escapeWith = escapeCharacter(baseDockerfile);
  const goesOn = (text: string) => text.trimEnd().endsWith(escapeWith);
  const isStaged = !dockerfileSteps.some((step) => step.includes('<<')) && FROM.test(dockerfileSteps.join('\n'));
  return [
    baseImage === undefined && baseDockerfile === undefined && recipe.problems.length === 0
      ? 'the environment names no image to build from; give it a base image or a base Dockerfile'
      : undefined,
    baseDockerfile !== undefined && !FROM.test(baseDockerfile)
      ? "the base Dockerfile has no 'FROM image', which the build starts from; add it"
      : undefined,
    baseDockerfile !== undefined && goesOn(baseDockerfile)
      ? `the base Dockerfile ends with '${escapeWith}', which takes the next line in; remove it`
      : undefined,
    goesOn(dockerfileSteps.at(-1) ?? '')
      ? `the last step of the Dockerfile ends with '${escapeWith}', which takes the next line in; remove it`
      : undefined,
    isStaged
      ? "the steps of the Dockerfile start from another image with 'FROM', so that the packages are lost; write them as a " +
        'base Dockerfile'
      : undefined,
    ...Object.entries(environmentVariables).map(([name, value]) => variableProblem(name, value, escapeWith)),
  ].filter((problem) => problem !== undefined);
}

/** What is doubtful about a recipe as a Dockerfile, and about labels. */
export function dockerfileWarnings(
  { baseDockerfile = '' }: EnvironmentRecipe,
  labels: { readonly [name: string]: string },
): string[] {
  const bases = basesOf(baseDockerfile).filter((image) => !/[@$]|:(?!latest$)[^/]*$/.test(image));
  return [
    ...bases.map(
      (image) =>
        `the base Dockerfile starts from '${image}', which may be another image at each build; name a version by tag or digest`,
    ),
    ...Object.keys(labels)
      .filter((name) => oneLine(labels[name] ?? '') !== labels[name])
      .map((name) => `the label '${name}' of the image is written on one line, since a label cannot have line breaks`),
  ];
}

/** Packages before all else: sources change more often, and what stands before them is built once. */
function packageInstructions({ pip, conda }: EnvironmentRecipe): string[] {
  const requirements = `${ENVIRONMENTS}/${CONTEXT_FILES.requirements}`;
  const list = `${ENVIRONMENTS}/${CONTEXT_FILES.conda}`;
  return [
    ...(pip.length === 0
      ? []
      : [
          `COPY ${CONTEXT_FILES.requirements} ${requirements}`,
          `RUN python -m pip install --no-cache-dir --requirement ${requirements}`,
        ]),
    ...(conda === undefined
      ? []
      : [
          `COPY ${CONTEXT_FILES.conda} ${list}`,
          `RUN PIP_NO_CACHE_DIR=1 conda env create --quiet --prefix ${ENVIRONMENT} --file ${list} && ` +
            'conda clean --all --yes',
          `ENV AZUREML_CONDA_ENVIRONMENT_PATH=${ENVIRONMENT} AZUREML_CONDA_DEFAULT_ENVIRONMENT=${ENVIRONMENT}`,
          `ENV PATH=${ENVIRONMENT}/bin:$PATH`,
          // an empty part would be the working directory
          `ENV LD_LIBRARY_PATH=${ENVIRONMENT}/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}`,
        ]),
  ];
}

/**
 * A text as Docker shall read it: to the letter. What escapes stands outside of the quotation marks, since hadolint takes
 * every one before a quotation mark for its escape.
 *
 * @see https://docs.docker.com/reference/dockerfile/#environment-replacement
 */
function dockerQuoted(text: string, escapeWith: string): string {
  const parts = text.split(escapeWith).map((part) => part.replaceAll(/["$]/g, (sign) => `${escapeWith}${sign}`));
  return `"${parts.join(`"${escapeWith}${escapeWith}"`)}"`;
}

/** The character that escapes, which a Dockerfile may change before its first instruction. */
function escapeCharacter(baseDockerfile = ''): string {
  const lines = baseDockerfile.replace(/^\uFEFF/, '').split('\n');
  const end = lines.findIndex((line) => !/^\s*#\s*[A-Za-z][A-Za-z0-9]*\s*=\s*\S/.test(line));
  const directive = lines.slice(0, Math.max(0, end)).find((line) => /^\s*#\s*escape\s*=/i.test(line));
  return directive?.trim().endsWith('`') === true ? '`' : '\\';
}

/** Images that a Dockerfile starts from, without its own stages and the empty image. */
function basesOf(text: string): string[] {
  const stages = new Set(['scratch']);
  const bases: string[] = [];
  for (const [, image = '', stage = ''] of text.matchAll(
    /^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*(\S+)(?:[ \t]+AS[ \t]+(\S+))?/gim,
  )) {
    bases.push(...(stages.has(image.toLowerCase()) ? [] : [image]));
    stages.add(stage.toLowerCase());
  }
  return bases;
}

function variableProblem(name: string, value: string, escapeWith: string): string | undefined {
  const what = `the environment's variable '${name}'`;
  const remedy = "set it among the service's environmentVariables, which go to the pod and not into the image";
  if (/[\n\0]/.test(value)) {
    return `${what} has a line break or a zero, which a Dockerfile cannot hold; write it on one line, or ${remedy}`;
  }
  return Buffer.byteLength(`ENV ${name}=${dockerQuoted(value, escapeWith)}`) > LINE_BYTES
    ? `${what} is longer than the ${LINE_BYTES} bytes of a line of a Dockerfile; shorten it, or ${remedy}`
    : undefined;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, ' ');
}
