import { type CondaOptions, type PipOptions, ScoringEnvironment } from 'azure-inference-cdktf';
import { Token } from 'cdktf';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { folderWith } from '../../fixtures';

const HOME = process.cwd();
afterEach(() => process.chdir(HOME));

const SERVER = 'azureml-inference-server-http==1.5.1';
const CPU =
  'mcr.microsoft.com/azureml/minimal-py312-inference@sha256:cfb7101d17e0d397f9369639b9873282c9ea386c709c434bb0100745f647c6c0';
const GPU = 'mcr.microsoft.com/azureml/curated/minimal-py312-cuda12.4-inference:6';
const OWN = 'prod.azurecr.io/base:3';

/** A recipe of nothing but what is given. */
const recipe = (parts: object) => ({
  pip: [],
  environmentVariables: {},
  dockerfileSteps: [],
  problems: [],
  warnings: [],
  ...parts,
});

const conda = (options: CondaOptions) => ScoringEnvironment.conda(options).resolve(false);
const pip = (options: PipOptions) => ScoringEnvironment.pip(options).resolve(false);

/** Writes files beside a cdktf.json, and works there. */
function inFolderWith(files: { readonly [name: string]: string }): void {
  process.chdir(folderWith({ 'cdktf.json': '{}', ...files }));
}

describe('an environment of conda', () => {
  test('has by default Python 3.12, conda-forge, pip and the scoring server', () => {
    expect(conda({ packages: ['numpy=2.2'] })).toEqual(
      recipe({
        baseImage: CPU,
        conda: {
          channels: ['conda-forge', 'nodefaults'],
          packages: ['numpy=2.2', 'pip', 'python=3.12'],
          pip: [SERVER],
        },
      }),
    );
  });

  test('has what its lists name', () => {
    expect(
      conda({
        python: '3.11',
        channels: ['own', 'conda-forge'],
        packages: ['pip=25', 'scipy', 'numpy=2.2'],
        pip: ['onnxruntime', SERVER],
        baseImage: OWN,
        environmentVariables: { B: '2', A: '1' },
      }),
    ).toEqual(
      recipe({
        baseImage: OWN,
        conda: {
          channels: ['own', 'conda-forge', 'nodefaults'],
          packages: ['numpy=2.2', 'pip=25', 'python=3.11', 'scipy'],
          pip: [SERVER, 'onnxruntime'],
        },
        environmentVariables: { A: '1', B: '2' },
      }),
    );
  });

  test.each(['defaults', 'nodefaults'])('looks in the channels that it names alone, where one is %s', (channel) => {
    expect(conda({ packages: ['numpy'], channels: ['conda-forge', channel] }).conda?.channels).toEqual([
      'conda-forge',
      channel,
    ]);
  });

  test.each(['defaults', 'anaconda', 'https://repo.anaconda.com/pkgs/main'])(
    'is warned of the terms of Anaconda for the channel %s',
    (channel) => {
      expect(conda({ packages: ['numpy'], channels: [channel] }).warnings).toEqual([
        `the channel '${channel}' is Anaconda's: companies need a licence for it, and a conda that was not told of its ` +
          'terms ends the build; take conda-forge, which has the same packages',
      ]);
    },
  );

  test('has no pip of its own where conda installs the server', () => {
    expect(conda({ packages: ['azureml-inference-server-http'] }).conda).toEqual({
      channels: ['conda-forge', 'nodefaults'],
      packages: ['azureml-inference-server-http', 'python=3.12'],
      pip: [],
    });
  });

  test('has what its file names, and lists take the place of that', () => {
    inFolderWith({
      'conda.yml': `
channels: [team, conda-forge]
dependencies:
- python=3.6
- numpy=1.2
- scipy
- pip:
  - azureml_core==1.0
  - pandas
`,
    });

    expect(
      conda({
        file: 'conda.yml',
        python: '3.11',
        channels: ['first', 'team'],
        packages: ['NumPy=2.2'],
        pip: ['AzureML-Core==1.61'],
      }),
    ).toEqual(
      recipe({
        baseImage: CPU,
        conda: {
          channels: ['first', 'team', 'conda-forge', 'nodefaults'],
          packages: ['NumPy=2.2', 'pip', 'python=3.11', 'scipy'],
          pip: ['AzureML-Core==1.61', SERVER, 'pandas'],
        },
        warnings: [expect.stringMatching(/^pip: azureml-core is part of/)],
      }),
    );
  });

  test('leaves the release of the server to pip beside an azureml-defaults of one release', () => {
    expect(conda({ pip: ['azureml-defaults==1.43'] }).conda?.pip).toEqual([
      'azureml-defaults==1.43',
      'azureml-inference-server-http',
    ]);
  });

  test('fails to be of nothing', () => {
    expect(conda({ packages: [], enableGpu: true }).problems).toEqual([
      "ScoringEnvironment.conda needs a file of conda, or packages or pip; got none; give it file: 'conda.yml', say",
    ]);
    expect(conda({ python: '3.12' }).problems).toEqual([]);
  });

  test('says all that is wrong with it at once', () => {
    const { problems } = conda({
      python: '3.8',
      channels: ['https://me:secret@example.com'],
      packages: ['./numpy', 'https://me:secret@example.com::numpy', 'a\nb'],
      pip: ['numpy=1.2'],
      baseImage: 'python:3.12',
    });

    expect(problems).toEqual([
      "baseImage is the reference of an image with its registry and a tag or digest, such as 'prod.azurecr.io/digits:3'; " +
        "got 'python:3.12'",
      "python must be a release that the scoring server runs on, 3.9 to 3.12, as a text such as '3.12'; got '3.8'",
      expect.stringMatching(/^channels: an address must not hold a password/),
      "packages: './numpy' is no package of conda; write its name and version, such as 'numpy=2.2'",
      expect.stringMatching(/^packages: an address must not hold a password/),
      "packages: 'a\nb' is no package of conda; write its name and version, such as 'numpy=2.2'",
      "pip: 'numpy=1.2' is how conda writes it; pip takes 'numpy==1.2'",
    ]);
    expect(problems.join()).not.toContain('secret');
  });

  test('fails to name its Python twice', () => {
    expect(conda({ python: '3.12', packages: ['python=3.11'] }).problems).toEqual([
      "python '3.12' and 'python=3.11' among packages are two; leave one of them out",
    ]);
  });

  test('of an article of 2019 says what cannot be installed and what is retired', () => {
    inFolderWith({
      'conda.yml': [
        'name: any',
        'dependencies:',
        '# a comment',
        '- python=3.6.2',
        '',
        '- pip:',
        '  - azureml-defaults==1.0.43.*',
        '- numpy',
        '- tensorflow-gpu = 1.12',
        'channels:',
        '- conda-forge',
      ].join('\n'),
    });

    expect(conda({ file: 'conda.yml' })).toMatchObject({
      problems: [
        "conda.yml:4: the scoring server runs on Python 3.9 to 3.12, and 'python=3.6.2' is none of them; write " +
          "'python=3.12'",
        "conda.yml:9: 'tensorflow-gpu = 1.12' cannot be installed: TensorFlow 1 was made for Python 3.7 and older, and the " +
          "scoring server needs 3.9 or later; write 'tensorflow', and bring script and model to TensorFlow 2",
      ],
      warnings: [
        "conda.yml:7: azureml-defaults brings the scoring server together with azureml-core, part of Azure ML's SDK v1, " +
          'which nobody supports since 2026-06-30; leave it out: the server is installed without it',
      ],
    });
  });
});

describe('an environment of pip', () => {
  test('has by default Python 3.12 and the scoring server alone', () => {
    expect(pip({})).toEqual(recipe({ baseImage: CPU, pip: [SERVER] }));
  });

  test('has what its file names, and a list takes the place of that', () => {
    inFolderWith({
      'requirements.txt': '--pre\nnumpy==1.26\nNLTK==3.8\n--extra-index-url https://example.com/simple\n',
    });

    expect(pip({ file: 'requirements.txt', packages: ['nltk==3.9', SERVER] })).toEqual(
      recipe({
        baseImage: CPU,
        pip: ['--pre', '--extra-index-url https://example.com/simple', SERVER, 'nltk==3.9', 'numpy==1.26'],
      }),
    );
  });

  test('keeps two lines of one package that its file tells apart by a marker', () => {
    const two = ["numpy==1.26; python_version < '3.12'", "numpy==2.2; python_version >= '3.12'"];

    expect(pip({ packages: two }).pip).toEqual([SERVER, ...two]);
  });

  test('has the base image of its Python, or its own', () => {
    expect(pip({ python: '3.11' }).baseImage).toBe('mcr.microsoft.com/azureml/curated/minimal-py311-inference:59');
    expect(pip({ baseImage: OWN }).baseImage).toBe(OWN);
  });

  test('fails to have a Python that no base image has', () => {
    const environment = ScoringEnvironment.pip({ python: '3.11' });

    expect(environment.resolve(false).problems).toEqual([]);
    expect(environment.resolve(true).problems).toEqual([
      expect.stringMatching(/^python '3\.11' is in none of .* with CUDA/),
    ]);
    expect(pip({ python: '3.8' }).problems).toEqual([
      expect.stringMatching(/^python '3\.8' is in none of .* without CUDA/),
    ]);
  });

  test('fails to have a Python beside a base image', () => {
    expect(pip({ python: '3.11', baseImage: OWN }).problems).toEqual([
      `python '3.11' picks a base image, and baseImage '${OWN}' is one; leave one of them out`,
    ]);
  });

  test('fails to have hashes for its packages and none for the server', () => {
    expect(pip({ packages: ['numpy==2.2.0 --hash=sha256:abc'] }).problems).toEqual([
      'packages: with a hash for one package pip asks for the hashes of all, and the scoring server is not among them; ' +
        `add '${SERVER}' and what it needs with their hashes, as 'pip-compile --generate-hashes' writes them`,
    ]);
    expect(pip({ packages: ['numpy==2.2.0 --hash=sha256:abc', `${SERVER} --hash=sha256:def`] }).problems).toEqual([]);
  });

  test('is refused for what its file and its list hold', () => {
    inFolderWith({ 'requirements.txt': '\n-e .\n' });

    expect(pip({ file: 'requirements.txt', packages: ['sklearn'] }).problems).toEqual([
      expect.stringMatching(/^requirements\.txt:2: the build of an image has no files of this machine/),
      expect.stringMatching(/^packages: 'sklearn' cannot be installed/),
    ]);
  });
});

describe('a base image', () => {
  test('follows the pool unless the program decides', () => {
    const open = ScoringEnvironment.conda({ packages: ['numpy'] });

    expect([open.followsPool, open.enableGpu]).toEqual([true, undefined]);
    expect([open.resolve(false).baseImage, open.resolve(true).baseImage]).toEqual([CPU, GPU]);
  });

  test.each([
    [true, GPU],
    [false, CPU],
  ])('is decided by enableGpu: %s', (enableGpu, image) => {
    const environment = ScoringEnvironment.pip({ enableGpu });

    expect([environment.followsPool, environment.enableGpu]).toEqual([false, enableGpu]);
    expect([environment.resolve(false).baseImage, environment.resolve(true).baseImage]).toEqual([image, image]);
  });

  test('of the program’s own follows nothing, and says nothing of GPUs', () => {
    const environment = ScoringEnvironment.conda({ packages: ['numpy'], baseImage: OWN });

    expect([environment.followsPool, environment.enableGpu]).toEqual([false, undefined]);
    expect(environment.resolve(true)).toEqual(environment.resolve(false));
  });

  test('of a moving tag is doubtful', () => {
    const warning = expect.stringMatching(/^baseImage: the tag 'latest' of/);

    expect(conda({ packages: ['numpy'], baseImage: 'prod.azurecr.io/base:latest' }).warnings).toEqual([warning]);
    expect(pip({ baseImage: 'prod.azurecr.io/base:latest' }).warnings).toEqual([warning]);
  });
});

describe('a curated environment', () => {
  test('is taken as it is, and certain of GPUs', () => {
    const environment = ScoringEnvironment.curated('minimal-py312-cuda12.4-inference');

    expect([environment.followsPool, environment.enableGpu]).toEqual([false, true]);
    expect(environment.resolve(false)).toEqual(recipe({ baseImage: GPU }));
    expect(ScoringEnvironment.curated('minimal-py312-inference').enableGpu).toBe(false);
  });

  test('has the packages that are added, and no server besides', () => {
    const environment = ScoringEnvironment.curated('minimal-py312-inference').with({ pip: ['scikit-learn'] });

    expect(environment.resolve(false)).toEqual(recipe({ baseImage: CPU, pip: ['scikit-learn'] }));
  });

  test('fails to be unknown', () => {
    expect(ScoringEnvironment.curated('AzureML-Minimal').resolve(false).problems).toEqual([
      "'AzureML-Minimal' is an environment of Azure ML that is retired; take its successor, 'minimal-py312-inference'",
    ]);
  });

  test('fails to be for GPUs where it is not, however often something is added', () => {
    const environment = ScoringEnvironment.curated('minimal-py312-inference').with({ enableGpu: true });

    expect(environment.enableGpu).toBe(false);
    expect(environment.with({ pip: ['numpy'] }).resolve(false).problems).toEqual([
      "enableGpu must be false with 'minimal-py312-inference', which is made without GPUs; got true; leave it out, or take " +
        'another environment',
    ]);
    expect(
      ScoringEnvironment.curated('minimal-py312-inference').with({ enableGpu: false }).resolve(false).problems,
    ).toEqual([]);
  });
});

describe('an image', () => {
  test('is taken as it is given', () => {
    const reference = `prod.azurecr.io/digits@sha256:${'a'.repeat(64)}`;
    const environment = ScoringEnvironment.image(reference);

    expect([environment.followsPool, environment.enableGpu]).toEqual([false, undefined]);
    expect(environment.resolve(true)).toEqual(recipe({ baseImage: reference }));
  });

  test('may be for GPUs, with variables and packages', () => {
    const environment = ScoringEnvironment.image(OWN, { enableGpu: true, environmentVariables: { A: '1' } });

    expect(environment.enableGpu).toBe(true);
    expect(environment.with({ pip: ['numpy'] }).resolve(false)).toEqual(
      recipe({ baseImage: OWN, environmentVariables: { A: '1' }, pip: ['numpy'] }),
    );
  });

  test('must have a full reference, or be a token', () => {
    expect(ScoringEnvironment.image('digits').resolve(false).problems).toEqual([
      "the environment's image is the reference of an image with its registry and a tag or digest, such as " +
        "'prod.azurecr.io/digits:3'; got 'digits'",
    ]);
    expect(ScoringEnvironment.image('prod.azurecr.io/digits:latest').resolve(false).warnings).toEqual([
      expect.stringMatching(/^the environment's image: the tag 'latest'/),
    ]);
    expect(ScoringEnvironment.image(Token.asString({ resolve: () => '' })).resolve(false).problems).toEqual([]);
  });
});

describe('more', () => {
  const before = ScoringEnvironment.conda({
    packages: ['numpy=1', 'scipy'],
    pip: ['nltk==3.8', 'git+https://github.com/a/b@v1#egg=b_b'],
    environmentVariables: { A: '1', B: '2' },
  });

  test('makes another environment, in which what is named again stands once', () => {
    const after = before.with({
      packages: ['numpy=2'],
      pip: ['NLTK==3.9', 'B.B==2'],
      environmentVariables: { B: '3', C: '4' },
      enableGpu: true,
    });

    expect(after.enableGpu).toBe(true);
    expect(after.resolve(false)).toEqual(
      recipe({
        baseImage: GPU,
        conda: {
          channels: ['conda-forge', 'nodefaults'],
          packages: ['numpy=2', 'pip', 'python=3.12', 'scipy'],
          pip: ['B.B==2', 'NLTK==3.9', SERVER],
        },
        environmentVariables: { A: '1', B: '3', C: '4' },
      }),
    );
    expect(before.resolve(false).conda?.packages).toContain('numpy=1');
    expect(before.resolve(false).environmentVariables).toEqual({ A: '1', B: '2' });
    expect(before.enableGpu).toBeUndefined();
  });

  test('of nothing is the same', () => {
    expect(before.with({}).resolve(true)).toEqual(before.resolve(true));
  });

  test('mends what was wrong with a package', () => {
    expect(before.with({ pip: ['sklearn'] }).resolve(false).problems).toHaveLength(1);
    expect(
      before
        .with({ packages: ['python=3.6'] })
        .with({ packages: ['python=3.12'] })
        .resolve(false).problems,
    ).toEqual([]);
  });

  test.each([
    ScoringEnvironment.pip({}),
    ScoringEnvironment.image(OWN),
    ScoringEnvironment.curated('minimal-py312-inference'),
  ])('fails to be packages of conda where there is none', (environment) => {
    expect(environment.with({ packages: ['numpy', 'scipy=1'] }).resolve(false).problems).toEqual([
      "packages are what conda installs, and this environment has no conda; got 'numpy', 'scipy=1'; give them as pip, or " +
        'make the environment with ScoringEnvironment.conda',
    ]);
  });

  test('is refused for what it holds', () => {
    expect(before.with({ packages: ['./a'], pip: ['-e .'] }).resolve(false).problems).toEqual([
      expect.stringMatching(/^packages: '\.\/a' is no package/),
      expect.stringMatching(/^pip: the build of an image has no files/),
    ]);
  });
});

describe('two environments of the same content', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9]{0,5}([-_.][a-z0-9]{1,4})?$/);
  const names = fc.uniqueArray(name, { selector: (text) => text.replaceAll(/[-_.]/g, '-'), maxLength: 8 });
  const variables = fc.dictionary(fc.stringMatching(/^[A-Z]{1,5}$/), fc.string());

  test('are one, in whatever order they are written', () => {
    const written = fc
      .tuple(names, names, variables)
      .chain(([packages, pipPackages, environmentVariables]) =>
        fc.tuple(
          fc.constant({ packages, pip: pipPackages, environmentVariables }),
          fc.shuffledSubarray(packages, { minLength: packages.length }),
          fc.shuffledSubarray(pipPackages, { minLength: pipPackages.length }),
        ),
      );
    fc.assert(
      fc.property(written, ([options, packages, pipPackages]) => {
        const environmentVariables = Object.fromEntries(Object.entries(options.environmentVariables).reverse());
        const other = { environmentVariables, pip: pipPackages, packages };
        expect(JSON.stringify(conda(other))).toBe(JSON.stringify(conda(options)));
      }),
    );
  });

  test('are one when everything is named again in another spelling', () => {
    fc.assert(
      fc.property(names, (packages) => {
        const again = packages.map((text) => text.replaceAll(/[-_.]/g, '__').toUpperCase());
        const environment = ScoringEnvironment.pip({ packages }).with({ pip: again });
        expect(environment.resolve(false).pip).toEqual(pip({ packages: again }).pip);
      }),
    );
  });
});
