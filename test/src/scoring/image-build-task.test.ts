import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { imageBuildTask } from '../../../src/scoring/image-build-task';
import { folderWith } from '../../fixtures';
import { parseTask, runTask, splitCommand, storeWith } from '../../registry-task';

const FOLDER = 'prod-serving/scoring-images/digits/0123456789abcdef';
const REFERENCE = 'prod.azurecr.io/prod-serving/digits:0123456789abcdef';
const CLIENT_ID = '99999999-8888-7777-6666-555555555555';
const FILES = { Dockerfile: 'FROM scratch\n', 'source/score.py': 'def init(): ...\n', 'source/a b$(c)/d.txt': 'x' };

const text = (fileCount = Object.keys(FILES).length) =>
  imageBuildTask({
    clientId: CLIENT_ID,
    storageAccountName: 'prodmodels',
    containerName: 'models',
    folder: FOLDER,
    fileCount,
    reference: REFERENCE,
    timeoutSeconds: 1800,
  });
const task = (fileCount?: number) => parseTask(text(fileCount));
const store = () => storeWith(FOLDER, folderWith(FILES));

const LOGIN = `az login --identity --client-id ${CLIENT_ID} --allow-no-subscriptions --output none`;
const FETCH =
  'az storage blob download-batch --auth-mode login --account-name prodmodels --source models ' +
  `--pattern ${FOLDER}/* --destination . --overwrite true --no-progress --query length(@) --output tsv`;
const BUILT = [`build ${REFERENCE}`, `push ${REFERENCE}`];

describe('the task that builds an image', () => {
  test('signs in as its identity, fetches the context without a key, builds it and pushes the image', () => {
    const run = runTask(task(), { store: store() });

    expect(run.events).toEqual(['run mcr.microsoft.com/azure-cli:2.91.0', LOGIN, FETCH, ...BUILT]);
    expect(run.succeeded).toBe(true);
    for (const name of Object.keys(FILES)) {
      expect(existsSync(join(run.workspace, FOLDER, name))).toBe(true);
    }
  });

  test.each(['403', 'network'])(
    'asks again every 15 seconds while the answer is %s, and goes on when the grant comes',
    (refusal) => {
      const run = runTask(task(), { store: store(), refusals: [refusal, refusal, refusal] });

      const again = ['sleep 15', FETCH];
      expect(run.events.slice(1)).toEqual([LOGIN, FETCH, ...again, ...again, ...again, ...BUILT]);
      expect(run.log).toContain(
        `the identity ${CLIENT_ID} may not read the build context yet; asking again in 15 seconds`,
      );
      expect(run.succeeded).toBe(true);
    },
  );

  test('gives up after ten minutes without a grant, says what the store said, and builds nothing', () => {
    const run = runTask(task(), { store: store(), refusals: Array.from({ length: 100 }, () => '403') });

    const seconds = run.events.flatMap((event) => /^sleep (\d+)$/.exec(event)?.slice(1) ?? []).map(Number);
    expect(seconds.reduce((sum, each) => sum + each, 0) + 15).toBe(600);
    expect(run.log).toContain('You do not have the required permissions');
    expect(run.events).not.toContain(BUILT[0]);
    expect(run.succeeded).toBe(false);
  });

  test('gives up at once at any other error', () => {
    const run = runTask(task(), { store: store(), refusals: ['404'] });

    expect(run.events.slice(1)).toEqual([LOGIN, FETCH]);
    expect(run.log).toContain('ErrorCode:ContainerNotFound');
    expect(run.succeeded).toBe(false);
  });

  test('gives up when the identity cannot sign in', () => {
    const run = runTask(task(), { store: store(), signInFails: true });

    expect(run.events.slice(1)).toEqual([LOGIN]);
    expect(run.succeeded).toBe(false);
  });

  test('builds nothing of a context of which files are missing, and says how many are there', () => {
    const run = runTask(task(13), { store: store() });

    expect(run.log).toBe('the build context has 13 files, and this many are there:\n3\n');
    expect(run.events).not.toContain(BUILT[0]);
    expect(run.succeeded).toBe(false);
  });

  test('bounds each step by the time-out of the build, and the fetch by a quarter of an hour', () => {
    expect(task()).toMatchObject({
      version: 'v1.1.0',
      stepTimeout: 1800,
      steps: [{ id: 'fetch', timeout: 900 }, { id: 'build' }, { id: 'push' }],
    });
  });

  test('has nothing in it that ACR Tasks would put something else in the place of', () => {
    expect(text()).not.toMatch(/\$|\{\{/);
    expect(text()).not.toMatch(/^#|^\S.*[^:\w.\s-].*:/m);
  });

  test('reads the same to the shell that older agents of ACR Tasks pass commands through', () => {
    const [fetch] = task().steps;
    const words = splitCommand(fetch?.cmd ?? '');

    expect(words.slice(0, 3)).toEqual(['mcr.microsoft.com/azure-cli:2.91.0', 'bash', '-c']);
    expect(words).toHaveLength(4);
    expect(fetch?.cmd?.split("'")).toHaveLength(3);
  });
});
