import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, synthesizeExample } from './terraform';
import { describeWith, PROVIDERS, STAND_IN_PROVIDERS, TERRAFORM, terraformEnvironment } from './tools';

const MINUTE = 60_000;
const EXAMPLES = readdirSync(join(ROOT, 'examples')).filter((name) =>
  existsSync(join(ROOT, 'examples', name, 'main.ts')),
);

function terraform(cwd: string, ...args: string[]): { status: number | null; output: string } {
  const options = { cwd, env: terraformEnvironment(), encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync('terraform', [...args, '-no-color'], options);
  return { status, output: `${stdout}${stderr}` };
}

function stacksOf(outdir: string): string[] {
  return readdirSync(join(outdir, 'stacks')).map((stack) => join(outdir, 'stacks', stack));
}

describeWith([TERRAFORM, PROVIDERS], 'an example', () => {
  test.each(EXAMPLES)('%s is valid for Terraform, stack by stack', { timeout: 5 * MINUTE }, (name) => {
    for (const stack of stacksOf(synthesizeExample(name))) {
      expect(terraform(stack, 'init', '-backend=false', '-input=false')).toMatchObject({ status: 0 });
      expect(terraform(stack, 'validate')).toMatchObject({ status: 0 });
    }
  });
});

describeWith([TERRAFORM, STAND_IN_PROVIDERS], 'a protected foundation', () => {
  test('fails to be destroyed, and stays as it is', { timeout: 5 * MINUTE }, () => {
    const stack = join(synthesizeExample('gpu-triton'), 'stacks/digits-foundation');
    terraform(stack, 'init', '-input=false');
    expect(terraform(stack, 'apply', '-auto-approve', '-input=false')).toMatchObject({ status: 0 });

    const destroyed = terraform(stack, 'destroy', '-auto-approve', '-input=false');

    expect(destroyed.status).toBe(1);
    expect(destroyed.output).toContain('Instance cannot be destroyed');
    expect(terraform(stack, 'plan', '-detailed-exitcode', '-input=false')).toMatchObject({ status: 0 });
  });
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
