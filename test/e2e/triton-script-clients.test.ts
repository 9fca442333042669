import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { gunicornConfig } from '../../src/scoring/gunicorn-config';
import { folderWith } from '../fixtures';
import { servingEnvironment } from './servers/scoring-server';
import { describeWith, SCORING_SERVER, TRITON } from './tools';

/** What Python prints that has the configuration of a worker, and what it shares of Triton's clients. */
function printed(program: string, packages?: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'azure-inference-clients-'));
  const text = gunicornConfig({ scoringTimeoutMs: 60_000, triton: { httpPort: 1, readyPath: '/v2/health/ready' } });
  writeFileSync(join(folder, 'configuration.py'), text);
  writeFileSync(join(folder, 'main.py'), `import configuration\n\nconfiguration.share_triton_clients()\n${program}`);
  const PYTHONPATH = packages === undefined ? folder : [packages, folder].join(delimiter);
  const env = { ...servingEnvironment(), PYTHONPATH };
  return execFileSync('python3', [join(folder, 'main.py')], { env, encoding: 'utf8', stdio: 'pipe' }).trim();
}

describeWith([SCORING_SERVER, TRITON], "Triton's client over HTTP in a script", () => {
  test('is the same class by all of its names, and one of its own kind', () => {
    const program = `
import tritonclient.http
import tritonhttpclient
from tritonclient.http import InferenceServerClient
from tritonclient.http._client import InferenceServerClient as Original

assert InferenceServerClient is not Original
assert issubclass(InferenceServerClient, Original)
assert tritonhttpclient.InferenceServerClient is tritonclient.http.InferenceServerClient is InferenceServerClient
`;
    expect(printed(program)).toBe('');
  });

  test('refuses what the original refuses, with the same exception', () => {
    const program = `
from tritonclient.http import InferenceServerClient, InferenceServerException

client = InferenceServerClient("localhost:1")
client.register_plugin(print)
assert client.plugin() is print
for call in [
    lambda: InferenceServerClient("http://localhost:1"),
    lambda: client.register_plugin(print),
    lambda: (client.unregister_plugin(), client.unregister_plugin()),
]:
    try:
        call()
    except InferenceServerException as error:
        print(error)
`;
    expect(printed(program).split('\n')).toEqual([
      'url should not include the scheme',
      'A plugin is registered already; unregister it first.',
      'No plugin is registered.',
    ]);
  });

  test.each([
    ['is not installed', 'raise ModuleNotFoundError("No module named \'tritonclient\'")'],
    ['is installed without http', 'raise RuntimeError("The installation does not include http support")'],
    ['is older than its numpy', "raise AttributeError(\"module 'numpy' has no attribute 'bool'\")"],
  ])('may be missing where a script uses another one: it %s', (_, text) => {
    const packages = folderWith({ 'tritonclient/__init__.py': '', 'tritonclient/http/__init__.py': `${text}\n` });

    expect(printed('print("loaded")\n', packages)).toBe('loaded');
  });
});
