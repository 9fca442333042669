import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { Project, ROOT } from './terraform';
import { describeWith, STAND_IN_PROVIDERS, TERRAFORM } from './tools';

const MINUTE = 60_000;
const STACK = 'shop-serving';

describeWith([TERRAFORM, STAND_IN_PROVIDERS], 'a service that is scaled', () => {
  const project = new Project(join(ROOT, 'test/e2e/scaled-services.cjs'));
  const deployed = () => project.stateOf(STACK, 'kubernetes_deployment_v1.reader') as { spec: { replicas: string }[] };

  /** What Terraform does for other options, reading left out. */
  const changed = (options: object, monitoring = 'InCluster') => {
    project.synthesize({ SERVICES: JSON.stringify({ reader: options }), MONITORING: monitoring });
    return project
      .apply(STACK)
      .map(({ what }) => what)
      .filter((what) => !what.startsWith('read '));
  };

  /** The number of replicas as it is read after somebody else has changed it: KEDA, or a person. */
  const setReplicas = (replicas: string) => {
    const file = join(project.folder, `terraform.${STACK}.tfstate`);
    const state = JSON.parse(readFileSync(file, 'utf8'));
    for (const { type, instances } of state.resources) {
      if (type === 'kubernetes_deployment_v1') {
        instances[0].attributes.spec[0].replicas = replicas;
      }
    }
    writeFileSync(file, JSON.stringify({ ...state, serial: state.serial + 1 }));
  };

  beforeAll(() => {
    project.cdktf('deploy', '*');
  }, 10 * MINUTE);

  test('is deployed with a fixed number of replicas, and a plan sets what was changed', { timeout: 3 * MINUTE }, () => {
    expect(project.plan(STACK)).toBe('');

    setReplicas('3');
    expect(project.plan(STACK)).toMatch(/~ replicas +=? +"3" -> "1"/);
    setReplicas('1');
  });

  test('becomes one that follows its load by updates: nothing is replaced', { timeout: 3 * MINUTE }, () => {
    const steps = changed({ autoscale: { maxReplicas: 4 } });

    expect(steps.filter((what) => /^(delete|replace)/.test(what) && !what.includes('config_map'))).toEqual([]);
    expect(steps).toEqual(
      expect.arrayContaining([
        'update kubernetes_deployment_v1.reader',
        'update helm_release.reader_chart',
        'create kubernetes_stateful_set_v1.reader_router',
      ]),
    );
    expect(project.plan(STACK)).toBe('');
  });

  test('keeps the replicas that it was scaled to, whatever else changes', { timeout: 3 * MINUTE }, () => {
    setReplicas('4');

    expect(project.plan(STACK)).toBe('');
    expect(changed({ autoscale: { maxReplicas: 6 }, cpuCores: 0.2 })).toContain(
      'update kubernetes_deployment_v1.reader',
    );
    expect(deployed().spec[0]?.replicas).toBe('4');
    expect(project.plan(STACK)).toBe('');
  });

  test('may go to none, by an update of its release and its routers', { timeout: 3 * MINUTE }, () => {
    const steps = changed({ autoscale: { minReplicas: 0, maxReplicas: 6 }, cpuCores: 0.2 });

    expect(steps).toContain('update helm_release.reader_chart');
    expect(deployed().spec[0]?.replicas).toBe('4');
    setReplicas('0');
    expect(project.plan(STACK)).toBe('');
  });

  test('becomes one of a fixed number again by updates', { timeout: 3 * MINUTE }, () => {
    const steps = changed({ numReplicas: 2, cpuCores: 0.2 });

    expect(steps).toEqual(
      expect.arrayContaining(['update kubernetes_deployment_v1.reader', 'update helm_release.reader_chart']),
    );
    expect(steps.filter((what) => /^(delete|replace)/.test(what) && !what.includes('config_map'))).toEqual([]);
    expect(deployed().spec[0]?.replicas).toBe('2');
    expect(project.plan(STACK)).toBe('');
  });
});
