import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  condaSpec,
  holdsSecret,
  permits,
  pipName,
  pipSpec,
  secretProblem,
  shown,
} from '../../../src/scoring/package-spec';

describe('a package of conda', () => {
  test.each([
    ['numpy', 'numpy', ''],
    ['NumPy', 'numpy', ''],
    ['numpy=1.2', 'numpy', '=1.2'],
    ['numpy==1.2', 'numpy', '==1.2'],
    ['numpy =1.2', 'numpy', '=1.2'],
    ['numpy = 1.2', 'numpy', '=1.2'],
    ['numpy 1.2', 'numpy', '1.2'],
    ['numpy >=1,<2', 'numpy', '>=1,<2'],
    ['numpy >= 1, < 2', 'numpy', '>=1,<2'],
    ['numpy=1.2=py312_0', 'numpy', '=1.2'],
    ['numpy==1.2=py312_0', 'numpy', '==1.2'],
    ['python 3.11.* *_cpython', 'python', '3.11.*'],
    ['conda-forge::numpy=2', 'numpy', '=2'],
    ["numpy[version='>=1.20,<2']", 'numpy', '>=1.20,<2'],
    ['azureml-sdk[automl]', 'azureml-sdk', ''],
    ['_libgcc_mutex=0.1', '_libgcc_mutex', '=0.1'],
  ])('%s is %s in the versions %j', (text, name, versions) => {
    expect(condaSpec(text)).toEqual({ name, versions });
  });

  test.each(['-r requirements.txt', '', 'git+https://example.com/a', './local', 'two words', 'wrong name=1'])(
    'fails to be %j',
    (text) => {
      expect(condaSpec(text)).toBeUndefined();
    },
  );
});

describe('a package of pip', () => {
  test.each([
    ['numpy', 'numpy', '', undefined],
    ['numpy==1.2', 'numpy', '==1.2', undefined],
    ['numpy >=1, <2', 'numpy', '>=1,<2', undefined],
    ['numpy (>=1,<2)', 'numpy', '>=1,<2', undefined],
    ['azureml-sdk[automl,notebooks]~=1.61', 'azureml-sdk', '~=1.61', undefined],
    ["numpy==1.2; python_version < '3.9'", 'numpy', '==1.2', "python_version < '3.9'"],
    ['numpy==1.2 --hash=sha256:abc', 'numpy', '==1.2', undefined],
    ['torch @ https://example.com/torch.whl', 'torch', '', undefined],
    ['azureml-defaults==1.0.43.*', 'azureml-defaults', '==1.0.43.*', undefined],
  ])('%s is %s in the versions %j', (text, name, versions, marker) => {
    expect(pipSpec(text)).toEqual({ name, versions, marker });
  });

  test.each(['numpy=1.2', 'numpy 1.2', './local', '--pre', '', 'https://example.com/a.whl', 'numpy=='])(
    'fails to be %j',
    (text) => {
      expect(pipSpec(text)).toBeUndefined();
    },
  );

  test('is the same however its name is spelled', () => {
    expect(['azureml_core', 'AzureML-Core', 'azureml.core', 'azureml--core'].map(pipName)).toEqual(
      Array(4).fill('azureml-core'),
    );
  });
});

describe('versions', () => {
  /** The releases of Python 3 among 3.8 to 3.13 that are permitted. */
  const pythons = (versions: string) => [8, 9, 10, 11, 12, 13].filter((minor) => permits(versions, 3, minor));

  test.each<[string, number[]]>([
    ['', [8, 9, 10, 11, 12, 13]],
    ['*', [8, 9, 10, 11, 12, 13]],
    ['=3', [8, 9, 10, 11, 12, 13]],
    ['2.7', []],
    ['=3.10', [10]],
    ['3.10.*', [10]],
    ['==3.10.4', [10]],
    ['>=3.10', [10, 11, 12, 13]],
    ['>=3.10.4', [10, 11, 12, 13]],
    ['>3.10', [10, 11, 12, 13]],
    ['<3.10', [8, 9]],
    ['<3.10.0', [8, 9]],
    ['<3.10.4', [8, 9, 10]],
    ['<=3.10', [8, 9, 10]],
    ['>=3.9,<3.11', [9, 10]],
    ['3.8|3.12', [8, 12]],
    ['!=3.9.*,<3.11', [8, 10]],
    ['!=3.9,<3.10', [8, 9]],
    ['~=3.10', [10, 11, 12, 13]],
    ['~=3.10.2', [10]],
    ['<4', [8, 9, 10, 11, 12, 13]],
    ['<3', []],
    ['unreadable', [8, 9, 10, 11, 12, 13]],
  ])('%j permit the Pythons 3.%j', (versions, expected) => {
    expect(pythons(versions)).toEqual(expected);
  });

  test('of two bounds are those that both permit', () => {
    const release = fc.integer({ min: 0, max: 20 });
    fc.assert(
      fc.property(release, release, release, (low, high, minor) => {
        expect(permits(`>=3.${low},<3.${high}`, 3, minor)).toBe(minor >= low && minor < high);
      }),
    );
  });
});

describe('a secret', () => {
  test.each([
    'https://user:word@example.com/simple',
    'https://token@example.com/simple',
    '--extra-index-url https://${USER}:${WORD}@example.com/simple',
    'git+https://token@github.com/a/b',
    'https://conda.anaconda.org/t/ab-1234/team',
    'https://example.com/a.whl?sv=1&sig=abc',
    'ssh://git:word@example.com/a',
  ])('is in %s', (text) => {
    expect(holdsSecret(text)).toBe(true);
  });

  test.each([
    'numpy==1.2',
    'https://example.com/simple',
    'https://example.com:8443/simple',
    'git+ssh://git@github.com/a/b@v1',
    'git+https://github.com/a/b@v1',
    'https://conda.anaconda.org/conda-forge',
  ])('is not in %s', (text) => {
    expect(holdsSecret(text)).toBe(false);
  });

  test('is refused without being quoted, and so is no address shown', () => {
    expect(secretProblem('conda.yml:3')).toBe(
      'conda.yml:3: an address must not hold a password or a token, which everybody who reads the file or the image ' +
        'would have; take it out, and make what lies there readable without one',
    );
    expect(shown('https://example.com')).toBe('an address');
    expect(shown('numpy')).toBe("'numpy'");
  });
});
