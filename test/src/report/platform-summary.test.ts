import { describe, expect, test } from 'vitest';
import { type PlatformSummary, summarize } from '../../../src/report/platform-summary';
import { readSynthesizedOutput } from '../../../src/report/synthesized-output';
import { HOSTILE, outputOf, summaryOf } from './synthesized';

describe('summarize', () => {
  const summary = summaryOf(2);

  test('names the platform by what its stacks have in common and says in one sentence what it is', () => {
    expect(summary.title).toBe('prod');
    expect(summary.sentence).toMatch(
      /^2 services with 1 model on 1 AKS cluster in westeurope: 4 pools that keep 6 nodes and grow to at most \d+\.$/,
    );
  });

  test('says what each stack is for by its notable resources', () => {
    const purposes = Object.fromEntries(summary.stacks.map(({ name, purpose }) => [name, purpose]));

    expect(purposes['prod-foundation']).toMatch(/^Azure ML workspace, 2 storage accounts, container registry/);
    expect(purposes['prod-cluster']).toBe('AKS cluster, node pools gpu, spare and work');
    expect(purposes['prod-addons']).toContain('nvidia-device-plugin');
    expect(purposes['prod-serving']).toMatch(/^services reader-0 and reader-1, 2 uploaded files/);
  });

  test('tells templates by what they make', () => {
    const templates = summary.stacks
      .flatMap(({ resources }) => resources)
      .filter(({ type }) => type === 'azurerm_resource_group_template_deployment');

    expect(templates.map(({ kind }) => kind)).toEqual(['Grafana', 'dashboard', 'dashboard', 'dashboard']);
  });

  test('knows pools by size, nodes, taints and accelerators, the system pool among them', () => {
    const pools = summary.clusters.flatMap((cluster) => cluster.pools);

    expect(pools.map(({ name, system }) => [name, system])).toEqual([
      ['system', true],
      ['gpu', false],
      ['spare', false],
      ['work', false],
    ]);
    expect(pools[1]).toMatchObject({
      vmSize: 'Standard_NC4as_T4_v3',
      minNodes: 0,
      maxNodes: 40,
      taints: ['sku=gpu:NoSchedule'],
      spot: false,
      accelerator: { kind: 'gpu', model: 'T4 (16 GiB)', count: 1 },
    });
    expect(pools[2]).toMatchObject({ spot: true, minNodes: 1, maxNodes: 3 });
  });

  test('knows services by pool, namespace, devices, image and models', () => {
    expect(summary.services[0]).toMatchObject({
      name: 'reader-0',
      namespace: 'serving',
      stack: 'prod-serving',
      pool: 'gpu',
      replicas: 1,
      devices: [{ resource: 'nvidia.com/gpu', count: 1 }],
      models: [{ name: 'digits', versions: [1], description: HOSTILE, tags: { area: '<i>Vision</i>' } }],
    });
    expect(summary.services[0]?.image).toContain('tritonserver');
  });

  test('resolves who may do what where across stacks', () => {
    expect(rights(summary)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^whoever deploys: Storage Blob Data Contributor on resource group /),
        expect.stringMatching(/^Azure ML workspace .*: Contributor on container registry prodregistry/),
        expect.stringMatching(/^control plane of cluster .*: Managed Identity Operator on identity .*kubelet/),
        expect.stringMatching(/^nodes of cluster .*: AcrPull on container registry prodregistry/),
        expect.stringMatching(/^service reader-1: Storage Blob Data Reader on blob container models of prodmodels/),
      ]),
    );
  });

  test('knows the construct of the identity that a service runs as', () => {
    const grant = summary.grants.find(({ actors }) => actors[0]?.label === 'service reader-0');

    expect(grant?.identityPath).toMatch(/^prod-serving\/reader-0\/workload/);
    expect(grant?.target.parent?.resource?.path).toBe('prod-foundation/models');
  });

  test('lists the stores', () => {
    const kinds = summary.stores.map(({ kind }) => kind);

    expect(kinds).toEqual(expect.arrayContaining(['storage account', 'container registry', 'key vault', 'log store']));
    expect(kinds).toContain('Azure ML workspace');
  });

  test('knows every type that a service with keys and routers is made of', () => {
    const { stacks } = summaryOf(1, { numReplicas: 2 });
    const resources = stacks.flatMap((stack) => stack.resources);
    const purposes = new Map(resources.map(({ type, kind, purpose }) => [type, `${kind}: ${purpose}`]));

    // how a type is told that has no words of its own
    expect(resources.filter(({ purpose }) => /\((azurerm|kubernetes|helm)\)$/.test(purpose))).toEqual([]);
    expect(purposes.get('kubernetes_stateful_set_v1')).toBe(
      'set of routers: finds a free replica for each call to a service of several',
    );
    expect(purposes.get('kubernetes_config_map_v1')).toBe('config map: configuration of gateways, routers and servers');
    expect(purposes.get('kubernetes_secret_v1')).toBe('Kubernetes secret: digests of the keys that callers show');
  });

  test('tells a type that it does not know by its name', () => {
    const resources = { azurerm_api_management_gateway: { one: { name: 'front' } } };
    const { stacks } = summarize(readSynthesizedOutput(outputOf({ one: { resource: resources } })));

    expect(stacks[0]).toMatchObject({
      purpose: 'api management gateway',
      resources: [{ kind: 'api management gateway', purpose: 'api management gateway (azurerm)', name: 'front' }],
    });
  });

  test('reads a deployment that is not of this library', () => {
    const deployment = {
      metadata: [{ name: 'web', annotations: { 'azure-inference-cdktf/models': '${local.models}' } }],
      spec: [{ template: [{ spec: [{ container: [{ image: 'nginx' }] }] }] }],
    };
    const output = outputOf({ one: { resource: { kubernetes_deployment_v1: { web: deployment } } } });

    expect(summarize(readSynthesizedOutput(output)).services).toMatchObject([
      { name: 'web', image: 'nginx', models: [], devices: [], pool: undefined, replicas: undefined },
    ]);
  });

  test('names principals and scopes that are of no program by what they are', () => {
    const assignment = {
      principal_id: '22222222-0000-0000-0000-000000000000',
      principal_type: 'Group',
      role_definition_name: 'Reader',
      scope:
        '/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a/blobServices/default/containers/c',
    };
    const output = outputOf({ one: { resource: { azurerm_role_assignment: { a: assignment } } } });

    expect(rights(summarize(readSynthesizedOutput(output)))).toEqual([
      'group 22222222-0000-0000-0000-000000000000: Reader on blob container c of a',
    ]);
  });

  test('summarizes a program without anything in it', () => {
    expect(summarize(readSynthesizedOutput(outputOf({ empty: {} })))).toMatchObject({
      title: 'empty',
      sentence: '0 services.',
      stacks: [{ purpose: 'nothing yet' }],
      clusters: [],
      cost: { nodes: { min: 0, max: 0 } },
    });
  });
});

function rights({ grants }: PlatformSummary): string[] {
  return grants.map(({ actors, role, target }) => {
    const where = `${target.kind} ${target.name}${target.parent === undefined ? '' : ` of ${target.parent.name}`}`;
    return `${actors.map(({ label }) => label).join(' and ')}: ${role} on ${where}`;
  });
}
