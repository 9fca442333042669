import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { Project, ROOT, secretIn } from './terraform';
import { describeWith, STAND_IN_PROVIDERS, TERRAFORM } from './tools';
import { filesBelow, tracesOf } from './traces';

const MINUTES = 60_000;

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Runs Terraform in a folder; what it prints, and what it logs while it is asked to log everything, are kept there. */
function terraform(folder: string, name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const log = { TF_LOG: 'trace', TF_LOG_PATH: join(folder, `${name}.log`) };
  const output = execFileSync('terraform', args, {
    cwd: folder,
    env: { ...process.env, CHECKPOINT_DISABLE: '1', ...log, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  writeFileSync(join(folder, `${name}.out`), output);
  return output;
}

describeWith([TERRAFORM, STAND_IN_PROVIDERS], 'the keys of services', () => {
  const project = new Project(join(ROOT, 'test/e2e/platform-with-keys.cjs'));
  const folder = join(project.folder, 'cdktf.out/stacks/shop-serving');
  const seen = new Set<string>();
  let deployments = 0;

  const secret = (name: string, vault = 'shop-service-ke') => secretIn(join(project.folder, 'world.json'), vault, name);
  const keysOf = (service: string, vault?: string) => {
    const keys = {
      primary: secret(`serving-${service}-primary`, vault),
      secondary: secret(`serving-${service}-secondary`, vault),
    };
    seen.add(keys.primary).add(keys.secondary);
    return keys;
  };
  const digestsOf = (service: string) => JSON.parse(secret(`seen-${service}`));
  const digests = ({ primary, secondary }: { primary: string; secondary: string }) => ({
    primary: sha256(primary),
    secondary: sha256(secondary),
  });

  const keySteps = (steps: readonly string[]) => steps.filter((step) => step.includes('_keys'));

  /** Plans into a file, shows it, applies it; returns what was done but to the test's own secrets. */
  const deploy = (keys: object, variables: NodeJS.ProcessEnv = {}): string[] => {
    project.synthesize({ KEYS: JSON.stringify(keys), ...variables });
    const env = { STANDIN_WORLD: join(project.folder, 'world.json') };
    const nth = ++deployments;
    const plan = `plan-${nth}.zip`;
    terraform(folder, `plan-${nth}`, ['plan', `-out=${plan}`, '-input=false', '-no-color'], env);
    const shown = JSON.parse(terraform(folder, `show-${nth}`, ['show', '-json', plan], env));
    terraform(folder, `apply-${nth}`, ['apply', '-input=false', '-json', plan], env);
    const changes: { address: string; change: { actions: string[] } }[] = shown.resource_changes;
    return changes
      .filter(({ address, change }) => !change.actions.includes('no-op') && !address.includes('-seen'))
      .map(({ address, change }) => `${change.actions.join(' ')} ${address.replace(/_[0-9A-F]{8}$/, '')}`)
      .sort();
  };

  beforeAll(() => {
    project.cdktf('deploy', '*');
  }, 10 * MINUTES);

  test('are made by the first deployment, and the cluster gets their digests', () => {
    const keys = keysOf('reader');

    expect(keys).toEqual({
      primary: expect.stringMatching(/^[a-zA-Z0-9]{64}$/),
      secondary: expect.stringMatching(/^[a-zA-Z0-9]{64}$/),
    });
    expect(keys.primary).not.toBe(keys.secondary);
    expect(digestsOf('reader')).toEqual(digests(keys));
  });

  test('leave nothing to a second plan', { timeout: 2 * MINUTES }, () => {
    expect(project.plan('shop-serving')).toBe('');
  });

  test('are changed one at a time', { timeout: 2 * MINUTES }, () => {
    const before = keysOf('reader');
    const steps = deploy({ reader: { rotate: { secondary: 2 } } });
    const after = keysOf('reader');

    // the pods go on as they are
    expect(steps).toEqual([
      'update azurerm_key_vault_secret.reader_keys_secondary',
      'update kubernetes_secret_v1.reader_keys',
    ]);
    expect(after.primary).toBe(before.primary);
    expect(after.secondary).not.toBe(before.secondary);
    expect(digestsOf('reader')).toEqual(digests(after));
    expect(project.plan('shop-serving')).toBe('');
  });

  test('are changed when their numbers change places', { timeout: 2 * MINUTES }, () => {
    const before = keysOf('reader');
    deploy({ reader: { rotate: { primary: 2, secondary: 1 } } });
    const after = keysOf('reader');

    expect([after.primary, after.secondary]).not.toContain(before.primary);
    expect([after.primary, after.secondary]).not.toContain(before.secondary);
    expect(digestsOf('reader')).toEqual(digests(after));
  });

  test('may be those that a vault holds already, and are read again under another number', {
    timeout: 4 * MINUTES,
  }, () => {
    const rotate = { primary: 2, secondary: 1 };
    expect(keySteps(deploy({ reader: { rotate }, writer: { of: 'reader' } }))).toEqual([
      'create kubernetes_secret_v1.writer_keys',
    ]);
    expect(digestsOf('writer')).toEqual(digests(keysOf('reader')));

    deploy({ reader: {}, writer: { of: 'reader' } });
    expect(digestsOf('writer').primary).not.toBe(sha256(keysOf('reader').primary));

    expect(deploy({ reader: {}, writer: { of: 'reader', rotate: { primary: 2 } } })).toEqual([
      'update kubernetes_secret_v1.writer_keys',
    ]);
    expect(digestsOf('writer')).toEqual(digests(keysOf('reader')));
    expect(project.plan('shop-serving')).toBe('');
  });

  test('are made anew in another vault, and the cluster learns of it under the same number', {
    timeout: 4 * MINUTES,
  }, () => {
    const before = keysOf('reader');
    const steps = keySteps(deploy({ reader: {} }, { VAULT: 'team' }));
    const after = keysOf('reader', 'shop-team');

    expect(steps).toEqual([
      'delete create azurerm_key_vault_secret.reader_keys_primary',
      'delete create azurerm_key_vault_secret.reader_keys_secondary',
      'delete create kubernetes_secret_v1.reader_keys',
      'delete kubernetes_secret_v1.writer_keys',
    ]);
    expect(after.primary).not.toBe(before.primary);
    expect(digestsOf('reader')).toEqual(digests(after));
  });

  test('are in no file that synthesis, plan and apply leave behind, nor are their digests', () => {
    const files = filesBelow(project.folder);
    const kept = /^world\.json(\.lock)?$/;

    expect(files).toEqual(
      expect.arrayContaining([
        ...[
          'cdk.tf.json',
          'plan-1.zip',
          'plan-1.log',
          'show-1.out',
          `plan-${deployments}.zip`,
          `apply-${deployments}.out`,
        ].map((name) => `cdktf.out/stacks/shop-serving/${name}`),
        'terraform.shop-serving.tfstate',
        'terraform.shop-serving.tfstate.backup',
      ]),
    );
    expect(seen.size).toBe(8);
    for (const key of seen) {
      expect(tracesOf(key, project.folder).filter((trace) => !kept.test(trace.split(':')[0] ?? ''))).toEqual([]);
    }
    const [last] = [...seen].slice(-1);
    expect(tracesOf(last ?? '', project.folder)).toEqual(['world.json: value', 'world.json: digest']);
  });

  test('leave nothing behind when everything is destroyed', { timeout: 5 * MINUTES }, () => {
    project.cdktf('destroy', '*');

    expect(project.applied).toEqual([]);
  });
});

describeWith([TERRAFORM], 'the search for keys', () => {
  test('finds one that a state keeps, wherever Terraform writes it and however it is written', {
    timeout: 2 * MINUTES,
  }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'azure-inference-leak-'));
    const key = 'k3y'.repeat(21);
    const input = { value: key, encoded: '${base64encode("ab${var.key}c")}', digest: '${sha256(var.key)}' };
    const program = {
      variable: { key: { default: key } },
      resource: { terraform_data: { leak: { input } } },
    };
    writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(program));
    terraform(folder, 'init', ['init', '-input=false']);
    terraform(folder, 'plan', ['plan', '-out=plan.zip', '-input=false']);
    terraform(folder, 'show', ['show', '-json', 'plan.zip']);
    terraform(folder, 'apply', ['apply', '-input=false', 'plan.zip']);

    const everywhere = ['value', 'value in base64', 'digest'];
    expect(tracesOf(key, folder)).toEqual(
      expect.arrayContaining([
        'main.tf.json: value',
        ...['plan.out', 'plan.zip', 'show.out', 'terraform.tfstate'].flatMap((file) =>
          everywhere.map((form) => `${file}: ${form}`),
        ),
      ]),
    );
    expect(tracesOf('another key'.repeat(5), folder)).toEqual([]);
  });
});
