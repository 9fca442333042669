import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { PodDisruptionBudgetV1 } from '@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1';
import { SecretV1 } from '@cdktf/provider-kubernetes/lib/secret-v1';
import { ServiceV1 } from '@cdktf/provider-kubernetes/lib/service-v1';
import {
  type CpuPoolOptions,
  Exposure,
  ScoringImage,
  type ScoringServiceOptions,
  ServiceAuth,
  VmSize,
} from 'azure-inference-cdktf';
import { Template } from 'azure-inference-cdktf/testing';
import { describe, expect, test } from 'vitest';
import { testPlatform } from '../../fixtures';

type Parts = { readonly [name: string]: Parts } & readonly Parts[];

function served(service: Partial<ScoringServiceOptions> = {}, options: Partial<CpuPoolOptions> = {}) {
  const platform = testPlatform();
  const pool = platform.cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 2, ...options });
  const image = ScoringImage.fromRegistry('prod.azurecr.io/digits:3');
  const scoring = platform.serving.addScoringService('reader', { pool, image, numReplicas: 1, ...service });
  const template = Template.of(platform.serving);
  return { platform, scoring, template, deployment: template.resource(DeploymentV1) as unknown as Parts };
}

const NAME = { 'app.kubernetes.io/name': 'reader' };

describe('the deployment', () => {
  test('is named after the service', () => {
    expect(served().deployment).toMatchObject({
      metadata: {
        name: 'reader',
        namespace: expect.stringMatching(/^\$\{kubernetes_namespace_v1\./),
        labels: { ...NAME, 'app.kubernetes.io/component': 'scoring' },
      },
      spec: {
        replicas: '1',
        selector: { match_labels: NAME },
        template: { metadata: { labels: { ...NAME, 'azure.workload.identity/use': 'true' } } },
      },
    });
  });

  test('loses one replica at a time when nodes are drained', () => {
    expect(
      served({ numReplicas: 3 }).template.resource(PodDisruptionBudgetV1, 'reader/DisruptionBudget'),
    ).toMatchObject({
      metadata: { name: 'reader', labels: NAME },
      spec: { max_unavailable: '1', selector: { match_labels: NAME } },
    });
  });

  test('spreads several replicas of one rollout over zones, then over nodes, and keeps none from where there is room', () => {
    const { deployment } = served({ numReplicas: 2 });

    expect(deployment.spec?.template?.spec?.topology_spread_constraint).toEqual(
      ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((key) => ({
        max_skew: 1,
        topology_key: key,
        when_unsatisfiable: 'ScheduleAnyway',
        label_selector: [{ match_labels: NAME }],
        match_label_keys: ['pod-template-hash'],
      })),
    );
  });

  test('has nothing to spread of a single replica', () => {
    expect(served().deployment.spec?.template?.spec).not.toHaveProperty('topology_spread_constraint');
  });

  test('has the gateway beside the server in each pod', () => {
    const containers = served().deployment.spec?.template?.spec?.container ?? [];

    expect(containers.map(({ name }) => name)).toEqual(['scoring', 'gateway']);
  });

  test('mounts the digests of the keys, when they are there', () => {
    const { deployment, template } = served();

    expect(deployment.spec?.template?.spec?.volume).toContainEqual({
      name: 'keys',
      secret: {
        secret_name: expect.stringMatching(/^\$\{kubernetes_secret_v1\.reader_keys_\w+\.metadata\[0\]\.name\}$/),
      },
    });
    expect(deployment.depends_on).toContainEqual(expect.stringMatching(/^kubernetes_secret_v1\.reader_keys_/));
    expect(template.resources(SecretV1)).toHaveLength(1);
  });

  test('has no keys, and makes none, where callers need none', () => {
    const { deployment, template } = served({ auth: ServiceAuth.none() });

    expect(JSON.stringify(deployment)).not.toContain('service-keys');
    expect(template.resources(SecretV1)).toEqual([]);
    expect(template.json).not.toHaveProperty('ephemeral');
    expect(JSON.stringify(template.json)).not.toContain('hashicorp/random');
  });
});

describe('a rollout', () => {
  test('starts a new replica first where the pool has room for one more', () => {
    expect(served().deployment.spec?.strategy).toEqual({
      type: 'RollingUpdate',
      rolling_update: { max_surge: '1', max_unavailable: '0' },
    });
  });

  test('ends an old replica first where it has none', () => {
    const { deployment } = served({ cpuCores: 3, numReplicas: 2 });

    expect(deployment.spec?.strategy).toEqual({
      type: 'RollingUpdate',
      rolling_update: { max_surge: '0', max_unavailable: '1' },
    });
  });

  test('counts the gateway of each replica, too', () => {
    // a node leaves 3.56 cores to pods: room for five replicas of 0.61 with a gateway of 0.1 each
    const surge = (cpuCores: number) =>
      served({ cpuCores, numReplicas: 4 }, { maxNodes: 1 }).deployment.spec?.strategy?.rolling_update?.max_surge;

    expect(surge(0.61)).toBe('1');
    expect(surge(0.62)).toBe('0');
  });

  test('gives routers the time to learn of a replica before the next one goes', () => {
    expect(served({ numReplicas: 2 }).deployment.spec?.min_ready_seconds).toBe(30);
    expect(served().deployment.spec?.min_ready_seconds).toBeUndefined();
  });

  test.each([
    ['30 minutes where a node may have to start', {}, {}, 30],
    ['20 minutes where a node is there', {}, { minNodes: 1 }, 20],
    ['as long as it is given', { rolloutTimeoutMinutes: 45 }, {}, 45],
  ])('may take %s, in Terraform and in Kubernetes', (_, service, pool, minutes) => {
    const { deployment } = served(service, pool);

    expect(deployment.timeouts).toEqual({ create: `${minutes}m`, update: `${minutes}m` });
    expect(deployment.spec?.progress_deadline_seconds).toBe(minutes * 60);
    expect(deployment.wait_for_rollout).toBe(true);
  });
});

describe('the address', () => {
  const address = (service: Partial<ScoringServiceOptions>) => served(service).template.resource(ServiceV1);

  test('is that of an internal load balancer by default, for whoever can route to it', () => {
    expect(address({})).toMatchObject({
      metadata: { annotations: { 'service.beta.kubernetes.io/azure-load-balancer-internal': 'true' } },
      spec: { type: 'LoadBalancer' },
    });
    expect(address({}).spec).not.toHaveProperty('load_balancer_source_ranges');
  });

  test('is for the networks that the service names', () => {
    expect(address({ sourceRanges: ['10.1.0.0/16', '10.2.0.0/16'] })).toMatchObject({
      spec: { load_balancer_source_ranges: ['10.1.0.0/16', '10.2.0.0/16'] },
    });
  });

  test('stays inside the cluster where the service says so', () => {
    expect(address({ exposure: Exposure.CLUSTER })).toMatchObject({ spec: { type: 'ClusterIP' } });
  });
});

test('the gateway has the image that the service names, and the memory that its requests may take', () => {
  const gateway = (service: Partial<ScoringServiceOptions>) =>
    served(service).deployment.spec?.template?.spec?.container?.[1];
  const service = { haproxyImage: 'contoso.azurecr.io/haproxy:2.8.5', replicaMaxQueuedRequests: 10, numReplicas: 3 };

  expect(gateway({})).toMatchObject({
    image: 'docker.io/library/haproxy:3.2.25',
    resources: { limits: { memory: '458Mi' } },
  });
  expect(gateway(service)).toMatchObject({
    image: 'contoso.azurecr.io/haproxy:2.8.5',
    resources: { limits: { memory: '278Mi' } },
  });
});

describe('the annotation of the deployment', () => {
  const said = (service: Partial<ScoringServiceOptions>) => {
    const { deployment, template } = served(service);
    const annotation = String(deployment.metadata?.annotations?.['azure-inference-cdktf/service']);
    return { annotation: JSON.parse(annotation), output: template.output('service_reader') };
  };

  test.each([1, 2])('says what the output says: %d replicas', (numReplicas) => {
    const { annotation, output } = said({
      numReplicas,
      description: 'Läuft "gut" \\ zu 100 %',
      tags: { area: 'Question & answer' },
      properties: { owner: 'x\ny' },
    });

    expect(annotation).toEqual(output);
    expect(annotation).toMatchObject({
      description: 'Läuft "gut" \\ zu 100 %',
      tags: { area: 'Question & answer' },
      properties: { owner: 'x\ny' },
    });
  });

  test('says nothing of what is not given', () => {
    const { annotation } = said({});

    for (const name of ['description', 'tags', 'properties']) {
      expect(annotation).not.toHaveProperty(name);
    }
  });
});
