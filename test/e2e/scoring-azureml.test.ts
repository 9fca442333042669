import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folderWith } from '../fixtures';
import type { Program } from './servers/process';
import { post, startScoringServer } from './servers/scoring-server';
import { describeWith, SCORING_SERVER } from './tools';

const EXTENDS = '__path__ = __import__("pkgutil").extend_path(__path__, __name__)\n';
const OTHER_PACKAGE = { 'azureml/__init__.py': EXTENDS, 'azureml/data/__init__.py': 'name = "other"\n' };
const IMPORT_ALL = `
from azureml.contrib.services.aml_request import AMLRequest, rawhttp
import azureml.core.model
from azureml.core import Model as other, model
from azureml.core.model import Model
from azureml.contrib.services.aml_response import AMLResponse
assert other is Model is model.Model is azureml.core.model.Model
`;
const GET = `${IMPORT_ALL}result = Model.get_model_path`;

describeWith([SCORING_SERVER], 'azureml-core', () => {
  /** Runs statements where some packages are on the path. */
  function python(port: number, ...packages: { readonly [path: string]: string }[]) {
    let server: Program;
    beforeAll(async () => {
      const models = { 'digits/9/a.bin': 'x', 'digits/10/b.bin': 'x', 'two/1/a': 'x', 'two/1/b': 'x', 'none/x/a': 'x' };
      const environment = { PYTHONPATH: packages.map(folderWith).join(':') };
      server = await startScoringServer({ port, script: 'statements.py', models, environment });
    });
    afterAll(() => server?.stop('SIGTERM'));
    const answer = async (statements: string) =>
      String(await post(port, statements)).replaceAll(/\/[^ ]*\/azure-inference-files-\w+/g, 'ROOT');
    // what a script writes is on its way to here when its answer comes
    const logged = (text: string) => server.until(`the log has '${text}'`, () => server.log.includes(text));
    return { answer, log: () => server.log, logged };
  }

  const MISSING =
    'needs azureml-core, which is not installed; Model.get_model_path works without it; add the pip package ' +
    'azureml-core to the environment';

  describe.each([
    ['in an image without any package of azureml', 15172, {}],
    ['beside another package of azureml', 15173, OTHER_PACKAGE],
  ])('%s', (_, port, packages) => {
    const { answer } = python(port, packages);

    test.each([
      ['("digits")', 'ROOT/azureml-models/digits/10/b.bin'],
      ['(model_name="digits", version=9)', 'ROOT/azureml-models/digits/9/a.bin'],
      [
        '("score.py")',
        /^ModelNotFoundException: no model 'score.py' in ROOT\/azureml-models, which holds digits\/10, digits\/9, two\/1, nor score.py in \//,
      ],
      ['("package.json")', 'package.json'],
      ['("digits", 3)', /^WebserviceException: no version 3 of model 'digits' in ROOT\/azureml-models, /],
      ['("none")', 'WebserviceException: ROOT/azureml-models/none holds no version of the model, but x'],
      [
        '("two")',
        'WebserviceException: Model.get_model_path gives the path of the one file or folder in ROOT/azureml-models/two/1, ' +
          'which holds a, b; give the model one folder around them, or join AZUREML_MODEL_DIR and their names',
      ],
      ['(None)', 'WebserviceException: model_name must be the name of a model; got None'],
      ['("digits", "9")', "WebserviceException: version must be an int; got '9'"],
      ['("digits", _workspace=1)', `ImportError: Model.get_model_path with a workspace ${MISSING}`],
    ])('is stood in for by Model.get_model_path%s', async (given, expected) => {
      const got = await answer(GET + given);

      expect(got).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
    });

    test.each([
      ['from azureml.core import Workspace', 'azureml.core.Workspace'],
      ['from azureml.core.run import Run', 'azureml.core.run'],
      ['import azureml.core.dataset', 'azureml.core.dataset'],
      ['from azureml.core.model import InferenceConfig', 'azureml.core.model.InferenceConfig'],
      ['from azureml.exceptions import UserErrorException', 'azureml.exceptions.UserErrorException'],
    ])('is asked for by %s', async (statement, what) => {
      expect(await answer(statement)).toBe(`ModuleNotFoundError: ${what} ${MISSING}`);
    });

    test.each([
      ['Model(None, "x")', `ImportError: Model(...) ${MISSING}`],
      ['Model.register()', `AttributeError: Model.register ${MISSING}`],
    ])('is asked for by %s', async (statement, error) => {
      expect(await answer(`from azureml.core import Model\n${statement}`)).toBe(error);
    });

    test('has its exceptions where scripts look for them', async () => {
      const statements = `
from azureml.core.model import Model
from azureml.exceptions import ModelNotFoundException, WebserviceException
try:
    Model.get_model_path("other")
except ModelNotFoundException as error:
    result = error.message
`;
      expect(await answer(statements)).toMatch(/^no model 'other' in /);
    });

    test('can be asked for a name without an error, as pickle asks all modules', async () => {
      const statements = 'import azureml.core.model, azureml.exceptions, numpy, pickle';

      expect(await answer(`${statements}\nresult = pickle.loads(pickle.dumps(numpy.add)) is numpy.add`)).toBe('true');
      expect(await answer(`${statements}\nresult = hasattr(azureml.core, "Workspace")`)).toBe('false');
    });
  });

  test('leaves other packages of azureml alone', async () => {
    const packages = [OTHER_PACKAGE, { 'azureml/more/__init__.py': 'name = "more"' }].map(folderWith);
    const environment = { PYTHONPATH: packages.join(':') };
    const server = await startScoringServer({ port: 15176, script: 'statements.py', environment });

    expect(await post(15176, `${IMPORT_ALL}\nimport azureml.data\nresult = azureml.data.name`)).toBe('other');
    expect(await post(15176, 'from azureml.more import name as result')).toBe('more');
    await server.stop('SIGTERM');
  });

  describe('where it can be imported', () => {
    const real = {
      'azureml/__init__.py': EXTENDS,
      'azureml/core/__init__.py': 'print("imported")\nfrom .model import Model\nfrom .run import Run\n',
      'azureml/core/model.py':
        'import azureml.exceptions\nclass Model:\n    get_model_path = staticmethod("real {}".format)\n',
      'azureml/core/run.py': 'class Run:\n    pass\n',
      'azureml/exceptions.py': 'class UserErrorException(Exception):\n    pass\n',
    };
    const { answer, log, logged } = python(15174, real, OTHER_PACKAGE);

    test('is what scripts get, once they ask', async () => {
      expect(log()).not.toContain('imported');
      expect(await answer(`${GET}("digits")`)).toBe('real digits');
      await logged('imported');
      expect(await answer('from azureml.core import Run; result = Run.__name__')).toBe('Run');
      expect(await answer('from azureml.core import Workspace')).toMatch(
        /^ImportError: cannot import name 'Workspace'/,
      );
      expect(await answer('from azureml.exceptions import UserErrorException; result = "there"')).toBe('there');
      expect(await answer('import azureml.data; result = azureml.data.name')).toBe('other');
      expect(await answer('import azureml.core, inspect; result = inspect.getsource(azureml.core)[:5]')).toBe('print');
    });
  });

  describe('where it is there and cannot be imported', () => {
    const broken = {
      'azureml/__init__.py': EXTENDS,
      'azureml/core/__init__.py': 'from .run import Run\nfrom .model import Model\nclass Workspace:\n    pass\n',
      'azureml/core/run.py': 'class Run:\n    pass\n',
      'azureml/core/model.py': 'import pkg_resources_of_old\nclass Model:\n    pass\n',
    };
    const { answer, log, logged } = python(15175, broken, OTHER_PACKAGE);
    const state = "cannot be imported here (ModuleNotFoundError: No module named 'pkg_resources_of_old')";

    test('is stood in for, with a warning that names the error', async () => {
      expect(await answer(`${GET}("digits")`)).toBe('ROOT/azureml-models/digits/10/b.bin');
      expect(await answer(`${GET}("digits", 9)`)).toBe('ROOT/azureml-models/digits/9/a.bin');
      await logged('azureml-core cannot be imported here');
      expect(
        log()
          .match(/ W \[\d+\] azmlinfsrv - azureml-core .*/g)
          ?.map((line) => line.replace(/.* - /, '')),
      ).toEqual([`azureml-core ${state}; Model.get_model_path works all the same`]);
      for (const [statement, what] of [
        ['from azureml.core import Workspace', 'azureml.core.Workspace'],
        ['from azureml.core.run import Run', 'azureml.core.run'],
      ]) {
        expect(await answer(String(statement))).toBe(
          `ModuleNotFoundError: ${what} needs azureml-core, which ${state}; Model.get_model_path works without it; ` +
            'mend that import',
        );
      }
      expect(await answer('import azureml.data; result = azureml.data.name')).toBe('other');
    });
  });
});
