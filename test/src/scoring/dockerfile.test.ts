import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type DockerfileOptions,
  dockerfile,
  dockerfileProblems,
  dockerfileWarnings,
} from '../../../src/scoring/dockerfile';
import type { EnvironmentRecipe } from '../../../src/scoring/environment-recipe';

const RECIPE: EnvironmentRecipe = {
  baseImage: 'registry.example.com/base:1.2',
  pip: [],
  environmentVariables: {},
  dockerfileSteps: [],
  problems: [],
  warnings: [],
};

const textOf = (recipe: Partial<EnvironmentRecipe> = {}, options: Partial<DockerfileOptions> = {}) =>
  dockerfile({
    recipe: { ...RECIPE, ...recipe },
    entryScript: 'score.py',
    modelDirectory: '/var/azureml-app/azureml-models',
    hasModels: false,
    labels: {},
    ...options,
  });
const problemsOf = (recipe: Partial<EnvironmentRecipe>) => dockerfileProblems({ ...RECIPE, ...recipe });
const CONDA = { channels: ['conda-forge'], packages: ['python=3.12'], pip: [] };

describe('a Dockerfile', () => {
  test('starts from the base, checks the server as a user without rights, and then takes in the sources', () => {
    expect(textOf()).toBe(`FROM registry.example.com/base:1.2
USER 0
USER 1001
RUN ["gunicorn","--check-config","--config=python:azureml_inference_server_http","flask:Flask"]
# root owns the files, and all may read them: what is downloaded from a store has the modes 0644 and 0755
COPY source/ /var/azureml-app/
ENV AML_APP_ROOT=/var/azureml-app AZUREML_MODEL_DIR="/var/azureml-app/azureml-models" PYTHONUNBUFFERED=1
ENV AZUREML_ENTRY_SCRIPT="score.py"
WORKDIR /var/azureml-app
EXPOSE 5001
ENTRYPOINT []
CMD ["azmlinfsrv","--entry_script","score.py"]
`);
  });

  test('installs packages of pip without a cache', () => {
    expect(textOf({ pip: ['numpy'] })).toContain(
      'USER 0\nCOPY requirements.txt /azureml-envs/requirements.txt\n' +
        'RUN python -m pip install --no-cache-dir --requirement /azureml-envs/requirements.txt\nUSER 1001\n',
    );
  });

  test('makes a conda environment and puts it before all others', () => {
    expect(textOf({ conda: CONDA })).toContain(`USER 0
COPY conda.yml /azureml-envs/conda.yml
RUN PIP_NO_CACHE_DIR=1 conda env create --quiet --prefix /azureml-envs/scoring --file /azureml-envs/conda.yml && conda clean --all --yes
ENV AZUREML_CONDA_ENVIRONMENT_PATH=/azureml-envs/scoring AZUREML_CONDA_DEFAULT_ENVIRONMENT=/azureml-envs/scoring
ENV PATH=/azureml-envs/scoring/bin:$PATH
ENV LD_LIBRARY_PATH=/azureml-envs/scoring/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
USER 1001
`);
  });

  test('has packages, steps, variables, models, sources and labels in this order, what changes seldom first', () => {
    const text = textOf(
      {
        pip: ['a'],
        conda: CONDA,
        dockerfileSteps: ['RUN echo  "$HOME" \\', '  two'],
        environmentVariables: { A: '1' },
      },
      { hasModels: true, labels: { title: 'digits' } },
    );
    const order = [
      'FROM ',
      'COPY requirements.txt',
      'COPY conda.yml',
      'RUN echo  "$HOME" \\\n  two\n',
      'ENV A="1"\n',
      'USER 1001',
      'COPY azureml-models/ /var/azureml-app/azureml-models/',
      'COPY source/',
      'LABEL title="digits"\n',
    ].map((part) => text.indexOf(part));

    expect(order).not.toContain(-1);
    expect(order).toEqual([...order].sort((one, other) => one - other));
  });

  test('starts with a base Dockerfile to the letter', () => {
    const base = '# mine\r\nFROM a.example.com/x:1 AS b\nFROM b\nRUN  true';

    expect(textOf({ baseDockerfile: base, baseImage: undefined })).toMatch(
      /^# mine\r\nFROM a\.example\.com\/x:1 AS b\nFROM b\nRUN {2}true\nUSER 0\n/,
    );
    expect(textOf({ baseDockerfile: `${base}\n` })).toBe(textOf({ baseDockerfile: base }));
  });

  test('names the script and the models where they are', () => {
    const text = textOf(
      {},
      { entryScript: 'app/my "best" $score.py', modelDirectory: '/var/azureml-app/azureml-models/a/1' },
    );

    expect(text).toContain('AZUREML_MODEL_DIR="/var/azureml-app/azureml-models/a/1"');
    expect(text).toContain('ENV AZUREML_ENTRY_SCRIPT="app/my \\"best\\" \\$score.py"');
    expect(text).toContain('CMD ["azmlinfsrv","--entry_script","app/my \\"best\\" $score.py"]');
  });

  test('never runs as root, and names no version that moves', () => {
    const text = textOf({ pip: ['a'], conda: CONDA }, { hasModels: true });

    expect([...text.matchAll(/^USER (.*)$/gm)].at(-1)?.[1]).toBe('1001');
    expect(text).not.toContain('latest');
  });
});

/**
 * Names and values of ENV or LABEL as Docker reads them, where no variable is set: words end at blanks outside of quotes;
 * single quotes keep all; a backslash keeps the next character, and in double quotes only `"`, `$` and itself.
 *
 * @see https://docs.docker.com/reference/dockerfile/#env
 */
function asDockerReads(text: string, instruction: 'ENV' | 'LABEL', escapeWith = '\\'): { [name: string]: string } {
  const values: { [name: string]: string } = {};
  for (const line of text.split('\n').filter((each) => each.startsWith(`${instruction} `))) {
    const signs = [...line.slice(instruction.length + 1)];
    let word = '';
    let quote = '';
    const end = () => {
      const at = word.indexOf('=');
      values[word.slice(0, at)] = word.slice(at + 1);
      word = '';
    };
    for (let sign = signs.shift(); sign !== undefined; sign = signs.shift()) {
      if (sign === quote) {
        quote = '';
      } else if (quote === "'") {
        word += sign;
      } else if (quote === '' && /["']/.test(sign)) {
        quote = sign;
      } else if (sign === escapeWith) {
        const next = signs.shift();
        expect(next, 'the line goes on').toBeDefined();
        word += quote === '' || ['"', '$', escapeWith].includes(next ?? '') ? next : sign + next;
      } else if (sign === '$') {
        word += '(a variable)';
      } else if (quote === '' && /\s/.test(sign)) {
        end();
      } else {
        word += sign;
      }
    }
    expect(quote, 'a quote stays open').toBe('');
    end();
  }
  return values;
}

describe('a value', () => {
  const signs = ['\\', '"', "'", '$', '{', '}', '`', ' ', '\t', '#', '=', 'A', 'n', 'é', '😀', '\r', ':', '-'];
  const value = fc.string({ unit: fc.constantFrom(...signs), maxLength: 12 });

  test.each([
    ['', '""'],
    ['a b', '"a b"'],
    ['$HOME', '"\\$HOME"'],
    ['say "hi"', '"say \\"hi\\""'],
    ['C:\\', '"C:"\\\\""'],
    ['\\"', '""\\\\"\\""'],
    ["it's", '"it\'s"'],
  ])('%j is written as %s', (text, written) => {
    expect(textOf({ environmentVariables: { A: text } })).toContain(`ENV A=${written}\n`);
  });

  test('of a variable arrives to the letter', () => {
    fc.assert(
      fc.property(value, value, (A, B) => {
        expect(asDockerReads(textOf({ environmentVariables: { A, B } }), 'ENV')).toMatchObject({ A, B });
      }),
      { numRuns: 1000 },
    );
  });

  test('arrives to the letter behind a base Dockerfile that escapes with another sign', () => {
    const bases = ['# escape=`\nFROM a:1', '# syntax=docker/dockerfile:1\r\n#  Escape = ` \r\nFROM a:1'];
    fc.assert(
      fc.property(fc.constantFrom(...bases), value, (baseDockerfile, A) => {
        expect(asDockerReads(textOf({ baseDockerfile, environmentVariables: { A } }), 'ENV', '`')).toMatchObject({ A });
      }),
      { numRuns: 1000 },
    );
  });

  test('is escaped with a backslash where the base Dockerfile only seems to say otherwise', () => {
    for (const baseDockerfile of ['# mine\n# escape=`\nFROM a:1', 'FROM a:1\n# escape=`', '# escape=\\\nFROM a:1']) {
      expect(textOf({ baseDockerfile, environmentVariables: { A: '$' } })).toContain('ENV A="\\$"\n');
    }
  });

  test('of a label arrives to the letter', () => {
    const label = value.map((text) => text.replaceAll('\r', ''));
    fc.assert(
      fc.property(label, label, (one, other) => {
        const labels = { title: one, 'org.example.x-y': other };
        expect(asDockerReads(textOf({}, { labels }), 'LABEL')).toEqual(labels);
      }),
      { numRuns: 1000 },
    );
  });

  test('of a label with line breaks becomes one line, with a warning', () => {
    const labels = { description: 'Reads\n  digits.\r\n', title: 'digits' };

    expect(textOf({}, { labels })).toContain('LABEL description="Reads digits. "\n');
    expect(dockerfileWarnings(RECIPE, labels)).toEqual([
      "the label 'description' of the image is written on one line, since a label cannot have line breaks",
    ]);
  });
});

describe('a recipe fails', () => {
  test('not as it is', () => {
    expect(problemsOf({})).toEqual([]);
    expect(dockerfileWarnings(RECIPE, { a: 'b' })).toEqual([]);
  });

  test('without a base, unless it says itself what is wrong', () => {
    expect(problemsOf({ baseImage: undefined })).toEqual([
      'the environment names no image to build from; give it a base image or a base Dockerfile',
    ]);
    expect(problemsOf({ baseImage: undefined, problems: ['x'] })).toEqual([]);
    expect(problemsOf({ baseImage: undefined, baseDockerfile: 'ARG BASE\nfrom $BASE' })).toEqual([]);
  });

  test.each(['', '# FROM a:1', 'RUN echo FROM a:1'])('with a base Dockerfile without FROM: %j', (baseDockerfile) => {
    expect(problemsOf({ baseDockerfile })).toEqual([
      "the base Dockerfile has no 'FROM image', which the build starts from; add it",
    ]);
  });

  test('with a base Dockerfile or a step that takes the next line in', () => {
    expect(problemsOf({ baseDockerfile: 'FROM a:1\nRUN a \\ \n', dockerfileSteps: ['RUN b \\'] })).toEqual([
      "the base Dockerfile ends with '\\', which takes the next line in; remove it",
      "the last step of the Dockerfile ends with '\\', which takes the next line in; remove it",
    ]);
    expect(problemsOf({ baseDockerfile: '# escape=`\nFROM a:1\nRUN a `' })).toEqual([
      "the base Dockerfile ends with '`', which takes the next line in; remove it",
    ]);
    expect(problemsOf({ dockerfileSteps: ['RUN a \\', '  b'] })).toEqual([]);
  });

  test('with a step that starts another image', () => {
    expect(problemsOf({ dockerfileSteps: ['RUN a', 'from b:1'] })).toEqual([
      "the steps of the Dockerfile start from another image with 'FROM', so that the packages are lost; write them as a " +
        'base Dockerfile',
    ]);
    expect(problemsOf({ dockerfileSteps: ['RUN <<SQL', 'SELECT a', 'FROM b', 'SQL'] })).toEqual([]);
  });

  test.each(['a\nb', '\n', 'a\0'])('with a variable that a Dockerfile cannot hold: %j', (A) => {
    expect(problemsOf({ environmentVariables: { A } })).toEqual([
      "the environment's variable 'A' has a line break or a zero, which a Dockerfile cannot hold; write it on one line, or set " +
        "it among the service's environmentVariables, which go to the pod and not into the image",
    ]);
  });

  test('with a variable that is longer than a line may be', () => {
    expect(problemsOf({ environmentVariables: { A: 'é'.repeat(32_400) } })).toEqual([]);
    expect(problemsOf({ environmentVariables: { A: 'é'.repeat(32_500) } })).toEqual([
      "the environment's variable 'A' is longer than the 65000 bytes of a line of a Dockerfile; shorten it, or set it among " +
        "the service's environmentVariables, which go to the pod and not into the image",
    ]);
  });
});

describe('a base Dockerfile', () => {
  const warningsOf = (baseDockerfile: string) => dockerfileWarnings({ ...RECIPE, baseDockerfile }, {});

  test.each(['ubuntu', 'a.example.com:5000/x', 'a.example.com/x:latest'])('is doubtful from %s', (image) => {
    expect(warningsOf(`FROM --platform=linux/amd64 ${image} AS build\nFROM a.example.com/x:1`)).toEqual([
      `the base Dockerfile starts from '${image}', which may be another image at each build; name a version by tag or digest`,
    ]);
  });

  test.each([
    'FROM a.example.com:5000/x:1.2',
    `FROM x@sha256:${'0'.repeat(64)}`,
    'FROM scratch',
    'FROM x:1 as One\nFROM one',
    'ARG BASE\nFROM $BASE',
  ])('is fine from a version, a stage or nothing: %j', (text) => {
    expect(warningsOf(text)).toEqual([]);
  });
});
