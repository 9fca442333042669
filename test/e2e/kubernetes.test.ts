import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Manifest, manifestsOf } from './manifests';
import { synthesizeExample } from './terraform';
import { describeWith, KUBERNETES } from './tools';

const MINUTE = 60_000;

function kubectl(args: string[], manifests: Manifest[] = []): string {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests });
  return execFileSync('kubectl', args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
}

describeWith([KUBERNETES], "the example's Kubernetes objects", () => {
  let manifests: Manifest[];
  let namespace: Manifest[];

  beforeAll(() => {
    manifests = manifestsOf(synthesizeExample('gpu-triton'), 'digits-serving');
    namespace = manifests.filter(({ kind }) => kind === 'Namespace');
    kubectl(['apply', '-f', '-'], namespace);
  });

  afterAll(() => {
    kubectl(['delete', '--wait=true', '-f', '-'], namespace);
  });

  test('are accepted by a real API server, without a warning', () => {
    const accepted = kubectl(
      ['apply', '--dry-run=server', '--warnings-as-errors', '--output=name', '-f', '-'],
      manifests,
    );

    expect(accepted.trim().split('\n').sort()).toEqual([
      'deployment.apps/digit-reader',
      'namespace/serving',
      'networkpolicy.networking.k8s.io/ingress-from-callers',
      'poddisruptionbudget.policy/digit-reader',
      'service/digit-reader',
      'serviceaccount/digit-reader',
    ]);
  });

  test('fill the GPU node with replicas, and put none elsewhere', { timeout: 3 * MINUTE }, () => {
    kubectl(['apply', '-f', '-'], manifests);
    kubectl(['--namespace', 'serving', 'rollout', 'status', 'deployment/digit-reader', '--timeout=120s']);

    const pods = JSON.parse(kubectl(['--namespace', 'serving', 'get', 'pods', '--output=json'])).items;
    const pools = pods.map(({ spec }: { spec: { nodeName: string } }) =>
      kubectl([
        'get',
        'node',
        spec.nodeName,
        '--output=jsonpath={.metadata.labels.kubernetes\\.azure\\.com/agentpool}',
      ]),
    );
    expect(pools).toEqual(['gpu', 'gpu']);
  });
});
