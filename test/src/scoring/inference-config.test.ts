import { ScoringEnvironment } from 'azure-inference-cdktf';
import { afterEach, describe, expect, test } from 'vitest';
import { readInferenceConfig } from '../../../src/scoring/inference-config';
import { folderWith } from '../../fixtures';

const HOME = process.cwd();
afterEach(() => process.chdir(HOME));

const FILE = 'inferenceconfig.json';
const SERVER = 'azureml-inference-server-http==1.5.1';
const OWN = 'prod.azurecr.io/base:3';

const CONDA_FILE = 'dependencies:\n- python=3.11\n- numpy\n';

/** What is read from fields beside a script, in a folder with files. */
function read(fields: object, files: { readonly [name: string]: string } = {}, environment?: ScoringEnvironment) {
  process.chdir(
    folderWith({ 'cdktf.json': '{}', ...files, [FILE]: JSON.stringify({ entryScript: 'score.py', ...fields }) }),
  );
  return readInferenceConfig(FILE, environment);
}

/** The recipe of what is read. */
const recipeOf = (fields: object, files?: { readonly [name: string]: string }) =>
  read(fields, files).environment?.resolve(false);

const problemsOf = (fields: object, files?: { readonly [name: string]: string }) => read(fields, files).problems;
const warningsOf = (fields: object) => read(fields).warnings;

describe('a file', () => {
  test('says what it says, and nothing of what it leaves out', () => {
    expect(read({})).toEqual({ entryScript: 'score.py', problems: [], warnings: [] });
    expect(
      read({ sourceDirectory: './code', description: 'Digits', runtime: null, environment: null, enableGpu: null }),
    ).toEqual({
      entryScript: 'score.py',
      sourceDirectory: 'code',
      description: 'Digits',
      problems: [],
      warnings: [],
    });
  });

  test('has its sources relative to itself, and its other paths relative to those', () => {
    process.chdir(
      folderWith({
        'cdktf.json': '{}',
        'app/config.json': JSON.stringify({
          entryScript: 'score.py',
          condaFile: 'env/conda.yml',
          sourceDirectory: 'src',
        }),
        'app/alone.json': JSON.stringify({ entryScript: 'score.py', condaFile: 'conda.yml' }),
        'app/src/env/conda.yml': CONDA_FILE,
        'app/conda.yml': 'dependencies: [pandas]',
      }),
    );
    const config = readInferenceConfig('app/config.json');
    const alone = readInferenceConfig('app/alone.json');

    expect([config.sourceDirectory, config.entryScript]).toEqual(['app/src', 'score.py']);
    expect(config.environment?.resolve(false).conda?.packages).toContain('numpy');
    expect([alone.sourceDirectory, alone.entryScript]).toEqual([undefined, 'app/score.py']);
    expect(alone.environment?.resolve(false).conda?.packages).toContain('pandas');
  });

  test('may be absolute, and name absolute paths', () => {
    const folder = folderWith({ [FILE]: '{"entryScript": "score.py"}', 'a.json': '{"entryScript": "/opt/score.py"}' });

    expect(readInferenceConfig(`${folder}/${FILE}`).entryScript).toBe(`${folder}/score.py`);
    expect(readInferenceConfig(`${folder}/a.json`).entryScript).toBe('/opt/score.py');
  });

  test('fails to be missing or no JSON, and keeps the environment of the program', () => {
    process.chdir(folderWith({ 'cdktf.json': '{}', [FILE]: '{,}' }));
    const environment = ScoringEnvironment.pip({});

    expect(readInferenceConfig('gone.json', environment)).toEqual({
      environment,
      problems: [expect.stringMatching(/^the inference configuration 'gone\.json' does not exist/)],
      warnings: [],
    });
    expect(readInferenceConfig(FILE).problems).toEqual([expect.stringMatching(/is not JSON: line 1, column 2/)]);
  });

  test('fails to name no script', () => {
    const problem = `${FILE}: entryScript must name the script with init() and run(), such as 'score.py'`;

    expect(problemsOf({ entryScript: null })).toEqual([problem]);
    expect(problemsOf({ entryScript: '' })).toEqual([problem]);
  });

  test('fails to have fields that it has not, with the nearest', () => {
    expect(
      problemsOf({
        entryScipt: 'x',
        conda_file: 'x',
        gpuEnabled: true,
        surprise: 1,
        environment: { docker: { image: 1 } },
      }),
    ).toEqual([
      `${FILE}: entryScipt is no field of an inference configuration; did you mean entryScript?`,
      `${FILE}: conda_file is no field of an inference configuration; did you mean condaFile?`,
      `${FILE}: gpuEnabled is no field of an inference configuration; did you mean enableGpu?`,
      `${FILE}: surprise is no field of an inference configuration`,
      expect.stringMatching(
        /^inferenceconfig\.json: environment\.docker\.image is no field of an inference configuration/,
      ),
    ]);
  });

  test('fails to have values of another kind, which are not quoted', () => {
    expect(
      problemsOf({
        sourceDirectory: 1,
        enableGpu: 'secret',
        baseImageRegistry: 'secret',
        environment: { docker: { arguments: {} }, python: { condaDependencies: ['secret'] } },
      }),
    ).toEqual([
      `${FILE}: sourceDirectory must be a text; got 1`,
      `${FILE}: enableGpu must be true or false, without quotation marks; got a text`,
      `${FILE}: baseImageRegistry must be an object, { … }; got a text`,
      `${FILE}: environment.docker.arguments must be a list, [ … ]; got an object`,
      `${FILE}: environment.python.condaDependencies must be an object, { … }; got a list`,
    ]);
  });
});

describe('an environment of the program', () => {
  const environment = ScoringEnvironment.image(OWN);

  test('is for files without one', () => {
    expect(read({ enableGpu: false, environment: { name: null } }, {}, environment)).toMatchObject({
      environment,
      problems: [],
    });
  });

  test.each([
    [{ environment: { name: 'x' } }, 'environment'],
    [{ runtime: 'python', condaFile: 'conda.yml' }, 'runtime, condaFile'],
  ])('fails to be a second one: %j', (fields, named) => {
    expect(read(fields, {}, environment)).toMatchObject({
      environment,
      problems: [`${FILE}: ${named} describes an environment, and the program gives another one; keep one of the two`],
    });
  });
});

describe('the field environment', () => {
  test('as the SDK writes it is read', () => {
    const written = {
      environment: {
        assetId: null,
        databricks: { eggLibraries: [] },
        docker: {
          arguments: [],
          baseDockerfile: null,
          baseImage: 'mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20240304.v1',
          baseImageRegistry: { address: null, password: null, registryIdentity: null, username: null },
          buildContext: null,
          enabled: false,
          platform: { architecture: 'amd64', os: 'Linux' },
          sharedVolumes: true,
          shmSize: '2g',
        },
        environmentVariables: { EXAMPLE_ENV_VAR: 'EXAMPLE_VALUE' },
        inferencingStackVersion: 'latest',
        name: 'digits',
        python: {
          baseCondaEnvironment: null,
          condaDependencies: {
            channels: ['conda-forge'],
            dependencies: ['python=3.10', { pip: ['onnxruntime~=1.20'] }, 'numpy'],
            name: 'project_environment',
          },
          condaDependenciesFile: null,
          interpreterPath: 'python',
          userManagedDependencies: false,
        },
        r: null,
        spark: { packages: [], precachePackages: true, repositories: [] },
        version: '3',
      },
    };

    expect(read(written)).toMatchObject({ problems: [], warnings: [] });
    expect(recipeOf(written)).toEqual({
      baseImage: 'mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20240304.v1',
      conda: {
        channels: ['conda-forge', 'nodefaults'],
        packages: ['numpy', 'pip', 'python=3.10'],
        pip: [SERVER, 'onnxruntime~=1.20'],
      },
      pip: [],
      environmentVariables: { EXAMPLE_ENV_VAR: 'EXAMPLE_VALUE' },
      dockerfileSteps: [],
      problems: [],
      warnings: [],
    });
  });

  test('may name a conda file in the sources', () => {
    const fields = { sourceDirectory: 'src', environment: { python: { condaDependenciesFile: 'conda.yml' } } };

    expect(recipeOf(fields, { 'src/conda.yml': 'dependencies:\n- python=3.6\n' })?.problems).toEqual([
      expect.stringMatching(/^src\/conda\.yml:2: the scoring server runs on Python/),
    ]);
  });

  test('has what is wrong with its packages in the environment', () => {
    const environment = { python: { condaDependencies: { dependencies: ['sklearn', { numpy: '1.2' }], chanels: [] } } };
    const place = `${FILE}: environment.python.condaDependencies`;

    expect(recipeOf({ environment })).toMatchObject({
      problems: [
        `${place}: a package and its version are one text, with an equals sign and no colon; write '- numpy=1.2'`,
        expect.stringMatching(/^inferenceconfig\.json: environment\.python\.condaDependencies: 'sklearn' cannot/),
      ],
      warnings: [`${place}: conda knows no 'chanels'; did you mean 'channels'?`],
    });
  });

  test('installs nothing where the image has what the script needs', () => {
    const environment = {
      docker: { baseImage: OWN },
      python: { userManagedDependencies: true, condaDependencies: { dependencies: ['python=3.6'] } },
    };

    expect(recipeOf({ environment })).toMatchObject({ baseImage: OWN, pip: [], problems: [], warnings: [] });
    expect(recipeOf({ environment })).not.toHaveProperty('conda');
    expect(
      problemsOf({ environment: { python: { ...environment.python, condaDependenciesFile: 'conda.yml' } } }),
    ).toEqual([]);
  });

  test('of an image alone has the scoring server installed', () => {
    expect(recipeOf({ environment: { docker: { baseImage: OWN } } })).toMatchObject({ baseImage: OWN, pip: [SERVER] });
  });

  test('has the address of a registry before its image, once', () => {
    const image = (baseImage: string, address: string) =>
      recipeOf({ environment: { docker: { baseImage, baseImageRegistry: { address } } } })?.baseImage;

    expect(image('base:3', 'prod.azurecr.io')).toBe(OWN);
    expect(image('base:3', 'https://prod.azurecr.io/')).toBe(OWN);
    expect(image(OWN, 'prod.azurecr.io')).toBe(OWN);
  });

  test('fails to have an image without registry or tag, and a moving tag is doubtful', () => {
    expect(problemsOf({ environment: { docker: { baseImage: 'base' } } })).toEqual([
      expect.stringMatching(/^inferenceconfig\.json: baseImage is the reference of an image .*; got 'base'$/),
    ]);
    expect(warningsOf({ environment: { docker: { baseImage: 'prod.azurecr.io/base:latest' } } })).toEqual([
      expect.stringMatching(/^inferenceconfig\.json: baseImage: the tag 'latest'/),
    ]);
  });

  test('fails to hold the password of a registry, which is not quoted', () => {
    const registry = { address: 'prod.azurecr.io', username: 'me', password: 'secret' };
    const advice =
      "must not be in a file, where everybody can read it; take it out, and let the identity that builds pull the image: 'az " +
      "acr import' brings it into the platform's registry";

    expect(problemsOf({ environment: { docker: { baseImage: 'base:3', baseImageRegistry: registry } } })).toEqual([
      `${FILE}: environment.docker.baseImageRegistry.password ${advice}`,
    ]);
    expect(problemsOf({ baseImage: 'base:3', baseImageRegistry: registry })).toEqual([
      `${FILE}: baseImageRegistry.password ${advice}`,
    ]);
    expect(problemsOf({ baseImage: 'base:3', baseImageRegistry: { ...registry, password: '' } })).toEqual([]);
  });

  test('may have a Dockerfile as its base, by text or by path', () => {
    const base = (baseDockerfile: string) =>
      recipeOf({ environment: { docker: { baseDockerfile } } }, { Dockerfile: 'FROM prod.azurecr.io/file:1\n' });

    expect(base('FROM prod.azurecr.io/text:1')?.baseDockerfile).toBe('FROM prod.azurecr.io/text:1');
    expect(base('Dockerfile')?.baseDockerfile).toBe('FROM prod.azurecr.io/file:1\n');
    expect(base('Dockerfile')).not.toHaveProperty('baseImage');
    expect(problemsOf({ environment: { docker: { baseDockerfile: 'gone' } } })).toEqual([
      expect.stringMatching(/^inferenceconfig\.json: the Dockerfile 'gone' does not exist/),
    ]);
  });

  test('fails to have two bases, or two lists of packages', () => {
    const docker = { baseImage: OWN, baseDockerfile: 'FROM x' };
    const python = { condaDependencies: { dependencies: [] }, condaDependenciesFile: 'conda.yml' };

    expect(problemsOf({ environment: { docker, python } })).toEqual([
      `${FILE}: environment.python.condaDependencies and condaDependenciesFile are two environments; keep one of them`,
      `${FILE}: environment.docker.baseImage and baseDockerfile are two bases; keep one of them`,
    ]);
  });

  test('may be a name of Azure ML’s', () => {
    const config = read({ environment: { name: 'minimal-py312-cuda12.4-inference', version: '3', python: null } });

    expect(config.environment?.enableGpu).toBe(true);
    expect(config.warnings).toEqual([
      `${FILE}: environment.version is left aside: the library names one image of each environment`,
    ]);
  });

  test('fails to be a name that only a workspace knows, or a retired one', () => {
    const config = read({ environment: { name: 'digits-env' } });

    expect(config).not.toHaveProperty('environment');
    expect(config.problems).toEqual([
      expect.stringMatching(
        /^inferenceconfig\.json: environment\.name: 'digits-env' is none .*; what a workspace keeps by a name is not read: write the environment into the file$/,
      ),
    ]);
    expect(problemsOf({ environment: { name: 'AzureML-Minimal' } })).toEqual([
      expect.stringMatching(/that is retired; take its successor, 'minimal-py312-inference'/),
    ]);
  });

  test('fails to have variables that are no texts', () => {
    expect(problemsOf({ environment: { environmentVariables: { A: 1, B: null, C: 'x' } } })).toEqual([
      `${FILE}: environment.environmentVariables.A must be a text; got 1`,
      `${FILE}: environment.environmentVariables.B must be a text; got null`,
    ]);
  });

  test('fails to be for another platform, of R, or of a folder to build', () => {
    const docker = { platform: { os: 'Windows', architecture: 'arm64' }, buildContext: { location: '.' } };

    expect(problemsOf({ environment: { docker, r: { rVersion: '4' } } })).toEqual([
      `${FILE}: environment.docker.buildContext cannot be followed; write its Dockerfile into docker.baseDockerfile, and ` +
        'files into sourceDirectory',
      `${FILE}: environment.r cannot be followed; scripts are of Python here`,
      `${FILE}: environment.docker.platform.os must be 'linux', which Azure ML's images and the registry's builds are; got 'Windows'`,
      `${FILE}: environment.docker.platform.architecture must be 'amd64', which Azure ML's images and the registry's builds are; got 'arm64'`,
    ]);
  });

  test('has parts that are left aside with a warning', () => {
    expect(
      warningsOf({
        environment: {
          docker: { arguments: ['--gpus'] },
          spark: { packages: [{}], repositories: ['x'] },
          python: { baseCondaEnvironment: 'base', interpreterPath: '/opt/python' },
        },
      }),
    ).toEqual([
      `${FILE}: environment.docker.arguments is left aside: Kubernetes starts the container, and no Docker`,
      `${FILE}: environment.spark.packages is left aside: no service has Spark`,
      `${FILE}: environment.spark.repositories is left aside: no service has Spark`,
      `${FILE}: environment.python.baseCondaEnvironment is left aside: conda makes an environment of its own`,
      `${FILE}: environment.python.interpreterPath is left aside: the 'python' on the PATH of the image runs the script`,
    ]);
  });

  test('may be for GPUs', () => {
    expect(read({ environment: { docker: { gpuSupport: true } } }).environment?.enableGpu).toBe(true);
    expect(read({ environment: { docker: { gpuSupport: false } } }).environment?.enableGpu).toBeUndefined();
  });

  test('fails to stand beside the older fields', () => {
    const older = {
      runtime: 'python',
      condaFile: 'conda.yml',
      extraDockerfileSteps: 'steps',
      enableGpu: true,
      cudaVersion: '10.0',
      baseImage: OWN,
      baseImageRegistry: { address: 'prod.azurecr.io' },
    };
    const environment = { name: 'minimal-py312-inference' };

    expect(problemsOf({ ...older, environment })).toEqual([
      `${FILE}: runtime, condaFile, extraDockerfileSteps, enableGpu, cudaVersion, baseImage, baseImageRegistry must not be ` +
        'given beside environment, which says the same in its own fields; keep one of them',
    ]);
    expect(problemsOf({ environment, enableGpu: false, condaFile: '', baseImageRegistry: { address: null } })).toEqual(
      [],
    );
  });
});

describe('the older fields', () => {
  test('describe an environment', () => {
    const fields = {
      runtime: 'python',
      condaFile: 'conda.yml',
      extraDockerfileSteps: 'steps.txt',
      enableGpu: true,
      baseImage: 'base:3',
      baseImageRegistry: { address: 'prod.azurecr.io', username: null, password: null },
    };
    const files = { 'conda.yml': CONDA_FILE, 'steps.txt': 'RUN true\r\nRUN echo "a \\\n b"\n\n' };

    expect(read(fields, files)).toMatchObject({ problems: [], warnings: [], environment: { enableGpu: true } });
    expect(recipeOf(fields, files)).toMatchObject({
      baseImage: OWN,
      conda: { packages: ['numpy', 'pip', 'python=3.11'], pip: [SERVER] },
      dockerfileSteps: ['RUN true', 'RUN echo "a \\', ' b"'],
      problems: [],
    });
  });

  test('of a runtime alone are Azure ML’s image with the scoring server', () => {
    const { environment } = read({ runtime: 'Python' });

    expect(environment?.followsPool).toBe(true);
    expect(environment?.resolve(false).pip).toEqual([SERVER]);
    expect(read({ runtime: 'python', enableGpu: false }).environment?.enableGpu).toBe(false);
  });

  test('name a CUDA, which the base image brings', () => {
    const config = read({ cudaVersion: '10.0' });

    expect(config.environment?.enableGpu).toBe(true);
    expect(config.warnings).toEqual([
      `${FILE}: cudaVersion is left aside: the base image brings its CUDA, 12.4 where Azure ML's is taken`,
    ]);
  });

  test('fail to name another runtime', () => {
    expect(problemsOf({ runtime: 'spark-py' })).toEqual([
      `${FILE}: runtime 'spark-py' had Spark beside the script, and no service has it here; take 'python'`,
    ]);
    expect(problemsOf({ runtime: 'java' })).toEqual([`${FILE}: runtime must be 'python'; got 'java'`]);
    expect(problemsOf({ runtime: 'python-slim' })).toEqual([]);
  });

  test('fail to name files that are not there', () => {
    const config = read({ condaFile: 'gone.yml', extraDockerfileSteps: 'gone.txt' });

    expect(config.problems).toEqual([
      expect.stringMatching(/^inferenceconfig\.json: the file of Docker steps 'gone\.txt' does not exist/),
    ]);
    expect(config.environment?.resolve(false).problems).toEqual([
      expect.stringMatching(/^the conda file 'gone\.yml' does not exist/),
    ]);
  });
});
