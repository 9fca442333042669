import { basePythons, DEFAULT_PYTHON } from './base-images';
import { TELEMETRY_PACKAGE } from './gunicorn/telemetry';
import { condaSpec, type PackageLine, type PackageSpec, permits, pipName, pipSpec } from './package-spec';

/** Name of Azure ML's scoring server on PyPI. */
const SERVER = 'azureml-inference-server-http';

/**
 * Release of the scoring server that services are made for.
 *
 * @see https://pypi.org/project/azureml-inference-server-http/1.5.1/
 */
const SERVER_VERSION = '1.5.1';

/** The release lines of Python 3 that the server's release names. */
const OLDEST_PYTHON = 9;
const NEWEST_PYTHON = 12;

const SERVER_PYTHONS = Array.from({ length: NEWEST_PYTHON - OLDEST_PYTHON + 1 }, (_, index) => OLDEST_PYTHON + index);

/** The packages of one environment. */
export interface Packages {
  /** What conda installs; nothing where no conda environment is made. */
  readonly conda?: readonly PackageLine[];

  /** What pip installs. */
  readonly pip: readonly PackageLine[];
}

/** What is said of the packages of an environment. */
export interface Judgement {
  /** Packages that cannot be installed any more. */
  readonly problems: readonly string[];

  /** Packages that work, and that one should part with. */
  readonly warnings: readonly string[];
}

const SDK_V1_END = "part of Azure ML's SDK v1, which nobody supports since 2026-06-30";

/**
 * Packages of Azure ML that scripts of its older services list, and what to do.
 *
 * @see https://learn.microsoft.com/azure/machine-learning/concept-v2
 */
const RETIRED: ReadonlyMap<string, string> = new Map([
  [
    'azureml-core',
    `is ${SDK_V1_END}; leave it out where the script takes Model.get_model_path of it alone, which works without it`,
  ],
  [
    'azureml-defaults',
    `brings the scoring server together with azureml-core, ${SDK_V1_END}; leave it out: the server is installed without it`,
  ],
  ['azureml-sdk', `is ${SDK_V1_END}; leave it out, and name the packages that the script imports`],
  [
    'azureml-contrib-services',
    `is ${SDK_V1_END}; leave it out: the scoring server brings azureml.contrib.services itself`,
  ],
]);

/** What is said of the packages of an environment. */
export function judgePackages({ conda = [], pip }: Packages): Judgement {
  const judged = [...conda.map((line) => ({ line, spec: condaSpec(line.text), isConda: true })), ...specsOf(pip)];
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const { line, spec, isConda } of judged) {
    const problem = spec && deadProblem(spec, line, isConda);
    const warning = spec && (retiredWarning(spec) ?? pythonWarning(spec, isConda) ?? serverWarning(spec));
    if (problem !== undefined) {
      problems.push(`${line.origin}: ${problem}`);
    } else if (warning !== undefined) {
      warnings.push(`${line.origin}: ${warning}`);
    }
  }
  return { problems, warnings };
}

/** What pip must install besides so that there is a scoring server; nothing where the environment names one. */
export function missingServer({ conda = [], pip }: Packages): string | undefined {
  const specs = [...conda.map(({ text }) => condaSpec(text)), ...pip.map(({ text }) => pipSpec(text))];
  const find = (name: string) => specs.find((spec) => spec !== undefined && pipName(spec.name) === name);
  if (find(SERVER) !== undefined) {
    return undefined;
  }
  // azureml-defaults of one release asks for servers of its time, among which pip must find one
  const isPinned = (find('azureml-defaults')?.versions ?? '') !== '';
  return isPinned ? SERVER : `${SERVER}==${SERVER_VERSION}`;
}

/** Why a script cannot send telemetry: the environment names a server that does not bring what sends it, nor that itself. */
export function telemetryProblem({ conda = [], pip }: Packages): string | undefined {
  const specs = [...conda.map(({ text }) => condaSpec(text)), ...pip.map(({ text }) => pipSpec(text))];
  const find = (name: string) => specs.find((spec) => spec !== undefined && pipName(spec.name) === name);
  const server = find(SERVER);
  return server === undefined || permits(server.versions, 1, 5) || find(TELEMETRY_PACKAGE) !== undefined
    ? undefined
    : `enableAppInsights needs the package ${TELEMETRY_PACKAGE}, which ${SERVER} brings from 1.5.0 on; got ` +
        `'${SERVER}${server.versions}'; leave the server out of the environment, or add the package to it`;
}

/** What is wrong with a release line of Python that the program names. */
export function pythonProblem(python: string): string | undefined {
  const isRelease = /^3\.\d+(\.\d+)?$/.test(python);
  return isRelease && SERVER_PYTHONS.some((minor) => permits(`=${python}`, 3, minor))
    ? undefined
    : `python must be a release that the scoring server runs on, 3.${OLDEST_PYTHON} to 3.${NEWEST_PYTHON}, as a text ` +
        `such as '${DEFAULT_PYTHON}'; got '${python}'`;
}

/** What is wrong with the Python of a base image that pip installs into. */
export function basePythonProblem(gpu: boolean, python: string): string {
  return (
    `python '${python}' is in none of Azure ML's base images ${gpu ? 'with' : 'without'} CUDA, which have ` +
    `${basePythons(gpu).join(' and ')}; take one of these, ScoringEnvironment.conda, which installs any Python, or a ` +
    'baseImage of your own'
  );
}

/** The specs of what pip installs, without what its markers keep from every Python that the server runs on. */
function specsOf(pip: readonly PackageLine[]): { line: PackageLine; spec?: PackageSpec; isConda: boolean }[] {
  return pip.map((line) => {
    const spec = line.text.startsWith('-') ? undefined : pipSpec(line.text);
    return { line, spec: spec && isInstalled(spec) ? spec : undefined, isConda: false };
  });
}

function isInstalled({ marker }: PackageSpec): boolean {
  const [, operator, version] = /^python_version\s*([=<>!~]+)\s*['"]([\d.]+)['"]$/.exec(marker ?? '') ?? [];
  return operator === undefined || SERVER_PYTHONS.some((minor) => permits(`${operator}${version}`, 3, minor));
}

/** Why a package cannot be installed any more. */
function deadProblem({ name, versions }: PackageSpec, { text }: PackageLine, isConda: boolean): string | undefined {
  switch (pipName(name)) {
    case 'python':
      return isConda && !SERVER_PYTHONS.some((minor) => permits(versions, 3, minor))
        ? `the scoring server runs on Python 3.${OLDEST_PYTHON} to 3.${NEWEST_PYTHON}, and '${text}' is none of them; ` +
            `write 'python=${DEFAULT_PYTHON}'`
        : undefined;
    case 'tensorflow-gpu':
      // https://pypi.org/project/tensorflow-gpu/; conda-forge goes on with packages of that name
      if (!isConda) {
        return `'${text}' cannot be installed: all that PyPI has of tensorflow-gpu is an empty 2.12.0; write 'tensorflow', which runs on GPUs too`;
      }
      return tensorflowProblem(versions, text);
    case 'tensorflow':
      return tensorflowProblem(versions, text);
    case 'sklearn':
      // https://pypi.org/project/sklearn/
      return `'${text}' cannot be installed: sklearn is what a script imports, and the package is 'scikit-learn'`;
    default:
      return undefined;
  }
}

/** TensorFlow 1 ended with 1.15.5, for Python 3.7 and older: https://pypi.org/project/tensorflow/1.15.5/#files */
function tensorflowProblem(versions: string, text: string): string | undefined {
  const permitsAnyOf = (major: number) =>
    Array.from({ length: 100 }, (_, minor) => permits(versions, major, minor)).includes(true);
  return permitsAnyOf(2) || !permitsAnyOf(1)
    ? undefined
    : `'${text}' cannot be installed: TensorFlow 1 was made for Python 3.7 and older, and the scoring server needs ` +
        `3.${OLDEST_PYTHON} or later; write 'tensorflow', and bring script and model to TensorFlow 2`;
}

function retiredWarning({ name }: PackageSpec): string | undefined {
  const key = pipName(name);
  const advice = RETIRED.get(key);
  return advice === undefined ? undefined : `${key} ${advice}`;
}

function pythonWarning({ name, versions }: PackageSpec, isConda: boolean): string | undefined {
  return isConda && name === 'python' && permits(versions, 3, NEWEST_PYTHON + 1)
    ? `conda may take a Python above 3.${NEWEST_PYTHON}, the newest that the scoring server names; write 'python=${DEFAULT_PYTHON}'`
    : undefined;
}

function serverWarning({ name, versions }: PackageSpec): string | undefined {
  return pipName(name) === SERVER && !permits(versions, 1, 5)
    ? `services are made for ${SERVER} ${SERVER_VERSION}; leave it out, and that release is installed`
    : undefined;
}
