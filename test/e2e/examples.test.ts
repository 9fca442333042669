import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, synthesizeExample } from './terraform';
import { describeWith, PROVIDERS, STAND_IN_PROVIDERS, TERRAFORM, terraformEnvironment } from './tools';

const MINUTE = 60_000;
const EXAMPLES = readdirSync(join(ROOT, 'examples')).filter((name) =>
  existsSync(join(ROOT, 'examples', name, 'main.ts')),
);

function terraform(cwd: string, ...args: string[]): { status: number | null; output: string } {
  // what the stacks of one output share, as they would share a subscription
  const env = { ...terraformEnvironment(), STANDIN_WORLD: resolve(cwd, '../../world.json') };
  const options = { cwd, env, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync('terraform', [...args, '-no-color'], options);
  return { status, output: `${stdout}${stderr}` };
}

/** The folders of the stacks, each after those that it depends on. */
function inOrder(outdir: string): string[] {
  const { stacks } = JSON.parse(readFileSync(join(outdir, 'manifest.json'), 'utf8'));
  const ordered = new Set<string>();
  const visit = (name: string) => {
    stacks[name].dependencies.forEach(visit);
    ordered.add(name);
  };
  Object.keys(stacks).forEach(visit);
  return [...ordered].map((stack) => join(outdir, 'stacks', stack));
}

describeWith([TERRAFORM, PROVIDERS], 'an example', () => {
  test.each(EXAMPLES)('%s is valid for Terraform, stack by stack', { timeout: 5 * MINUTE }, (name) => {
    for (const stack of inOrder(synthesizeExample(name))) {
      expect(terraform(stack, 'init', '-backend=false', '-input=false')).toMatchObject({ status: 0 });
      expect(terraform(stack, 'validate')).toMatchObject({ status: 0 });
    }
  });
});

describeWith([TERRAFORM, STAND_IN_PROVIDERS], 'a deployed example', () => {
  test.each(EXAMPLES)(
    '%s leaves nothing to a second plan, gives its cluster back and keeps its foundation',
    { timeout: 10 * MINUTE },
    (name) => {
      const stacks = inOrder(synthesizeExample(name));
      const foundation = stacks.filter((stack) => stack.endsWith('-foundation'));
      const run = (stack: string, ...args: string[]) => terraform(stack, ...args, '-input=false');
      for (const stack of stacks) {
        expect(terraform(stack, 'init', '-input=false')).toMatchObject({ status: 0 });
        expect(run(stack, 'apply', '-auto-approve')).toMatchObject({ status: 0 });
      }
      for (const stack of stacks) {
        expect(run(stack, 'plan', '-detailed-exitcode')).toMatchObject({ status: 0 });
      }
      for (const stack of stacks.filter((each) => !foundation.includes(each)).reverse()) {
        expect(run(stack, 'destroy', '-auto-approve')).toMatchObject({ status: 0 });
      }

      for (const stack of foundation) {
        const destroyed = run(stack, 'destroy', '-auto-approve');

        expect(destroyed.status).toBe(1);
        expect(destroyed.output).toContain('Instance cannot be destroyed');
        expect(run(stack, 'plan', '-detailed-exitcode')).toMatchObject({ status: 0 });
      }
    },
  );
});

describeWith([TERRAFORM], 'the check for local accounts', () => {
  const condition = (kubeAdminConfig: string) => `!can(yamldecode(${kubeAdminConfig}).users)`;
  const evaluate = (expression: string) => {
    const cwd = mkdtempSync(join(tmpdir(), 'azure-inference-console-'));
    return spawnSync('terraform', ['console'], { cwd, input: `${expression}\n`, encoding: 'utf8' }).stdout.trim();
  };

  test('is part of every connection to a cluster', () => {
    const outdir = synthesizeExample('gpu-triton');
    for (const stack of ['digits-addons', 'digits-serving']) {
      const { data } = require(join(outdir, 'stacks', stack, 'cdk.tf.json'));
      const [cluster] = Object.values(data.azurerm_kubernetes_cluster) as [{ lifecycle: { postcondition: unknown } }];
      expect(cluster.lifecycle.postcondition).toMatchObject([
        { condition: `\${${condition('self.kube_admin_config_raw')}}` },
      ]);
    }
  });

  test('holds while Azure hands out no kubeconfig of an administrator, and fails when it does', () => {
    expect(evaluate(condition('null'))).toBe('true');
    expect(evaluate(condition('""'))).toBe('true');
    expect(evaluate(condition('"apiVersion: v1\\nusers: [{name: clusterAdmin}]"'))).toBe('false');
  });
});
