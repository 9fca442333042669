import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { IDENTITY } from '../../src/scoring/gunicorn/identity';
import { folderWith } from '../fixtures';
import { describeWith, PYTHON } from './tools';

/** The token that is given where one is kept for so many seconds and Entra ID is away, or why there is none. */
function tokenAfterFailure(seconds: number | undefined): string {
  const kept =
    seconds === undefined ? '' : `pod_identity.tokens["scope"] = AccessToken("kept", time.time() + ${seconds})`;
  const script = `import os, threading, time
from identity import *
def away(scope):
    raise OSError("Entra ID is away")
pod_identity.sign_in = away
${kept}
try:
    print(pod_identity.get_token("scope").token)
except OSError as error:
    print(error)
`;
  const folder = folderWith({ 'identity.py': `import os\nimport threading\nimport time\n${IDENTITY}` });
  const { stdout, stderr } = spawnSync('python3', ['-c', script], { cwd: folder, encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.trim();
}

describeWith([PYTHON], 'the identity of a pod', () => {
  test('keeps a token that cannot be renewed while it is good', () => {
    expect(tokenAfterFailure(200)).toBe('kept');
  });

  test.each([undefined, 20, -1])(
    'says why there is no token where the one that is kept is good for %s s',
    (seconds) => {
      expect(tokenAfterFailure(seconds)).toBe('Entra ID is away');
    },
  );
});
