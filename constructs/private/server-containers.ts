import type { DeploymentV1SpecTemplateSpecContainer } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import type { ServedProtocol } from '../../src/gateway/protocol';
import { probe } from './haproxy';

/** How the pods of a service are asked whether they are well. */
export interface Probes {
  /** How long a server may take from its start until it is ready, and the option that says so. */
  readonly startup: {
    readonly seconds: number;
    readonly option: string;

    /**
     * How long what runs before the server may take.
     *
     * @default 0
     */
    readonly secondsBefore?: number;
  };

  /** How often a server is asked. */
  readonly periodSeconds: number;

  /** How long an answer may take. */
  readonly timeoutSeconds: number;

  /** Number of good answers after which a replica gets calls again. */
  readonly successThreshold: number;

  /** Number of probes without a good answer after which a server is started anew. */
  readonly failureThreshold: number;
}

/** The container of a server, without probes and what it waits for before it ends. */
export type ServerContainer = Omit<
  DeploymentV1SpecTemplateSpecContainer,
  'startupProbe' | 'livenessProbe' | 'readinessProbe' | 'lifecycle'
>;

/** A server of a pod. */
export interface PodServer {
  readonly probes: Probes;

  /** Its container, without probes and what it waits for before it ends. */
  readonly container: ServerContainer;
}

/** The servers of a pod. */
export interface PodServers extends PodServer {
  /** What the one speaks that callers reach. */
  readonly protocol: ServedProtocol;

  /**
   * The server that this one calls inside the pod, as its protocol names it. It is the one that gets the GPUs then.
   *
   * @default - none
   */
  readonly behind?: PodServer;
}

/**
 * The containers of a pod's servers.
 *
 * @param devices the GPUs of the replica
 * @param drainSeconds how long they go on once the pod is told to go
 */
export function serverContainers(
  { protocol, behind, ...server }: PodServers,
  devices: { readonly [resource: string]: string },
  drainSeconds: number,
): DeploymentV1SpecTemplateSpecContainer[] {
  return behind === undefined || protocol.behind === undefined
    ? [probed(withDevices(server.container, devices), server.probes, '', drainSeconds)]
    : [
        probed(withDevices(behind.container, devices), behind.probes, `/${protocol.behind.name}`, drainSeconds),
        probed(server.container, server.probes, '', drainSeconds),
      ];
}

/** A container that gets the GPUs of its replica. */
function withDevices(container: ServerContainer, devices: { readonly [resource: string]: string }): ServerContainer {
  const { resources } = container;
  return {
    ...container,
    resources: {
      requests: { ...resources?.requests, ...devices },
      limits: { ...resources?.limits, ...devices },
    },
  };
}

/** A server with its probes, which the gateway answers below a path, and which goes after the calls that it has. */
function probed(
  container: ServerContainer,
  { startup, ...probes }: Probes,
  path: string,
  drainSeconds: number,
): DeploymentV1SpecTemplateSpecContainer {
  return {
    ...container,
    startupProbe: {
      ...probe(`${path}/ready`, probes.timeoutSeconds),
      periodSeconds: STARTUP_PERIOD_SECONDS,
      failureThreshold: Math.ceil(startup.seconds / STARTUP_PERIOD_SECONDS),
    },
    livenessProbe: {
      ...probe(`${path}/live`, probes.timeoutSeconds),
      periodSeconds: probes.periodSeconds,
      failureThreshold: probes.failureThreshold,
    },
    readinessProbe: {
      ...probe(`${path}/ready`, probes.timeoutSeconds),
      periodSeconds: Math.min(probes.periodSeconds, 5),
      successThreshold: probes.successThreshold,
      failureThreshold: probes.failureThreshold,
    },
    lifecycle: { preStop: [{ exec: { command: ['sleep', String(drainSeconds)] } }] },
  };
}

/** How often the kubelet asks whether a server has started. */
const STARTUP_PERIOD_SECONDS = 10;
