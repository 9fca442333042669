import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { POD_IDENTITY } from '../../src/azure/pod-identity';
import { folderWith } from '../fixtures';
import { describeWith, PYTHON } from './tools';

/** What a script that has the identity at hand writes. */
function written(script: string): string {
  const options = { cwd: folderWith({ 'identity.py': POD_IDENTITY }), encoding: 'utf8' } as const;
  const { stdout, stderr } = spawnSync('python3', ['-c', `from identity import *\n${script}`], options);
  expect(stderr).toBe('');
  return stdout.trim();
}

/** The token that is given where one is kept for so many seconds and Entra ID is away, or why there is none. */
function tokenAfterFailure(seconds: number | undefined): string {
  const kept =
    seconds === undefined ? '' : `pod_identity.tokens["scope"] = AccessToken("kept", time.time() + ${seconds})`;
  return written(`def away(scope):
    raise OSError("Entra ID is away")
pod_identity.sign_in = away
${kept}
try:
    print(pod_identity.get_token("scope").token)
except OSError as error:
    print(error)
`);
}

/** What is said of a request that Azure refuses, given how its answer is read. */
function refusal(read: string): string {
  return written(`class Refusal(urllib.error.HTTPError):
    def read(self, size):
        ${read}
def refuse(request, timeout):
    raise Refusal("https://there", 403, "Forbidden", None, None)
urllib.request.urlopen = refuse
try:
    send_to_azure("request")
except OSError as error:
    print(error)
`);
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

  test('says what Azure answered, as far as that arrived', () => {
    expect(refusal('return b"<Code>no\\n  role</Code>"')).toBe('403 Forbidden: <Code>no role</Code>');
    expect(refusal('return b""')).toBe('403 Forbidden');
    expect(refusal('raise http.client.IncompleteRead(b"")')).toBe('403 Forbidden');
  });
});
