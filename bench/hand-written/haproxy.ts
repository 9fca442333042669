import { createHash } from 'node:crypto';
import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import type { SecretV1 } from '@cdktf/provider-kubernetes/lib/secret-v1';
import type { TerraformStack } from 'cdktf';
import { text } from './texts';

export const LOCKED = {
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

export function spread(matchLabels: Record<string, string>, matchLabelKeys?: string[]) {
  return ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: [{ matchLabels }],
    matchLabelKeys,
  }));
}

export function probe(path: string) {
  return { httpGet: { path, port: '8405' }, timeoutSeconds: 2 };
}

/** The container of a gateway or a router. */
export function haproxy(role: string, readyPath: string, memoryLimit: string, choicePort?: number) {
  return {
    name: role,
    image: 'docker.io/library/haproxy:3.2.25',
    command: ['haproxy', '-db', '-f', '/usr/local/etc/haproxy/haproxy.cfg'],
    port: [
      { name: 'requests', containerPort: 8080, protocol: 'TCP' },
      { name: 'metrics', containerPort: 8404, protocol: 'TCP' },
      { name: 'health', containerPort: 8405, protocol: 'TCP' },
      ...(choicePort === undefined ? [] : [{ name: 'choice', containerPort: choicePort, protocol: 'TCP' }]),
    ],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: memoryLimit } },
    livenessProbe: probe('/gateway'),
    readinessProbe: { ...probe(readyPath), periodSeconds: 5 },
    lifecycle: { preStop: [{ exec: { command: ['sleep', '5'] } }] },
    securityContext: { ...LOCKED, runAsUser: '99', runAsGroup: '99' },
    volumeMount: [
      { name: `${role}-config`, mountPath: '/usr/local/etc/haproxy', readOnly: true },
      { name: 'keys', mountPath: '/etc/service-keys', readOnly: true },
    ],
  };
}

export function haproxyVolumes(role: string, config: ConfigMapV1, keys: SecretV1) {
  return [
    { name: `${role}-config`, configMap: { name: config.metadata.name } },
    { name: 'keys', secret: { secretName: keys.metadata.name } },
  ];
}

export function addConfig(
  stack: TerraformStack,
  role: string,
  namespace: string,
  labels: { [name: string]: string },
): ConfigMapV1 {
  const data = {
    'haproxy.cfg': text(`${role}.cfg`),
    'metrics.lua': text(`${role}-metrics.lua`),
    'keys.lua': text('keys.lua'),
    'keys.map': '# filled by keys.lua\n',
  };
  const hash = createHash('sha256').update(JSON.stringify(data)).digest('hex').slice(0, 8);
  return new ConfigMapV1(stack, `${role}-config`, {
    metadata: { name: `digit-reader-${role}-${hash}`, namespace, labels },
    immutable: true,
    data,
    lifecycle: { createBeforeDestroy: true },
  });
}
