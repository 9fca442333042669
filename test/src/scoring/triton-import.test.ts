import { ScoringEnvironment } from 'azure-inference-cdktf';
import { describe, expect, test } from 'vitest';
import type { EnvironmentRecipe } from '../../../src/scoring/environment-recipe';
import { tritonImportWarnings } from '../../../src/scoring/triton-import';

const SCRIPT = 'import json\n\nimport tritonhttpclient\n';

function warningsOf(environment: ScoringEnvironment, script = SCRIPT, files: readonly string[] = ['score.py']) {
  return tritonImportWarnings('scripts/score.py', Buffer.from(script), environment.resolve(false), files);
}

const warning = (line: number, module: string) =>
  `scripts/score.py:${line}: imports ${module}, and the environment installs no client of Triton; take ` +
  "ScoringEnvironment.curated('AzureML-Triton'), which has it, or add 'tritonclient[http]' to the packages of pip";

describe('a script that imports a client of Triton', () => {
  test.each([
    ['import tritonclient.http as triton\n', 1, 'tritonclient'],
    [SCRIPT, 3, 'tritonhttpclient'],
    ['from tritongrpcclient import InferInput\n', 1, 'tritongrpcclient'],
    ['def init():\n    import tritonclient.grpc\n', 2, 'tritonclient'],
  ])('is warned of where the environment has none: %j', (script, line, module) => {
    expect(warningsOf(ScoringEnvironment.pip({ packages: ['nltk'] }), script)).toEqual([warning(line, module)]);
    expect(warningsOf(ScoringEnvironment.conda({ pip: ['nltk'] }), script)).toEqual([warning(line, module)]);
    expect(warningsOf(ScoringEnvironment.curated('minimal-py312-inference'), script)).toEqual([warning(line, module)]);
  });

  test.each([
    ['AzureML-Triton', ScoringEnvironment.curated('AzureML-Triton').with({ pip: ['nltk'] })],
    ['a package of pip', ScoringEnvironment.pip({ packages: ['tritonclient[http]==2.73.0'] })],
    ['pip beside conda', ScoringEnvironment.conda({ pip: ['tritonclient[all]'] })],
    ['a package of conda', ScoringEnvironment.conda({ packages: ['python-tritonclient'] })],
  ])('is not warned of where the environment has one: %s', (_, environment) => {
    expect(warningsOf(environment)).toEqual([]);
  });

  test('is not warned of where nobody knows what the image has', () => {
    const recipe: EnvironmentRecipe = ScoringEnvironment.pip({}).resolve(false);

    expect(warningsOf(ScoringEnvironment.image('prod.azurecr.io/base:1'))).toEqual([]);
    expect(warningsOf(ScoringEnvironment.pip({ baseImage: 'prod.azurecr.io/base:1' }))).toEqual([]);
    for (const more of [{ baseImage: undefined, baseDockerfile: 'FROM a' }, { dockerfileSteps: ['RUN ./install'] }]) {
      expect(tritonImportWarnings('score.py', Buffer.from(SCRIPT), { ...recipe, ...more }, [])).toEqual([]);
    }
  });

  test.each(['tritonhttpclient.py', 'tritonhttpclient/__init__.py'])('is not warned of where it has %s', (file) => {
    expect(warningsOf(ScoringEnvironment.pip({}), SCRIPT, ['score.py', file])).toEqual([]);
  });
});

test.each(['import numpy\n', '# import tritonclient\n', "'''\nimport tritonclient\n'''\n", 'import tritonic\n'])(
  'a script that imports none is not warned of: %j',
  (script) => {
    expect(warningsOf(ScoringEnvironment.pip({}), script)).toEqual([]);
  },
);
