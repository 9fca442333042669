import { describe, expect, test } from 'vitest';
import { ExitCode } from '../../src/cli/program';
import { folderWith } from '../fixtures';
import { cli } from './cli-runner';

const FILE = `${folderWith({ 'request.json': '{}' })}/request.json`;
const URL = 'http://127.0.0.1:9/score';

/** What the command line is refused for. */
async function refusal(...args: string[]): Promise<string> {
  const { code, out, error } = await cli('profile', ...args);
  expect([code, out]).toEqual([ExitCode.USAGE, '']);
  return error;
}

describe('profile', () => {
  test('fails for a file that is not there', async () => {
    expect(await refusal(URL, '/nowhere/request.json')).toBe(
      "error: '/nowhere/request.json' is not a file; name one with the body of a request\n",
    );
  });

  test.each(['127.0.0.1:5001', 'ftp://127.0.0.1/'])('fails for the address %s', async (url) => {
    expect(await refusal(url, FILE)).toBe(
      `error: '${url}' is no address; give one that begins with http:// or https://\n`,
    );
  });

  test.each(['1,x', '0', '1001', '1.5', ''])('fails for the levels %j', async (levels) => {
    expect(await refusal(URL, FILE, '--concurrency', levels)).toContain(
      'Give whole numbers from 1 to 1000 with commas between them, such as 1,2,4.',
    );
  });

  test('fails for levels and seconds as addProfile does', async () => {
    expect(await refusal(URL, FILE, '--concurrency', '1,1', '--duration-seconds', '4000')).toBe(
      'error: concurrency names each level once; got 1 more than once; durationSeconds must be a whole number from 1 to ' +
        '3600; got 4000\n',
    );
  });

  test('fails for a process together with a command', async () => {
    expect(await refusal(URL, FILE, '--pid', '1', '--command', 'serve')).toBe(
      "error: '--pid' and '--command' exclude each other: the process runs, or it is started\n",
    );
  });
});
