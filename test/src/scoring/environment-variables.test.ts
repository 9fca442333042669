import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { environmentVariableProblems, literalVariable } from '../../../src/scoring/environment-variables';

describe('a name', () => {
  test.each(['THRESHOLD', '_private', 'lower_case_2', 'AZUREML_INFERENCE_SERVER_X'])('may be %s', (name) => {
    expect(environmentVariableProblems({ [name]: '' })).toEqual([]);
  });

  test.each(['', '2ND', 'WITH-HYPHEN', 'with space', 'dotted.name', 'A=B', 'ÄRGER', 'LINE\nBREAK'])(
    'fails to be %j',
    (name) => {
      expect(environmentVariableProblems({ [name]: 'x' })).toEqual([
        `environmentVariables are named by letters, digits and underscores, the first not a digit; got '${name}'`,
      ]);
    },
  );

  test.each([
    ...['AML_APP_ROOT', 'AZUREML_MODEL_DIR', 'AZUREML_ENTRY_SCRIPT', 'AZUREML_LOG_LEVEL', 'AZUREML_DEBUG_PORT'],
    ...['SERVICE_NAME', 'SCORING_TIMEOUT_MS', 'PYTHONUNBUFFERED', 'HOME', 'GUNICORN_CMD_ARGS'],
    ...['AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_AUTHORITY_HOST', 'AZURE_FEDERATED_TOKEN_FILE'],
  ])('fails to be one that is set already: %s', (name) => {
    expect(environmentVariableProblems({ [name]: 'secret' })).toEqual([
      `environmentVariables must not set '${name}', which the library or the cluster sets itself; leave it out`,
    ]);
  });
});

test('every wrong name is named, in order', () => {
  expect(environmentVariableProblems({ 'A-B': '', GOOD: '', HOME: '' })).toEqual([
    expect.stringMatching(/; got 'A-B'$/),
    expect.stringMatching(/'HOME'/),
  ]);
});

/** What Kubernetes makes of a value, with every variable set to `!`; see `expand.go` of its `forked/golang/expansion`. */
function asKubernetesReads(value: string): string {
  return value.replaceAll(/\$(\$|\([^)]*\))/g, (_, what: string) => (what === '$' ? '$' : '!'));
}

describe('a value', () => {
  test.each([
    ['$(HOME)', '$$(HOME)'],
    ['$$(HOME)', '$$$$(HOME)'],
    ['a$$b', 'a$$$$b'],
    ['$HOME ${HOME} 5$', '$HOME ${HOME} 5$'],
  ])('%j is written as %j', (value, written) => {
    expect(literalVariable(value)).toBe(written);
  });

  test('arrives to the letter, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '(', ')', '{', 'X') }), (value) => {
        expect(asKubernetesReads(literalVariable(value))).toBe(value);
      }),
      { numRuns: 1000 },
    );
  });
});
