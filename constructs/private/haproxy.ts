import type {
  DeploymentV1SpecTemplateSpecContainer,
  DeploymentV1SpecTemplateSpecVolume,
} from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { Construct } from 'constructs';
import { keysTask } from '../../src/gateway/keys-task';
import { type MetricsSettings, metricsTask } from '../../src/gateway/metrics-task';
import { GATEWAY_PORTS } from '../../src/gateway/ports';
import { HAPROXY_REQUEST } from '../../src/gateway/resources';
import { ENDPOINT_SECONDS } from '../../src/gateway/timeouts';
import { cpuQuantity, memoryQuantity } from '../../src/kubernetes/quantity';
import type { ServingNamespace } from '../serving-namespace';
import { LOCKED_CONTAINER } from './locked-pod';
import { podConfig } from './pod-config';
import type { ServiceKeys } from './service-keys';

const CONFIG_FOLDER = '/usr/local/etc/haproxy';
const KEYS_FOLDER = '/etc/service-keys';

/** The user that HAProxy's image makes for itself. */
const HAPROXY_USER = '99';

/** Files that a configuration of HAProxy names. */
export const HAPROXY_FILES = {
  keyMap: `${CONFIG_FOLDER}/keys.map`,
  keysTask: `${CONFIG_FOLDER}/keys.lua`,
  metricsTask: `${CONFIG_FOLDER}/metrics.lua`,
  holdAction: `${CONFIG_FOLDER}/hold.lua`,
} as const;

/** What gateways and routers differ in. */
export interface HaproxyProps {
  /** What it is: also the name of its container. */
  readonly role: 'gateway' | 'router';

  /** Namespace of the service. */
  readonly namespace: ServingNamespace;

  /** Name of the service. */
  readonly serviceName: string;

  /** Labels of the object that holds the configuration. */
  readonly labels: { readonly [name: string]: string };

  /** The configuration. */
  readonly config: string;

  /** What is measured. */
  readonly metrics: Omit<MetricsSettings, 'part'>;

  /** The action that holds calls while there is no replica; nothing where none are held. */
  readonly holdAction?: string;

  /** Keys that callers must show; nothing when they need none. */
  readonly keys?: ServiceKeys;

  /** Image of HAProxy. */
  readonly image: string;

  /** The most memory that it may take. */
  readonly memoryLimitMiB: number;
}

/** HAProxy as a container of a pod, with its configuration. */
export class Haproxy extends Construct {
  /** The container. */
  public readonly container: DeploymentV1SpecTemplateSpecContainer;

  /** The volumes that the container mounts. */
  public readonly volumes: DeploymentV1SpecTemplateSpecVolume[];

  constructor(scope: Construct, id: string, props: HaproxyProps) {
    super(scope, id);
    const { role, keys, namespace, holdAction } = props;
    const data = {
      'haproxy.cfg': props.config,
      'metrics.lua': metricsTask({ ...props.metrics, part: role }),
      ...(holdAction === undefined ? {} : { 'hold.lua': holdAction }),
      ...(keys === undefined
        ? {}
        : {
            'keys.lua': keysTask({ folder: KEYS_FOLDER, map: HAPROXY_FILES.keyMap }),
            'keys.map': '# filled by keys.lua\n',
          }),
    };
    const config = podConfig(this, { namespace, name: `${props.serviceName}-${role}`, labels: props.labels, data });
    const ports = { requests: GATEWAY_PORTS.requests, metrics: GATEWAY_PORTS.metrics, health: GATEWAY_PORTS.health };
    this.container = {
      name: role,
      image: props.image,
      // in the foreground as the first process, so that the signal which drains it reaches it
      command: ['haproxy', '-db', '-f', `${CONFIG_FOLDER}/haproxy.cfg`],
      port: Object.entries(role === 'router' ? { ...ports, choice: GATEWAY_PORTS.choice } : ports).map(
        ([name, containerPort]) => ({ name, containerPort, protocol: 'TCP' }),
      ),
      resources: {
        requests: { cpu: cpuQuantity(HAPROXY_REQUEST.cpuCores), memory: memoryQuantity(HAPROXY_REQUEST.memoryGiB) },
        limits: { memory: `${props.memoryLimitMiB}Mi` },
      },
      livenessProbe: probe('/gateway'),
      readinessProbe: { ...probe(role === 'router' ? '/ready' : '/gateway'), periodSeconds: 5 },
      // then the image's signal SIGUSR1, at which HAProxy ends when the last request has its answer
      lifecycle: { preStop: [{ exec: { command: ['sleep', String(ENDPOINT_SECONDS)] } }] },
      securityContext: {
        runAsUser: HAPROXY_USER,
        runAsGroup: HAPROXY_USER,
        ...LOCKED_CONTAINER,
      },
      volumeMount: [
        { name: `${role}-config`, mountPath: CONFIG_FOLDER, readOnly: true },
        ...(keys === undefined ? [] : [{ name: 'keys', mountPath: KEYS_FOLDER, readOnly: true }]),
      ],
    };
    this.volumes = [
      { name: `${role}-config`, configMap: { name: config } },
      ...(keys === undefined ? [] : [{ name: 'keys', secret: { secretName: keys.secretName } }]),
    ];
  }
}

/** A probe that HAProxy answers on its port for health. */
export function probe(path: string, timeoutSeconds = 2) {
  return { httpGet: { path, port: String(GATEWAY_PORTS.health) }, timeoutSeconds };
}
