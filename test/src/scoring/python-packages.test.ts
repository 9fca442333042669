import { describe, expect, test } from 'vitest';
import { basePythonProblem, judgePackages, missingServer, pythonProblem } from '../../../src/scoring/python-packages';

const lines = (texts: readonly string[], origin = 'packages') => texts.map((text) => ({ text, origin }));
const judgeConda = (...texts: string[]) => judgePackages({ conda: lines(texts), pip: [] });
const judgePip = (...texts: string[]) => judgePackages({ pip: lines(texts, 'pip') });

const NOTHING = { problems: [], warnings: [] };

describe('Python', () => {
  test.each(['python=3.6.2', 'python==3.8', 'python <3.9', 'python=2.7', 'python=3.13', 'python >=3.13'])(
    'fails to be one that the scoring server does not run on: %s',
    (text) => {
      expect(judgeConda(text)).toEqual({
        problems: [
          `packages: the scoring server runs on Python 3.9 to 3.12, and '${text}' is none of them; write 'python=3.12'`,
        ],
        warnings: [],
      });
    },
  );

  test.each(['python=3.9', 'python=3.12.4', 'python >=3.9,<3.13', 'python=3.8|3.10'])('may be %s', (text) => {
    expect(judgeConda(text)).toEqual(NOTHING);
  });

  test.each(['python', 'python>=3.6', 'python=3'])('of no bound is doubtful: %s', (text) => {
    expect(judgeConda(text)).toEqual({
      problems: [],
      warnings: [
        "packages: conda may take a Python above 3.12, the newest that the scoring server names; write 'python=3.12'",
      ],
    });
  });

  test.each(['3.9', '3.12', '3.11.4'])('may be named by the program: %s', (python) => {
    expect(pythonProblem(python)).toBeUndefined();
  });

  test.each(['3.8', '3.13', '3', '2.7', '3.1', '>=3.9', ''])('fails to be named by the program as %j', (python) => {
    expect(pythonProblem(python)).toBe(
      `python must be a release that the scoring server runs on, 3.9 to 3.12, as a text such as '3.12'; got '${python}'`,
    );
  });

  test('fails to be one that no base image has', () => {
    const ways = 'take one of these, ScoringEnvironment.conda, which installs any Python, or a baseImage of your own';

    expect(basePythonProblem(true, '3.11')).toBe(
      `python '3.11' is in none of Azure ML's base images with CUDA, which have 3.12; ${ways}`,
    );
    expect(basePythonProblem(false, '3.9')).toBe(
      `python '3.9' is in none of Azure ML's base images without CUDA, which have 3.12 and 3.11; ${ways}`,
    );
  });
});

describe('TensorFlow', () => {
  test.each([
    'tensorflow=1.12',
    'tensorflow==1.15.5',
    'tensorflow<2',
    'tensorflow >=1.10,<2.0',
    'tensorflow-gpu = 1.12',
  ])('fails to be of its first generation in conda: %s', (text) => {
    expect(judgeConda(text).problems).toEqual([
      `packages: '${text}' cannot be installed: TensorFlow 1 was made for Python 3.7 and older, and the scoring server ` +
        "needs 3.9 or later; write 'tensorflow', and bring script and model to TensorFlow 2",
    ]);
  });

  test('fails to be of its first generation in pip', () => {
    expect(judgePip('tensorflow==1.15').problems).toEqual([expect.stringMatching(/^pip: 'tensorflow==1\.15' cannot/)]);
  });

  test.each([
    'tensorflow',
    'tensorflow>=1.15',
    'tensorflow=2.18',
    'tensorflow>=3',
    'tensorflow-gpu=2.18',
    'tensorflow-gpu',
  ])('may be %s in conda', (text) => {
    expect(judgeConda(text)).toEqual(NOTHING);
  });

  test.each(['tensorflow-gpu', 'tensorflow_gpu==1.12', 'tensorflow-gpu==2.12.0'])(
    'fails to be the empty package of PyPI: %s',
    (text) => {
      expect(judgePip(text).problems).toEqual([
        `pip: '${text}' cannot be installed: all that PyPI has of tensorflow-gpu is an empty 2.12.0; write 'tensorflow', ` +
          'which runs on GPUs too',
      ]);
    },
  );

  test('is not judged where pip leaves it out', () => {
    expect(judgePip("tensorflow==1.15; python_version < '3.8'")).toEqual(NOTHING);
    expect(judgePip("tensorflow==1.15; python_version >= '3.8'").problems).toHaveLength(1);
    expect(judgePip("tensorflow==1.15; sys_platform == 'linux'").problems).toHaveLength(1);
  });
});

test('sklearn is the name to import and no package', () => {
  const problem = "'sklearn' cannot be installed: sklearn is what a script imports, and the package is 'scikit-learn'";

  expect(judgeConda('sklearn').problems).toEqual([`packages: ${problem}`]);
  expect(judgePip('sklearn').problems).toEqual([`pip: ${problem}`]);
  expect(judgePip('scikit-learn==0.20.3')).toEqual(NOTHING);
});

describe('packages of SDK v1 are doubtful:', () => {
  const end = "part of Azure ML's SDK v1, which nobody supports since 2026-06-30";

  test.each([
    [
      'azureml-core==1.61',
      `azureml-core is ${end}; leave it out where the script takes Model.get_model_path of it alone, which works without it`,
    ],
    [
      'AzureML_Defaults==1.0.43.*',
      `azureml-defaults brings the scoring server together with azureml-core, ${end}; leave it out: the server is ` +
        'installed without it',
    ],
    ['azureml-sdk[automl]', `azureml-sdk is ${end}; leave it out, and name the packages that the script imports`],
    [
      'azureml-contrib-services',
      `azureml-contrib-services is ${end}; leave it out: the scoring server brings azureml.contrib.services itself`,
    ],
  ])('%s', (text, warning) => {
    expect(judgePip(text)).toEqual({ problems: [], warnings: [`pip: ${warning}`] });
  });
});

describe('the scoring server', () => {
  test.each([
    [{ pip: [] }, 'azureml-inference-server-http==1.5.1'],
    [{ pip: ['azureml-defaults'] }, 'azureml-inference-server-http==1.5.1'],
    [{ pip: ['azureml-defaults==1.43'] }, 'azureml-inference-server-http'],
    [{ pip: [], conda: ['azureml-defaults=1.43'] }, 'azureml-inference-server-http'],
    [{ pip: ['azureml_inference_server_http==1.4.0'] }, undefined],
    [{ pip: [], conda: ['azureml-inference-server-http'] }, undefined],
  ])('missing from %j is %s', ({ pip, conda = [] }: { pip: string[]; conda?: string[] }, expected) => {
    expect(missingServer({ pip: lines(pip), conda: lines(conda) })).toBe(expected);
  });

  test('of another time is doubtful', () => {
    expect(judgePip('azureml-inference-server-http==0.8.4').warnings).toEqual([
      'pip: services are made for azureml-inference-server-http 1.5.1; leave it out, and that release is installed',
    ]);
    expect(judgePip('azureml-inference-server-http~=1.4')).toEqual(NOTHING);
  });
});

test('everything is said at once, each with where it stands, and options of pip are no packages', () => {
  expect(
    judgePackages({
      conda: [
        { text: 'python=3.6', origin: 'conda.yml:3' },
        { text: 'numpy', origin: 'conda.yml:4' },
        { text: 'tensorflow=1.12', origin: 'conda.yml:5' },
      ],
      pip: [
        { text: '--pre', origin: 'conda.yml:7' },
        { text: 'azureml-core', origin: 'conda.yml:8' },
      ],
    }),
  ).toEqual({
    problems: [expect.stringMatching(/^conda\.yml:3: /), expect.stringMatching(/^conda\.yml:5: /)],
    warnings: [expect.stringMatching(/^conda\.yml:8: /)],
  });
});
