import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ROOT, secretIn, synthesizeExample } from './terraform';
import { describeWith, PROVIDERS, STAND_IN_PROVIDERS, TERRAFORM, terraformEnvironment } from './tools';
import { tracesOf } from './traces';

const MINUTE = 60_000;
const EXAMPLES = readdirSync(join(ROOT, 'examples')).filter((name) =>
  existsSync(join(ROOT, 'examples', name, 'main.ts')),
);

interface ServedModel {
  readonly name: string;
  readonly versions: readonly number[];
}

/** What a service says of itself, as far as tests look inside. */
interface ServiceOutput {
  readonly models: readonly ServedModel[];
  readonly commands: { readonly keys: { readonly [key: string]: string } };

  /** Programs of a Triton service. */
  readonly client?: { readonly [protocol: string]: string };
}

function terraform(cwd: string, ...args: string[]): { status: number | null; output: string } {
  // what the stacks of one output share, as they would share a subscription
  const env = { ...terraformEnvironment(), STANDIN_WORLD: resolve(cwd, '../../world.json') };
  const options = { cwd, env, encoding: 'utf8', maxBuffer: 1 << 28 } as const;
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

/** The services of the examples; what each says of itself after a deployment, given its host. */
const SERVICES: {
  readonly [example: string]: readonly { stack: string; service: string; says: (host: string) => object }[];
} = {
  'gpu-triton': [triton('digits-serving', 'digit-reader', { replicas: { min: 1, max: 4 }, region: 'westeurope' })],
  'scoring-script': [
    {
      stack: 'scripts-serving',
      service: 'digit-script',
      says: (host) => ({
        scoring_uri: `http://${host}/score`,
        swagger_uri: `http://${host}/swagger.json`,
        region: 'westeurope',
        auth: 'key',
        replicas: 2,
        models: [{ name: 'digits', versions: [1] }],
        image: expect.stringMatching(/^scriptsregistry\w+\.azurecr\.io\/scripts-serving\/digit-script:[0-9a-f]{16}$/),
      }),
    },
  ],
  'triton-pre-post-processing': [
    {
      stack: 'pictures-serving',
      service: 'picture-reader',
      says: (host) => ({
        scoring_uri: `http://${host}/score`,
        swagger_uri: `http://${host}/swagger.json`,
        script_image: expect.stringMatching(
          /^picturesregistry\w+\.azurecr\.io\/pictures-serving\/picture-reader-script:[0-9a-f]{16}$/,
        ),
        region: 'westeurope',
        auth: 'key',
        replicas: 1,
        models: [{ name: 'digits', versions: [1] }],
        image: expect.stringMatching(/^nvcr\.io\/nvidia\/tritonserver:/),
      }),
    },
  ],
  'triton-multi-model': [
    triton('readers-serving', 'digit-ensemble', {
      replicas: 2,
      region: 'westeurope',
      models: [
        { name: 'digit-reader', versions: [1] },
        { name: 'normalize', versions: [1] },
        { name: 'digits-network', versions: [1, 2] },
        { name: 'digits-kernel', versions: [1] },
        { name: 'digits-vote', versions: [1] },
      ],
    }),
  ],
  'two-teams': [
    triton('shared-serving', 'digit-reader', { replicas: { min: 1, max: 4 }, region: 'swedencentral' }),
    triton('shared-archive', 'page-reader', { replicas: { min: 0, max: 2 }, region: 'swedencentral' }),
  ],
};

function byModel(models: readonly ServedModel[], found: (name: string) => string): object {
  return Object.fromEntries(models.map(({ name }) => [name, found(name)]));
}

interface TritonSays {
  readonly replicas: number | { readonly min: number; readonly max: number };
  readonly region: string;
  readonly models?: readonly ServedModel[];
}

function triton(stack: string, service: string, { models = [{ name: 'digits', versions: [1] }], ...more }: TritonSays) {
  return {
    stack,
    service,
    says: (host: string) => ({
      http_url: `http://${host}:8000`,
      grpc_address: `${host}:8001`,
      scoring_uris: byModel(models, (name) => `http://${host}:8000/v2/models/${name}/infer`),
      metadata_urls: byModel(models, (name) => `http://${host}:8000/v2/models/${name}`),
      health_urls: { live: `http://${host}:8000/v2/health/live`, ready: `http://${host}:8000/v2/health/ready` },
      auth: 'key',
      models,
      image: expect.stringMatching(/^nvcr\.io\/nvidia\/tritonserver:/),
      ...more,
    }),
  };
}

describeWith([TERRAFORM, STAND_IN_PROVIDERS], 'a deployed example', () => {
  describe.each(EXAMPLES)('%s', (name) => {
    const services = SERVICES[name] ?? [];
    let outdir: string;
    let stacks: string[];
    const run = (stack: string, ...args: string[]) => terraform(stack, ...args, '-input=false');
    const outputs = (stack: string) => {
      const { output } = terraform(join(outdir, 'stacks', stack), 'output', '-json');
      const values = Object.entries<{ value: object }>(JSON.parse(output));
      return Object.fromEntries(values.map(([id, { value }]) => [id, value as ServiceOutput]));
    };
    const keysOf = (stack: string, service: string) =>
      Object.values(outputs(stack)[`service_${service}`]?.commands.keys ?? {}).map((command) => {
        const [, vault = '', secret = ''] = /--vault-name (\S+) --name (\S+)/.exec(command) ?? [];
        return secretIn(join(outdir, 'world.json'), vault, secret);
      });

    beforeAll(() => {
      outdir = synthesizeExample(name);
      stacks = inOrder(outdir);
      for (const stack of stacks) {
        expect(run(stack, 'init')).toMatchObject({ status: 0 });
        expect(run(stack, 'apply', '-auto-approve')).toMatchObject({ status: 0 });
      }
    }, 5 * MINUTE);

    test('leaves nothing to a second plan', { timeout: 5 * MINUTE }, () => {
      for (const stack of stacks) {
        expect(run(stack, 'plan', '-detailed-exitcode')).toMatchObject({ status: 0 });
      }
    });

    test('says where its services answer, and which commands show more', () => {
      expect(services).not.toEqual([]);
      for (const { stack, service, says } of services) {
        const { services: all, [`service_${service}`]: said } = outputs(stack);
        const { commands, client, ...rest } = said as ServiceOutput;
        const [, host = ''] = /http:\/\/([^:/]+)/.exec(JSON.stringify(rest)) ?? [];

        expect(host).toMatch(/^standin-ip-/);
        expect(rest).toEqual({
          ...says(host),
          dashboard: expect.stringMatching(
            /^https:\/\/portal\.azure\.com\/#resource\/subscriptions\/\S+\/Microsoft\.Dashboard\/dashboards\/[\w-]+$/,
          ),
        });
        expect(all).toEqual({ [service]: { ...rest, namespace: expect.any(String) } });
        const curl = (options: string, path: string) =>
          `${commands.keys.primary} | sed 's/^/Authorization: Bearer /' | curl ${options} --header @- http://${host}:8000${path}`;
        expect(client).toEqual(
          'http_url' in rest
            ? { http: expect.stringContaining(`"${host}:8000"`), grpc: expect.stringContaining(`"${host}:8001"`) }
            : undefined,
        );
        expect(commands).toEqual({
          ...('http_url' in rest && {
            ready: curl('--fail --include', '/v2/health/ready'),
            metadata: byModel(rest.models, (model) => curl('--fail', `/v2/models/${model}`)),
          }),
          ...('script_image' in rest && {
            script_image: expect.objectContaining({ build_log: expect.stringMatching(/^az acr task logs /) }),
          }),
          ...(service === 'digit-script' && {
            profile: expect.stringMatching(/^az storage blob download --auth-mode login /),
            profile_log: expect.stringMatching(/^kubectl --namespace \S+ logs job\/digit-script-profile-[0-9a-f]{8} /),
          }),
          query: expect.stringMatching(
            new RegExp(`^npx azure-inference query http://${host}\\S+ \\S+ --key-vault \\S+`),
          ),
          state: expect.stringMatching(/^kubectl --namespace /),
          logs: expect.objectContaining({ gateway: expect.stringMatching(/^kubectl --namespace /) }),
          previous_logs: expect.objectContaining({ gateway: expect.stringMatching(/ --previous$/) }),
          keys: {
            primary: expect.stringMatching(/^az keyvault secret show /),
            secondary: expect.stringMatching(/^az keyvault secret show /),
          },
          log_analytics: {
            log: expect.stringMatching(/^az monitor log-analytics query /),
            init_failures: expect.stringMatching(/^az monitor log-analytics query /),
            errors: expect.stringMatching(/^az monitor log-analytics query /),
          },
        });
      }
    });

    test('names keys that the vault holds, and leaves them in no file but the vault', () => {
      for (const { stack, service } of services) {
        const keys = keysOf(stack, service);

        expect(new Set(keys).size).toBe(2);
        for (const key of keys) {
          expect(key).toMatch(/^[a-zA-Z0-9]{64}$/);
          expect(tracesOf(key, dirname(outdir))).toEqual(['out/world.json: value']);
        }
      }
    });

    test('gives its cluster back and keeps its foundation', { timeout: 5 * MINUTE }, () => {
      const foundation = stacks.filter((stack) => stack.endsWith('-foundation'));
      for (const stack of stacks.filter((each) => !foundation.includes(each)).reverse()) {
        expect(run(stack, 'destroy', '-auto-approve')).toMatchObject({ status: 0 });
      }

      for (const stack of foundation) {
        const destroyed = run(stack, 'destroy', '-auto-approve');

        expect(destroyed.status).toBe(1);
        expect(destroyed.output).toContain('Instance cannot be destroyed');
        expect(run(stack, 'plan', '-detailed-exitcode')).toMatchObject({ status: 0 });
      }
    });
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
