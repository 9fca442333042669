import { DataAzurermApplicationInsights } from '@cdktf/provider-azurerm/lib/data-azurerm-application-insights';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container';
import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import {
  type CollectModelDataOptions,
  ScoringEnvironment,
  ScoringImage,
  type ScoringServiceOptions,
  ServingStack,
  type TritonScriptOptions,
  VmSize,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { gunicornConfig } from '../../src/scoring/gunicorn-config';
import { env, folderWith, messagesOf, modelSource, TimeSleep, testModel, testPlatform } from '../fixtures';

type Watched = Pick<ScoringServiceOptions, 'enableAppInsights' | 'collectModelData' | 'environmentVariables'>;
type Parts = { readonly [name: string]: Parts } & readonly Parts[];

const GROUP = `/subscriptions/${env.subscriptionId}/resourceGroups/rg-prod`;
const image = ScoringImage.fromRegistry('prod.azurecr.io/digits:3');
const folder = folderWith({ 'score.py': 'def init():\n    pass\n\n\ndef run(data):\n    return data\n' });

/** A scoring service, with as many models. */
function service(options: Partial<ScoringServiceOptions>, models = 0) {
  const platform = testPlatform();
  const pool = platform.cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 3 });
  const names = Array.from({ length: models }, (_, index) => `digits-${index + 1}`);
  platform.serving.addScoringService('reader', {
    ...{ pool, image, ...options },
    models: names.map((name) => platform.models.addModel(name, { source: modelSource(), version: 7 })),
  });
  return platform;
}

/** A script before Triton. */
function script(options: Partial<TritonScriptOptions>) {
  const platform = testPlatform();
  const pool = platform.cluster.addGpuPool('gpu', { size: VmSize.NC4AS_T4_V3, maxNodes: 2 });
  platform.serving
    .addTritonService('reader', { pool, models: [testModel(platform)] })
    .withScoringScript({ entryScript: 'score.py', sourceDirectory: folder, ...options });
  return platform;
}

/** What is there of one service in its stack. */
function partsOf({ serving, foundationStack }: ReturnType<typeof service>) {
  const template = Template.of(serving);
  const deployment = template.resource(DeploymentV1) as unknown as Parts;
  const containers = deployment.spec?.template?.spec?.container as readonly Parts[];
  const config = (template.resources(ConfigMapV1) as unknown as Parts[])
    .map(({ data }) => data?.['gunicorn.conf.py'])
    .find((text) => text !== undefined);
  return {
    template,
    deployment,
    config: String(config),
    env: containers.find(({ name }) => String(name) === 'scoring')?.env,
    roles: template
      .resources(RoleAssignment)
      .map(({ role_definition_name, scope }) => ({ role: role_definition_name, scope })),
    containers: Template.of(foundationStack)
      .resources(StorageContainer)
      .map(({ name }) => name),
  };
}

const ALL: [string, (options: Watched) => ReturnType<typeof service>][] = [
  ['a scoring service', service],
  ['a script before Triton', script],
];

describe.each(ALL)('%s', (_, watched) => {
  test('is watched by nobody without an option', () => {
    const { template, config, env: variables, roles, containers } = partsOf(watched({}));

    expect(config).not.toMatch(/watch_calls|pod_identity|opentelemetry|Collector/);
    expect(JSON.stringify(variables)).not.toContain('APPLICATIONINSIGHTS');
    expect(roles.map(({ role }) => role)).not.toContain('Monitoring Metrics Publisher');
    expect(roles.map(({ role }) => role)).not.toContain('Storage Blob Data Contributor');
    expect(template.dataSources(DataAzurermApplicationInsights)).toEqual([]);
    expect(containers).toEqual(['models']);
    expect(partsOf(watched({ enableAppInsights: false })).config).toBe(config);
  });

  describe('with enableAppInsights', () => {
    const platform = () => watched({ enableAppInsights: true });

    test('sends to the component of the platform, whose connection string Terraform reads', () => {
      const { template, env: variables, config } = partsOf(platform());

      expect(template.dataSource(DataAzurermApplicationInsights)).toEqual({
        name: 'appi-prod-insights',
        resource_group_name: 'rg-prod',
      });
      expect(variables).toContainEqual({
        name: 'APPLICATIONINSIGHTS_CONNECTION_STRING',
        value: expect.stringMatching(
          /^\$\{nonsensitive\(data\.azurerm_application_insights\.insights-\w+\.connection_string\)\}$/,
        ),
      });
      expect(config).toContain('"service.namespace": "serving"');
      expect(config).not.toContain('Collector');
    });

    test('gives the pods the right to send to it and nothing besides', () => {
      const { roles, deployment } = partsOf(platform());

      expect(roles.filter(({ role }) => role !== 'Storage Blob Data Reader')).toEqual([
        {
          role: 'Monitoring Metrics Publisher',
          scope: `${GROUP}/providers/Microsoft.Insights/components/appi-prod-insights`,
        },
      ]);
      expect(deployment.depends_on).toContainEqual(
        expect.stringMatching(/^azurerm_role_assignment\.reader_workload_MonitoringMetricsPublisher/),
      );
    });

    test('fails for variables that would send elsewhere, which others may set', () => {
      const environmentVariables = { APPLICATIONINSIGHTS_CONNECTION_STRING: 'InstrumentationKey=mine' };

      expect(messagesOf(watched({ environmentVariables }).serving)).toEqual([]);
      expect(messagesOf(watched({ enableAppInsights: true, environmentVariables }).serving)).toEqual([
        "environmentVariables must not set 'APPLICATIONINSIGHTS_CONNECTION_STRING', which the library or the cluster " +
          'sets itself; leave it out',
      ]);
    });
  });

  describe('with collectModelData', () => {
    const collected = (collectModelData: CollectModelDataOptions = {}) => watched({ collectModelData });

    test('writes to a container of its own in the model store, and may write nowhere else', () => {
      const { roles, containers, deployment, env: variables } = partsOf(collected());

      expect(containers).toEqual(['modeldata', 'models']);
      expect(roles.filter(({ role }) => role !== 'Storage Blob Data Reader')).toEqual([
        {
          role: 'Storage Blob Data Contributor',
          scope: expect.stringMatching(
            /\/Microsoft\.Storage\/storageAccounts\/\w+\/blobServices\/default\/containers\/modeldata$/,
          ),
        },
      ]);
      expect(deployment.depends_on).toContainEqual(
        expect.stringMatching(/^azurerm_role_assignment\.reader_workload_StorageBlobDataContributor/),
      );
      expect(JSON.stringify(variables)).not.toContain('APPLICATIONINSIGHTS');
    });

    test('collects all calls, 64 KiB of each input and output, by default', () => {
      const { config } = partsOf(collected());

      expect(config).toMatch(
        /^CONTAINER_URL = "https:\/\/prodmodels[0-9a-f]{8}\.blob\.core\.windows\.net\/modeldata"$/m,
      );
      expect(config).toContain('self.chance.random() * 100 < 100 ');
      expect(config).toContain('MAX_BYTES = 65536');
      expect(config).toContain('FLUSH_SECONDS = 60');
      expect(config).not.toContain('opentelemetry');
    });

    test('collects as much as it is told to', () => {
      const { config } = partsOf(collected({ samplePercent: 5, maxPayloadKiB: 1024 }));

      expect(config).toContain('self.chance.random() * 100 < 5 ');
      expect(config).toContain('MAX_BYTES = 1048576');
    });

    test.each([
      [{ samplePercent: 0 }, 'collectModelData.samplePercent must be a whole number from 1 to 100; got 0'],
      [{ samplePercent: 101 }, 'collectModelData.samplePercent must be a whole number from 1 to 100; got 101'],
      [{ maxPayloadKiB: 0.5 }, 'collectModelData.maxPayloadKiB must be a whole number from 1 to 1024; got 0.5'],
      [{ maxPayloadKiB: 1025 }, 'collectModelData.maxPayloadKiB must be a whole number from 1 to 1024; got 1025'],
    ])('fails for %j', (options, message) => {
      expect(messagesOf(collected(options).serving)).toEqual([message]);
    });
  });
});

describe('collected data', () => {
  test.each([
    [0, 'all/0'],
    [1, 'digits-1/7'],
    [2, 'all/0'],
  ])('of %d models lies in the order of Azure ML, below %s', (models, end) => {
    const { config } = partsOf(service({ collectModelData: {} }, models));

    expect(config).toContain(
      `\nFOLDER = "/".join(["${env.subscriptionId}/rg-prod/serving", os.environ["SERVICE_NAME"], "${end}"])\n`,
    );
  });

  test('of a script before Triton lies below the model that Triton serves', () => {
    expect(partsOf(script({ collectModelData: {} })).config).toContain(
      '/serving", os.environ["SERVICE_NAME"], "digits/1"])\n',
    );
  });

  test('of two services lies in one container', () => {
    const platform = service({ collectModelData: {} });
    const pool = platform.cluster.pools[0] as never;
    platform.serving.addScoringService('second', { pool, image, collectModelData: {} });

    expect(Template.of(platform.foundationStack).resources(StorageContainer)).toHaveLength(2);
    expect(Template.of(platform.serving).resources(RoleAssignment)).toHaveLength(2);
  });

  test('waits with the models for its role, and for nothing by itself', () => {
    expect(partsOf(service({ collectModelData: {} })).template.resources(TimeSleep)).toEqual([]);
    const [pause] = partsOf(service({ collectModelData: {} }, 1)).template.resources(TimeSleep) as unknown as Parts[];
    expect(Object.keys(pause?.triggers ?? {})).toHaveLength(2);
  });
});

test('two services of a stack read the connection string once', () => {
  const platform = service({ enableAppInsights: true });
  const pool = platform.cluster.pools[0] as never;
  platform.serving.addScoringService('second', { pool, image, enableAppInsights: true });

  expect(Template.of(platform.serving).dataSources(DataAzurermApplicationInsights)).toHaveLength(1);
});

test('the stack of another team may send and collect, too', () => {
  const platform = service({});
  const team = platform.addServingStack('vision');
  const pool = platform.cluster.pools[0] as never;
  team.addScoringService('reader', { pool, image, enableAppInsights: true, collectModelData: {} });

  expect(messagesOf(team)).toEqual([]);
  expect(Template.of(team).resources(RoleAssignment)).toHaveLength(2);
});

test('fails where the stack has neither component nor store', () => {
  const platform = testPlatform();
  const pool = platform.cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 3 });
  const { keyVault } = platform.foundationStack;
  const own = new ServingStack(platform.node.scope as never, 'own', {
    ...{ subscriptionId: env.subscriptionId, cluster: platform.cluster, keyVault, namespace: 'own' },
  });
  own.addScoringService('reader', { pool, image, enableAppInsights: true, collectModelData: {} });

  expect(messagesOf(own)).toEqual([
    'enableAppInsights needs an Application Insights component, and the stack has none; give the ServingStack ' +
      'applicationInsights, such as that of a FoundationStack, or leave enableAppInsights out',
    'collectModelData needs a model store to write to, and the stack has none; give the ServingStack models, such as that ' +
      'of a FoundationStack, or leave collectModelData out',
  ]);
});

describe('an environment', () => {
  const built = (environment: ScoringEnvironment) => {
    const platform = service({});
    const own = platform.serving.addScoringImage('own', {
      entryScript: 'score.py',
      sourceDirectory: folder,
      environment,
    });
    const pool = platform.cluster.pools[0] as never;
    platform.serving.addScoringService('second', { pool, image: own, enableAppInsights: true });
    return messagesOf(platform.serving);
  };

  test.each([
    ScoringEnvironment.pip({ packages: ['numpy'] }),
    ScoringEnvironment.conda({ python: '3.12' }),
    ScoringEnvironment.curated('minimal-py312-inference'),
    ScoringEnvironment.pip({ packages: ['azureml-inference-server-http==1.5.0'] }),
    ScoringEnvironment.pip({
      packages: ['azureml-inference-server-http==1.4.1', 'azure-monitor-opentelemetry-exporter'],
    }),
  ])('may have what sends telemetry from the server or by itself: %#', (environment) => {
    expect(built(environment)).toEqual([]);
  });

  test.each([
    ScoringEnvironment.pip({ packages: ['azureml-inference-server-http==1.4.1'] }),
    ScoringEnvironment.conda({ python: '3.12', pip: ['azureml_inference_server_http==1.4.1'] }),
  ])('fails to have a server that does not bring it: %#', (environment) => {
    expect(built(environment)).toEqual([
      'enableAppInsights needs the package azure-monitor-opentelemetry-exporter, which azureml-inference-server-http ' +
        "brings from 1.5.0 on; got 'azureml-inference-server-http==1.4.1'; leave the server out of the environment, or " +
        'add the package to it',
    ]);
  });
});

describe('the configuration of gunicorn', () => {
  const collectedData = {
    ...{ containerUrl: 'https://store.blob.core.windows.net/modeldata', folder: 'a/b', samplePercent: 100 },
    ...{ modelFolder: 'c/1', maxPayloadKiB: 64 },
  };
  const settings = { scoringTimeoutMs: 60_000, telemetry: { namespace: 'serving' }, collectedData };
  const lines = gunicornConfig(settings).split('\n');
  const warmUp = { file: '/request', contentType: 'application/json' };

  test('holds nothing that Terraform would read, and is of ASCII', () => {
    expect(lines.join('\n')).not.toMatch(/[$%]\{/);
    expect(lines.join('\n')).toMatch(/^[\n -~]+$/);
  });

  test('has no line that is longer than 120 characters, nor ends in space', () => {
    for (const line of lines) {
      expect(line).toMatch(/^(.{0,119}\S)?$/);
    }
  });

  test('watches calls after the warm-up, which is none', () => {
    const warm = gunicornConfig({ ...settings, warmUp }).split('\n');
    const watch = '    watch_calls(worker.wsgi, watch_with_telemetry(worker.wsgi), watch_with_collector(worker.wsgi))';

    expect(warm).toContain(watch);
    expect(warm.indexOf('    warm_up(worker.wsgi)')).toBeGreaterThan(0);
    expect(warm.indexOf(watch)).toBeGreaterThan(warm.indexOf('    warm_up(worker.wsgi)'));
  });
});
