import { appendFileSync, cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { Project, ROOT, type Step } from './terraform';
import { describeWith, STAND_IN_PROVIDERS, TERRAFORM } from './tools';

const MINUTES = 60_000;

const endsBefore =
  (...others: readonly Step[]) =>
  ({ end }: Step) =>
    others.every(({ start }) => end < start);
const beginsAfter =
  (...others: readonly Step[]) =>
  ({ start }: Step) =>
    others.every(({ end }) => end < start);

const isModel = (thing: string) => thing.startsWith('azurerm_storage_blob|') && !thing.includes('/scoring-images/');

function stepOf(steps: readonly Step[], what: string): Step {
  const [step, ...others] = steps.filter((each) => each.what === what);
  if (step === undefined || others.length > 0) {
    throw new Error(`not done once: ${what}; done: ${steps.map((each) => each.what).join(', ')}`);
  }
  return step;
}

describeWith([TERRAFORM, STAND_IN_PROVIDERS], 'two unprotected platforms in one App', () => {
  const project = new Project(join(ROOT, 'test/e2e/throwaway-platforms.cjs'));
  const ofBlue = () => project.applied.filter((thing) => thing.includes('blue'));
  const variables: NodeJS.ProcessEnv = {};
  let services: string[];
  let models: string[];

  beforeAll(() => {
    project.cdktf('deploy', '*');
    services = project.applied.filter((thing) => thing.startsWith('kubernetes_deployment_v1|'));
    models = project.applied.filter(isModel);
  }, 10 * MINUTES);

  test('are deployed by one command', () => {
    expect(project.stacks).toEqual(
      ['blue', 'green'].flatMap((name) =>
        ['addons', 'cluster', 'foundation', 'serving'].map((role) => `${name}-${role}`),
      ),
    );
    expect(services).toHaveLength(4);
    expect(models).toHaveLength(6);
  });

  test('leave nothing to a second plan', { timeout: 5 * MINUTES }, () => {
    for (const stack of project.stacks) {
      expect(project.plan(stack)).toBe('');
    }
  });

  /** What is done for a program of other variables, those of earlier changes kept. */
  const changed = (more: NodeJS.ProcessEnv) => {
    Object.assign(variables, more);
    project.synthesize(variables);
    const steps = project.apply('blue-serving').filter(({ what }) => !what.startsWith('read '));
    expect(project.plan('blue-serving')).toBe('');
    return steps;
  };
  const script = {
    pods: 'update kubernetes_deployment_v1.digit-script',
    address: 'update kubernetes_service_v1.digit-script_address',
    policy: 'update kubernetes_network_policy_v1.digit-script_NetworkPolicy',
    config: 'kubernetes_config_map_v1.digit-script_gateway_Config',
  };
  /** What watches a service, and says what a limit or a part of it means. */
  const watch = (service: string) => [
    `update azurerm_monitor_alert_prometheus_rule_group.${service}_monitoring_alerts`,
    `update azurerm_resource_group_template_deployment.${service}_monitoring_dashboard`,
  ];
  /** What has the pods of a service, its routers among them, read by Prometheus. */
  const scraping = (service: string) => `update helm_release.${service}_chart`;
  const routers = [
    'kubernetes_config_map_v1.digit-script_router_haproxy_Config',
    'kubernetes_network_policy_v1.digit-script_router_NetworkPolicy',
    'kubernetes_pod_disruption_budget_v1.digit-script_router_DisruptionBudget',
    'kubernetes_service_v1.digit-script_router_Replicas',
    'kubernetes_service_v1.digit-script_router_Routers',
    'kubernetes_stateful_set_v1.digit-script_router',
  ];

  test('take a changed model in before the rollouts and out after them', { timeout: 5 * MINUTES }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'azure-inference-model-'));
    cpSync(join(ROOT, 'examples/gpu-triton/models/digits'), folder, { recursive: true });
    appendFileSync(join(folder, 'config.pbtxt'), '# changed\n');

    const steps = changed({ MODEL_FOLDER: folder });

    const rollouts = steps.filter(({ what }) => what.startsWith('update kubernetes_deployment_v1.'));
    const blobs = steps.filter(({ what }) => what.includes('azurerm_storage_blob.'));
    expect(rollouts).toHaveLength(2);
    expect(blobs.filter(({ what }) => what.startsWith('create ')).filter(endsBefore(...rollouts))).toHaveLength(3);
    expect(blobs.filter(({ what }) => what.startsWith('delete ')).filter(beginsAfter(...rollouts))).toHaveLength(3);
    expect(blobs).toHaveLength(6);
  });

  const image = {
    task: 'azurerm_container_registry_task.images_digit-script_build',
    run: 'azurerm_container_registry_task_schedule_run_now.images_digit-script_build_Run',
  };
  const scriptFolder = (more: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'azure-inference-script-'));
    cpSync(join(ROOT, 'examples/scoring-script/source'), folder, { recursive: true });
    appendFileSync(join(folder, 'score.py'), more);
    return folder;
  };

  test('build a changed script before the rollout and take the files of the old one out after it', {
    timeout: 5 * MINUTES,
  }, () => {
    const steps = changed({ SCRIPT_FOLDER: scriptFolder('\n') });

    const built = [`delete ${image.run}`, `update ${image.task}`, `create ${image.run}`].map((what) =>
      stepOf(steps, what),
    );
    const [, , run] = built;
    const pods = stepOf(steps, script.pods);
    const blobs = steps.filter(({ what }) => what.includes('azurerm_storage_blob.'));
    const uploads = blobs.filter(({ what }) => what.startsWith('create '));
    expect(uploads.length).toBeGreaterThan(2);
    expect(uploads).toSatisfy((each: Step[]) => each.every(endsBefore(run as Step)));
    expect(run).toSatisfy(endsBefore(pods));
    expect(blobs.filter(({ what }) => what.startsWith('delete ')).filter(beginsAfter(pods))).toHaveLength(
      uploads.length,
    );
    expect(steps).toHaveLength(built.length + 2 * uploads.length + 1);
  });

  test('build nothing when only the memory of the service changes', { timeout: 5 * MINUTES }, () => {
    expect(changed({ MEMORY_GB: '2' }).map(({ what }) => what)).toEqual([script.pods]);
  });

  test('leave the pods as they are when a build fails, and build again with the next apply', {
    timeout: 5 * MINUTES,
  }, () => {
    const deployment = () => project.stateOf('blue-serving', 'kubernetes_deployment_v1.digit-script');
    const before = deployment();
    project.synthesize({ ...variables, SCRIPT_FOLDER: scriptFolder('\n\n') });
    const [type = '', name = ''] = image.run.split('.');
    const failing = { postcondition: [{ condition: '${self.id == ""}', error_message: 'The build failed.' }] };
    const [id = ''] = project.idsOf('blue-serving', type).filter((each) => each.startsWith(`${name}_`));

    const log = project.applyInVain('blue-serving', { resource: { [type]: { [id]: { lifecycle: failing } } } });

    expect(log).toContain('The build failed.');
    expect(deployment()).toEqual(before);
    const steps = changed({ SCRIPT_FOLDER: scriptFolder('\n\n') }).map(({ what }) => what);
    expect(steps).toEqual(expect.arrayContaining([`create ${image.run}`, script.pods]));
  });

  test('get routers with a second replica: callers are sent to them once they are ready', {
    timeout: 5 * MINUTES,
  }, () => {
    const steps = changed({ REPLICAS: '2' });

    expect(steps.map(({ what }) => what).sort()).toEqual(
      [
        ...routers.map((part) => `create ${part}`),
        ...watch('digit-script'),
        scraping('digit-script'),
        `create ${script.config}`,
        `delete ${script.config}`,
        script.address,
        script.pods,
        script.policy,
      ].sort(),
    );
    const [address, pods] = [stepOf(steps, script.address), stepOf(steps, script.pods)];
    for (const part of routers.filter((name) => !name.includes('disruption_budget'))) {
      expect(stepOf(steps, `create ${part}`)).toSatisfy(endsBefore(address));
    }
    expect(steps.filter(beginsAfter(address)).map(({ what }) => what)).toEqual(
      expect.arrayContaining([script.policy, script.pods, `delete ${script.config}`]),
    );
    expect(stepOf(steps, `create ${script.config}`)).toSatisfy(endsBefore(pods));
    expect(stepOf(steps, `delete ${script.config}`)).toSatisfy(beginsAfter(pods));
  });

  test('take changed limits in before the rollouts and out after them', { timeout: 5 * MINUTES }, () => {
    const steps = changed({ TIMEOUT_MS: '20000' });

    const rollouts = [
      stepOf(steps, script.pods),
      stepOf(steps, 'update kubernetes_stateful_set_v1.digit-script_router'),
    ];
    const configs = steps.filter(({ what }) => what.includes(' kubernetes_config_map_v1.'));
    const parts = ['gateway_Config', 'router_haproxy_Config', 'server_Config'].map(
      (part) => `kubernetes_config_map_v1.digit-script_${part}`,
    );
    const watched = steps.filter(({ what }) => what.includes('_monitoring_'));
    expect(watched.map(({ what }) => what).sort()).toEqual(watch('digit-script'));
    expect(configs.map(({ what }) => what).sort()).toEqual(
      [...parts.map((part) => `create ${part}`), ...parts.map((part) => `delete ${part}`)].sort(),
    );
    expect(steps).toHaveLength(configs.length + rollouts.length + watched.length);
    const usedBy = (config: string) => (config.includes('_router_') ? rollouts.slice(1) : rollouts.slice(0, 1));
    for (const part of parts) {
      expect(stepOf(steps, `create ${part}`)).toSatisfy(endsBefore(...usedBy(part)));
      expect(stepOf(steps, `delete ${part}`)).toSatisfy(beginsAfter(...usedBy(part)));
    }
  });

  test('lose the routers with the second replica', { timeout: 5 * MINUTES }, () => {
    const steps = changed({ REPLICAS: '1' });

    expect(steps.map(({ what }) => what).sort()).toEqual(
      [
        ...routers.map((part) => `delete ${part}`),
        ...watch('digit-script'),
        scraping('digit-script'),
        `create ${script.config}`,
        `delete ${script.config}`,
        script.address,
        script.pods,
        script.policy,
      ].sort(),
    );
    expect(stepOf(steps, script.pods)).toSatisfy(beginsAfter(stepOf(steps, script.address)));
  });

  test('put a script before Triton in one rollout, once its image is built', { timeout: 5 * MINUTES }, () => {
    const steps = changed({ PROCESSED: 'yes' });

    const image = 'digit-reader_script_image_build';
    const configs = ['gateway_Config', 'router_haproxy_Config'].map(
      (part) => `kubernetes_config_map_v1.digit-reader_${part}`,
    );
    const others = steps.map(({ what }) => what).filter((what) => !what.includes('azurerm_storage_blob.'));
    expect(others.sort()).toEqual(
      [
        'update kubernetes_deployment_v1.digit-reader',
        // Triton's own port is closed: its metrics go through the gateway
        'update kubernetes_network_policy_v1.digit-reader_NetworkPolicy',
        'update kubernetes_service_v1.digit-reader_address',
        'update kubernetes_stateful_set_v1.digit-reader_router',
        ...configs.flatMap((config) => [`create ${config}`, `delete ${config}`]),
        ...watch('digit-reader'),
        scraping('digit-reader'),
        'create kubernetes_config_map_v1.digit-reader_script_server_Config',
        `create azurerm_container_registry_task.${image}`,
        `create azurerm_container_registry_task_schedule_run_now.${image}_Run`,
      ].sort(),
    );
    expect(stepOf(steps, `create azurerm_container_registry_task_schedule_run_now.${image}_Run`)).toSatisfy(
      endsBefore(stepOf(steps, 'update kubernetes_deployment_v1.digit-reader')),
    );
    expect(steps.filter(({ what }) => what.startsWith('delete azurerm_storage_blob.'))).toEqual([]);
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
    expect(project.applied.filter(isModel)).toEqual(models);
    expect(project.plan('blue-foundation')).toBe('');
    expect(project.plan('blue-serving')).toBe('');
  });

  test('leave nothing behind when everything is destroyed', { timeout: 5 * MINUTES }, () => {
    project.cdktf('destroy', '*');

    expect(project.applied).toEqual([]);
  });
});
