import { ApplicationInsights } from '@cdktf/provider-azurerm/lib/application-insights';
import { ContainerRegistry as ContainerRegistryResource } from '@cdktf/provider-azurerm/lib/container-registry';
import { KeyVault } from '@cdktf/provider-azurerm/lib/key-vault';
import { LogAnalyticsWorkspace as LogAnalyticsWorkspaceResource } from '@cdktf/provider-azurerm/lib/log-analytics-workspace';
import { MachineLearningWorkspace } from '@cdktf/provider-azurerm/lib/machine-learning-workspace';
import { MonitorWorkspace as MonitorWorkspaceResource } from '@cdktf/provider-azurerm/lib/monitor-workspace';
import { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import { ResourceGroupTemplateDeployment } from '@cdktf/provider-azurerm/lib/resource-group-template-deployment';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container';
import {
  ContainerRegistry,
  FoundationStack,
  type FoundationStackProps,
  LogAnalyticsWorkspace,
  ModelStore,
  Monitoring,
  MonitorWorkspace,
  RegistrySku,
  type ResourceGroupAttributes,
  ResourceGroup as ResourceGroupConstruct,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { env, messagesOf, SHARED_GROUP_ID, sharedGroup, testApp, token } from '../fixtures';

const foundation = (props: Partial<FoundationStackProps> = {}, app = testApp()) =>
  new FoundationStack(app, 'prod-foundation', { ...env, ...props });

const template = (props?: Partial<FoundationStackProps>, app?: ReturnType<typeof testApp>) =>
  Template.of(foundation(props, app));

const DATA = [
  [ResourceGroup, 'resource-group'],
  [LogAnalyticsWorkspaceResource, 'logs'],
  [MonitorWorkspaceResource, 'metrics'],
  [ResourceGroupTemplateDeployment, 'grafana'],
  [KeyVault, 'service-keys'],
  [KeyVault, 'workspace-vault'],
  [ContainerRegistryResource, 'registry'],
  [StorageAccount, 'models'],
  [StorageContainer, 'models/Container'],
  [StorageAccount, 'workspace/storage'],
  [MachineLearningWorkspace, 'workspace'],
] as const;

describe('protection', () => {
  const preventDestroy = (protect?: boolean) => {
    const stack = template({ protect });
    return DATA.map(
      ([type, name]) => (stack.resource(type, name).lifecycle as { prevent_destroy: boolean }).prevent_destroy,
    );
  };

  test.each([undefined, true])('guards all that holds data, by default too: %s', (protect) => {
    expect(preventDestroy(protect)).toEqual(Array(DATA.length).fill(true));
    expect(template({ protect }).json).toMatchObject({
      provider: { azurerm: [{ features: [{ resource_group: [{ prevent_deletion_if_contains_resources: true }] }] }] },
    });
  });

  test('guards nothing of a platform that is thrown away', () => {
    expect(preventDestroy(false)).toEqual(Array(DATA.length).fill(false));
    expect(template({ protect: false }).json).toMatchObject({
      provider: {
        azurerm: [
          {
            features: [
              {
                resource_group: [{ prevent_deletion_if_contains_resources: false }],
                machine_learning: [{ purge_soft_deleted_workspace_on_destroy: true }],
              },
            ],
          },
        ],
      },
    });
  });
});

describe('the parts', () => {
  test('all lie in one group of their own', () => {
    const { resource } = template().json as {
      resource: Record<string, Record<string, { resource_group_name?: string }>>;
    };

    const groups = Object.values(resource)
      .flatMap((resources) => Object.values(resources))
      .flatMap((values) => values.resource_group_name ?? []);
    expect(groups).toHaveLength(13);
    expect(new Set(groups)).toEqual(
      new Set([expect.stringMatching(/^\$\{azurerm_resource_group\.resource-group_.+\.name\}$/)]),
    );
  });

  test('are what the workspace stands on', () => {
    const reference = (start: string) => expect.stringMatching(new RegExp(`^\\$\\{${start}_[0-9A-F]{8}\\.id\\}$`));

    expect(template().resource(MachineLearningWorkspace)).toMatchObject({
      name: 'mlw-prod-workspace',
      key_vault_id: reference('azurerm_key_vault\\.workspace-vault'),
      container_registry_id: reference('azurerm_container_registry\\.registry'),
      application_insights_id: reference('azurerm_application_insights\\.insights'),
      storage_account_id: reference('azurerm_storage_account\\.workspace_storage'),
    });
    expect(template().resource(ApplicationInsights)).toMatchObject({
      workspace_id: reference('azurerm_log_analytics_workspace\\.logs'),
    });
  });

  test('keep the workspace away from the keys of services', () => {
    const scopes = template()
      .resources(RoleAssignment)
      .map((role) => String(role.scope));

    expect(scopes.filter((scope) => scope.includes('.workspace-vault_'))).toHaveLength(2);
    expect(scopes.filter((scope) => scope.includes('.service-keys_'))).toEqual([]);
  });

  test('are given to other stacks', () => {
    const stack = foundation();

    expect(stack.resourceGroup.resourceGroupName).toBe('rg-prod');
    expect(stack.logAnalytics.logAnalyticsWorkspaceName).toBe('log-prod-logs');
    expect(stack.keyVault.keyVaultName).toMatch(/^prod-service-ke-/);
    expect(stack.registry.loginServer).toMatch(/^prodregistry[0-9a-f]{8}\.azurecr\.io$/);
    expect(stack.models.containerName).toBe('models');
    expect(stack.workspace.workspaceName).toBe('mlw-prod-workspace');
  });
});

describe('the registry', () => {
  test('has the sku that is asked for, and the standard one by default', () => {
    expect(template().resource(ContainerRegistryResource)).toMatchObject({ sku: 'Standard' });
    expect(template({ registrySku: RegistrySku.PREMIUM }).resource(ContainerRegistryResource)).toMatchObject({
      sku: 'Premium',
    });
  });
});

describe('metrics', () => {
  const theirs = (app: ReturnType<typeof testApp>) =>
    MonitorWorkspace.fromMonitorWorkspaceAttributes(app, 'amw', {
      monitorWorkspaceName: 'company-metrics',
      resourceGroup: sharedGroup(app),
    });
  const adminsOf = (stack: Template) =>
    stack.resources(RoleAssignment).filter((role) => role.role_definition_name === 'Grafana Admin');

  test('are kept by managed Prometheus and shown by a Grafana that the deployers administer, by default', () => {
    const stack = foundation();
    const text = Template.of(stack);

    expect(stack.monitorWorkspace?.monitorWorkspaceName).toBe('amw-prod-metrics');
    expect(text.resource(MonitorWorkspaceResource)).toMatchObject({ name: 'amw-prod-metrics', location: 'westeurope' });
    expect(text.resource(ResourceGroupTemplateDeployment)).toMatchObject({ name: stack.grafana?.grafanaName });
    expect(adminsOf(text)).toHaveLength(1);
    expect(text.json).toMatchObject({
      provider: {
        azurerm: [
          {
            resource_providers_to_register: ['Microsoft.Monitor', 'Microsoft.Dashboard', 'Microsoft.AlertsManagement'],
          },
        ],
      },
    });
    expect(text.output('grafana_command')).toMatch(
      /^az resource show --ids \$\{azurerm_resource_group\.[^}]+\.id\}\/providers\/Microsoft\.Dashboard\/grafana\/\$\{azurerm_resource_group_template_deployment\.[^}]+\.name\} --query properties\.endpoint --output tsv$/,
    );
  });

  test.each([Monitoring.IN_CLUSTER, Monitoring.NONE])('need nothing here with %s', (monitoring) => {
    const stack = foundation({ monitoring });
    const text = Template.of(stack);

    expect([stack.monitorWorkspace, stack.grafana]).toEqual([undefined, undefined]);
    expect(text.resources(MonitorWorkspaceResource)).toEqual([]);
    expect(text.resources(ResourceGroupTemplateDeployment)).toEqual([]);
    expect(adminsOf(text)).toEqual([]);
    expect(JSON.stringify(text.json)).not.toContain('resource_providers_to_register');
    expect(Object.keys((text.json as { output: object }).output)).not.toContain('grafana_command');
  });

  test('may be shown elsewhere', () => {
    const stack = foundation({ grafana: false });

    expect(stack.grafana).toBeUndefined();
    expect(Template.of(stack).resources(MonitorWorkspaceResource)).toHaveLength(1);
    expect(Template.of(stack).resources(ResourceGroupTemplateDeployment)).toEqual([]);
    expect(adminsOf(Template.of(stack))).toEqual([]);
  });

  test('may be kept in somebody else’s workspace', () => {
    const app = testApp();
    const workspace = theirs(app);
    const stack = foundation({ monitorWorkspace: workspace }, app);

    expect(stack.monitorWorkspace).toBe(workspace);
    expect(Template.of(stack).resources(MonitorWorkspaceResource)).toEqual([]);
    expect(Template.of(stack).resource(ResourceGroupTemplateDeployment).parameters_content).toContain(
      `"${SHARED_GROUP_ID}/providers/Microsoft.Monitor/accounts/company-metrics"`,
    );
  });

  test.each([
    [Monitoring.IN_CLUSTER, 'IN_CLUSTER'],
    [Monitoring.NONE, 'NONE'],
  ])('fails for a workspace or a Grafana with %s', (monitoring, word) => {
    const app = testApp();
    const stack = foundation({ monitoring, monitorWorkspace: theirs(app), grafana: true }, app);

    expect(messagesOf(stack)).toEqual([
      'only managed Prometheus keeps metrics in an Azure Monitor workspace; got a monitorWorkspace with monitoring: ' +
        `Monitoring.${word}; leave one of them out`,
      `a managed Grafana shows what managed Prometheus collects; got grafana: true with monitoring: Monitoring.${word}; ` +
        'leave one of them out',
    ]);
  });
});

describe('deployers', () => {
  const grants = (deployers?: readonly string[]) =>
    template({ deployers })
      .resources(RoleAssignment)
      .filter((role) => !/azurerm_user_assigned_identity/.test(String(role.principal_id)));

  test('are whoever deploys first, by default, and stay', () => {
    expect(grants()).toHaveLength(5);
    for (const role of grants()) {
      expect(role).toMatchObject({ lifecycle: { ignore_changes: ['principal_id'] } });
    }
  });

  test('are who is named', () => {
    const roles = grants(['aaaaaaaa-0000-0000-0000-000000000001']);

    expect(roles.map((role) => role.principal_id)).toEqual(Array(5).fill('aaaaaaaa-0000-0000-0000-000000000001'));
    expect(roles.filter((role) => 'lifecycle' in role)).toEqual([]);
  });
});

test('the identity of image builds may push to the registry and read the models, and nothing else', () => {
  const roles = template()
    .resources(RoleAssignment)
    .filter((role) => String(role.principal_id).includes('.image-builder_'))
    .map((role) => [role.role_definition_name, String(role.scope)]);

  expect(roles).toEqual([
    ['AcrPush', expect.stringMatching(/^\$\{azurerm_container_registry\./)],
    ['Storage Blob Data Reader', expect.stringMatching(/^\$\{azurerm_storage_container\./)],
  ]);
});

test('every role of a managed identity says that it is one', () => {
  const roles = template()
    .resources(RoleAssignment)
    .filter((role) => String(role.principal_id).includes('azurerm_user_assigned_identity'));

  expect(roles).toHaveLength(10);
  expect(roles.map((role) => role.principal_type)).toEqual(Array(10).fill('ServicePrincipal'));
});

describe('outputs', () => {
  test('are what clients of the workspace ask for', () => {
    const stack = template({ location: 'West Europe' });
    const reference = (start: string, attribute: string) =>
      expect.stringMatching(new RegExp(`^\\$\\{${start}(_[0-9A-F]{8})?\\.${attribute}\\}$`));

    expect(stack.output('workspace_name')).toEqual(reference('azurerm_machine_learning_workspace\\.workspace', 'name'));
    expect(stack.output('resource_group_name')).toEqual(reference('azurerm_resource_group\\.resource-group', 'name'));
    expect(stack.output('subscription_id')).toEqual('${data.azurerm_client_config.azurerm-client.subscription_id}');
    expect(stack.output('location')).toBe('westeurope');
  });

  test('hold the text of config.json', () => {
    const text = String(template().output('workspace_config'));

    expect(text).toMatch(/^\$\{jsonencode\(\{.*\}\)\}$/);
    expect(text).toMatch(/"subscription_id" = data\.azurerm_client_config\.azurerm-client\.subscription_id[,}]/);
    expect(text).toMatch(/"resource_group" = azurerm_resource_group\.resource-group_.{8}\.name[,}]/);
    expect(text).toMatch(/"workspace_name" = azurerm_machine_learning_workspace\.workspace_.{8}\.name[,}]/);
  });

  test('are explained, and no secret', () => {
    const { output } = template().json as { output: Record<string, { description?: string; sensitive?: boolean }> };

    expect(Object.keys(output)).toHaveLength(6);
    for (const { description, sensitive } of Object.values(output)) {
      expect(description).toMatch(/\.$/);
      expect(sensitive).toBeUndefined();
    }
  });
});

describe('what somebody else made', () => {
  test('is used instead of a new one, by its id', () => {
    const app = testApp();
    const resourceGroup = sharedGroup(app);
    const stack = template(
      {
        resourceGroup,
        registry: ContainerRegistry.fromRegistryAttributes(app, 'images', { registryName: 'contoso', resourceGroup }),
        logAnalytics: LogAnalyticsWorkspace.fromLogAnalyticsWorkspaceAttributes(app, 'logs', {
          logAnalyticsWorkspaceName: 'audit',
          resourceGroup,
        }),
        models: ModelStore.fromModelStoreAttributes(app, 'models', { storageAccountName: 'theirs', resourceGroup }),
      },
      app,
    );

    for (const type of [ResourceGroup, ContainerRegistryResource, LogAnalyticsWorkspaceResource, StorageContainer]) {
      expect(stack.resources(type)).toEqual([]);
    }
    expect(stack.resource(StorageAccount, 'workspace/storage')).toMatchObject({ resource_group_name: 'shared' });
    expect(stack.resource(ApplicationInsights)).toMatchObject({
      workspace_id: `${SHARED_GROUP_ID}/providers/Microsoft.OperationalInsights/workspaces/audit`,
    });
    expect(stack.resource(MachineLearningWorkspace)).toMatchObject({
      resource_group_name: 'shared',
      container_registry_id: `${SHARED_GROUP_ID}/providers/Microsoft.ContainerRegistry/registries/contoso`,
    });
  });

  test('fails to be a group in another region than the platform’s', () => {
    const app = testApp();
    const stack = foundation({ resourceGroup: sharedGroup(app), location: 'North Europe' }, app);

    expect(messagesOf(stack)).toEqual([
      "the platform is created in the region of its resource group 'shared', 'westeurope'; got location 'North Europe'; " +
        'give the same region to both',
    ]);
  });

  test('may be a group whose region is written as people write it', () => {
    const app = testApp();

    expect(messagesOf(foundation({ resourceGroup: sharedGroup(app), location: 'West Europe' }, app))).toEqual([]);
  });
});

test('fails for a subscription that is a token, once a construct', () => {
  expect(messagesOf(foundation({ subscriptionId: token(env.subscriptionId) }))).toEqual(
    Array(2).fill(expect.stringMatching(/^the subscription id must be a literal/)),
  );
});

describe("someone else's resource group", () => {
  const group = (app: ReturnType<typeof testApp>, attributes: Partial<ResourceGroupAttributes>) =>
    ResourceGroupConstruct.fromResourceGroupAttributes(app, 'shared', {
      ...env,
      resourceGroupName: 'shared',
      ...attributes,
    });

  test("fails in another region than the platform's, and in another subscription", () => {
    const app = testApp();
    const subscriptionId = '99999999-2222-3333-4444-555555555555';
    const stack = foundation({ resourceGroup: group(app, { subscriptionId, location: 'northeurope' }) }, app);

    expect(messagesOf(stack)).toEqual([
      "the platform is created in the region of its resource group 'shared', 'northeurope'; got location 'westeurope'; " +
        'give the same region to both',
      `the platform is created in the subscription of its resource group 'shared', '${subscriptionId}'; got ` +
        `subscriptionId '${env.subscriptionId}'; give the same subscription to both`,
    ]);
  });

  test('may write the same region as people do', () => {
    const app = testApp();

    expect(() =>
      Template.of(foundation({ resourceGroup: group(app, { location: 'West Europe' }) }, app)),
    ).not.toThrow();
  });

  test('fails with a token in its name where other names are made from it', () => {
    const app = testApp();
    const stack = foundation({ resourceGroup: group(app, { resourceGroupName: token('shared') }) }, app);

    expect(new Set(messagesOf(stack))).toEqual(
      new Set([
        'its name is made from group and region, and one of them is a token; give both as literals, or give it a name',
      ]),
    );
  });
});
