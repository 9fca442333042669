import { appendFileSync, cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { Project, ROOT } from './terraform';
import { describeWith, STAND_IN_PROVIDERS, TERRAFORM } from './tools';

const MINUTES = 60_000;

describeWith([TERRAFORM, STAND_IN_PROVIDERS], 'two unprotected platforms in one App', () => {
  const project = new Project(join(ROOT, 'test/e2e/throwaway-platforms.cjs'));
  const ofBlue = () => project.applied.filter((thing) => thing.includes('blue'));
  let services: string[];
  let models: string[];

  beforeAll(() => {
    project.cdktf('deploy', '*');
    services = project.applied.filter((thing) => thing.startsWith('kubernetes_deployment_v1|'));
    models = project.applied.filter((thing) => thing.startsWith('azurerm_storage_blob|'));
  }, 10 * MINUTES);

  test('are deployed by one command', () => {
    expect(project.stacks).toEqual(
      ['blue', 'green'].flatMap((name) =>
        ['addons', 'cluster', 'foundation', 'serving'].map((role) => `${name}-${role}`),
      ),
    );
    expect(services).toHaveLength(2);
    expect(models).toHaveLength(4);
  });

  test('leave nothing to a second plan', { timeout: 5 * MINUTES }, () => {
    for (const stack of project.stacks) {
      expect(project.plan(stack)).toBe('');
    }
  });

  test('take a changed model in before the rollout and out after it', { timeout: 5 * MINUTES }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'azure-inference-model-'));
    cpSync(join(ROOT, 'examples/gpu-triton/models/digits'), folder, { recursive: true });
    appendFileSync(join(folder, 'config.pbtxt'), '# changed\n');
    project.synthesize({ MODEL_FOLDER: folder });

    const steps = project.apply('blue-serving');

    const rollout = steps.findIndex((step) => step.startsWith('update kubernetes_deployment_v1.'));
    const blobs = steps.map((step, at) => ({ step, at })).filter(({ step }) => step.includes('azurerm_storage_blob.'));
    expect(rollout).toBeGreaterThan(0);
    expect(blobs.filter(({ step, at }) => step.startsWith('create ') && at < rollout)).toHaveLength(2);
    expect(blobs.filter(({ step, at }) => step.startsWith('delete ') && at > rollout)).toHaveLength(2);
    expect(blobs).toHaveLength(4);
  });

  test('lose cluster and services, and keep the foundation, when those alone are destroyed', {
    timeout: 5 * MINUTES,
  }, () => {
    project.cdktf('destroy', 'blue-serving', 'blue-addons', 'blue-cluster');

    expect(ofBlue().filter((thing) => /kubernetes|helm_release|storage_blob/.test(thing))).toEqual([]);
    expect(ofBlue().filter((thing) => thing.startsWith('azurerm_machine_learning_workspace|'))).toHaveLength(1);
    expect(project.plan('blue-foundation')).toBe('');
  });

  test('come back with models and services under their names when deployed again', { timeout: 5 * MINUTES }, () => {
    project.cdktf('deploy', '*');

    expect(project.applied.filter((thing) => thing.startsWith('kubernetes_deployment_v1|'))).toEqual(services);
    expect(project.applied.filter((thing) => thing.startsWith('azurerm_storage_blob|'))).toEqual(models);
    expect(project.plan('blue-foundation')).toBe('');
    expect(project.plan('blue-serving')).toBe('');
  });

  test('leave nothing behind when everything is destroyed', { timeout: 5 * MINUTES }, () => {
    project.cdktf('destroy', '*');

    expect(project.applied).toEqual([]);
  });
});
