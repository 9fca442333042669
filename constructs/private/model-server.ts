import {
  DeploymentV1,
  type DeploymentV1SpecTemplateSpec,
  type DeploymentV1SpecTemplateSpecContainer,
  type DeploymentV1SpecTemplateSpecVolume,
} from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { PodDisruptionBudgetV1 } from '@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1';
import { Annotations, type ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import type { Admission } from '../../src/gateway/admission';
import { gatewayConfig } from '../../src/gateway/gateway-config';
import { HAPROXY_IMAGE } from '../../src/gateway/image';
import { GATEWAY_PORTS } from '../../src/gateway/ports';
import type { ServedProtocol } from '../../src/gateway/protocol';
import { haproxyMemoryLimitMiB } from '../../src/gateway/resources';
import { serviceProblems, serviceWarnings } from '../../src/gateway/service-rules';
import { ENDPOINT_SECONDS, replicaDrainSeconds } from '../../src/gateway/timeouts';
import { Exposure } from '../../src/kubernetes/exposure';
import {
  COMPONENT_LABEL,
  MODELS_ANNOTATION,
  NAME_LABEL,
  REVISION_LABEL,
  SERVICE_ANNOTATION,
} from '../../src/kubernetes/labels';
import { rolloutMinutes } from '../../src/kubernetes/rollout';
import type { RequestLimits } from '../../src/scoring/request-limits';
import { AuthMode, ServiceAuth } from '../../src/scoring/service-auth';
import { terraformText, terraformTexts } from '../../src/terraform-text';
import { refuseAtSynth } from '../../src/validation';
import type { ClusterConnection } from '../cluster-connection';
import type { IKeyVault } from '../key-vault';
import type { Model } from '../model';
import type { ModelServiceOptions } from '../model-service';
import type { ServingNamespace } from '../serving-namespace';
import { WorkloadIdentity } from '../workload-identity';
import { HAPROXY_FILES, Haproxy, probe } from './haproxy';
import { callersOf, networkPolicy, podsWith } from './network-policy';
import { placeOn } from './placement';
import { Router } from './router';
import { ServiceAddress } from './service-address';
import { ServiceKeys } from './service-keys';
import type { ServiceSummary } from './service-summary';
import { topologySpread } from './topology-spread';

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

/** A model that a server serves. */
export interface ServedModel {
  readonly model: Model;

  /** The versions that callers may ask for; none where it holds others. */
  readonly versions: readonly number[];

  /** What callers ask for in its place, where it is a folder of several. */
  readonly holds?: readonly { readonly name: string; readonly versions: readonly number[] }[];
}

/** What the services of this library differ in, once they are more than their options. */
export interface ModelServerProps {
  readonly options: ModelServiceOptions;
  readonly serviceName: string;
  readonly connection: ClusterConnection;
  readonly namespace: ServingNamespace;
  readonly keyVault?: IKeyVault;

  /** What the server is, such as `triton`. */
  readonly component: string;

  /** What the server speaks. */
  readonly protocol: ServedProtocol;

  /** Ports at which callers find it, by name. */
  readonly servicePorts: { readonly [name: string]: number };

  readonly limits: Required<RequestLimits>;
  readonly replicas: number;
  readonly gpus: number;

  /** Whether the pool holds one replica more than there are. */
  readonly hasSpare: boolean;

  readonly probes: Probes;

  /** The server's container, without probes and what it waits for before it ends. */
  readonly container: ServerContainer;

  /**
   * Probes and container of the server that this one calls inside the pod, as its protocol names it. It is the one that
   * gets the GPUs then.
   *
   * @default - none
   */
  readonly behind?: { readonly probes: Probes; readonly container: ServerContainer };

  /** What the pod is besides: user, containers that run before. */
  readonly pod: Omit<DeploymentV1SpecTemplateSpec, 'container' | 'volume'>;

  /** The volumes of the pod, besides the gateway's. */
  readonly volumes: readonly DeploymentV1SpecTemplateSpecVolume[];

  /** How long the server itself takes to end once it is told to. */
  readonly exitTimeoutSeconds: number;

  /** What the service says of itself, given where it answers. */
  readonly describe: (found: Pick<ModelServer, 'address' | 'keys'>) => ServiceSummary;

  /** The models that are served. */
  readonly models: readonly ServedModel[];

  /** What must be there before the pods start. */
  readonly dependsOn: ITerraformDependable[];
}

/** A model server, once it is part of a service. */
export interface ModelServer {
  /** Where it answers. */
  readonly address: ServiceAddress;

  /** What callers must show; nothing when they need nothing. */
  readonly keys?: ServiceKeys;

  /** What the service says of itself after a deployment. */
  readonly summary: ServiceSummary;
}

/** Refuses options that no model server can be deployed with, and warns of doubtful ones. */
export function judgeModelServer(
  service: Construct,
  props: Pick<ModelServerProps, 'options' | 'serviceName' | 'replicas'> & { readonly startup: () => Probes['startup'] },
): void {
  const { options, replicas, startup } = props;
  const { auth = ServiceAuth.keys(), exposure = Exposure.INTERNAL } = options;
  const judged = {
    ...options,
    ...props,
    auth,
    exposure,
    haproxyImage: options.haproxyImage ?? HAPROXY_IMAGE,
    drainTimeoutSeconds: options.drainTimeoutSeconds ?? DEFAULT_DRAIN_TIMEOUT_SECONDS,
  };
  refuseAtSynth(service, () =>
    serviceProblems({
      ...judged,
      rolloutTimeoutMinutes: rolloutTimeoutOf(options, replicas, startup()),
      startup: startup(),
    }),
  );
  for (const warning of serviceWarnings({ auth, exposure })) {
    Annotations.of(service).addWarning(warning);
  }
}

function rolloutTimeoutOf(
  { rolloutTimeoutMinutes, pool }: ModelServiceOptions,
  replicas: number,
  { seconds, secondsBefore = 0 }: Probes['startup'],
): number {
  return rolloutTimeoutMinutes ?? rolloutMinutes(pool.minNodes, replicas, seconds + secondsBefore);
}

/**
 * Takes back what `deployModelServer` declared, for other pods in its place: resources of the same ids are the same to
 * Terraform.
 */
export function withdrawModelServer(service: Construct): void {
  for (const id of ['keys', 'router', 'address', 'gateway', 'Resource', 'DisruptionBudget', 'NetworkPolicy']) {
    service.node.tryRemoveChild(id);
  }
}

/**
 * Deploys a model server behind its gateway: keys, address, pods, and routers where there are several.
 *
 * All of it becomes part of the service, whose primary resource is the Deployment.
 */
export function deployModelServer(service: Construct, props: ModelServerProps): ModelServer {
  const { options, serviceName, namespace, component, protocol, limits, replicas, probes } = props;
  const {
    auth = ServiceAuth.keys(),
    exposure = Exposure.INTERNAL,
    haproxyImage = HAPROXY_IMAGE,
    egressRanges,
  } = options;
  const { drainTimeoutSeconds = DEFAULT_DRAIN_TIMEOUT_SECONDS } = options;
  const rolloutTimeoutMinutes = rolloutTimeoutOf(options, replicas, probes.startup);
  const drainSeconds = replicaDrainSeconds(limits, drainTimeoutSeconds);
  const selector = { [NAME_LABEL]: serviceName };
  const labels = { ...selector, [COMPONENT_LABEL]: component };
  const routed = replicas > 1;
  const keys =
    auth.mode === AuthMode.NONE
      ? undefined
      : new ServiceKeys(service, 'keys', { auth, keyVault: props.keyVault, namespace, serviceName });
  const admission: Admission = { serviceName, protocol, limits, keyMap: keys && HAPROXY_FILES.keyMap };
  const callers = exposure === Exposure.CLUSTER ? callersOf(namespace) : undefined;

  const router = routed
    ? new Router(service, 'router', {
        ...admission,
        namespace,
        replicas,
        replicaLabels: selector,
        keys,
        pool: options.routerPool ?? (hasPlainPool(props.connection) ? undefined : options.pool),
        image: haproxyImage,
        drainTimeoutSeconds,
        rolloutTimeoutMinutes,
        callers,
        egressRanges,
      })
    : undefined;
  const address = new ServiceAddress(service, 'address', {
    serviceName,
    namespace,
    labels,
    selector: router?.labels ?? selector,
    ports: props.servicePorts,
    exposure,
    sourceRanges: options.sourceRanges,
    // a second replica brings routers: until they are ready, callers go on as they did
    dependsOn: router && [router.resource],
  });
  const gateway = new Haproxy(service, 'gateway', {
    role: 'gateway',
    namespace,
    serviceName,
    labels,
    keys,
    image: haproxyImage,
    memoryLimitMiB: haproxyMemoryLimitMiB(limits, 1),
    config: gatewayConfig({
      ...admission,
      behindRouter: routed,
      keysTaskFile: keys && HAPROXY_FILES.keysTask,
      drainTimeoutSeconds: drainSeconds - ENDPOINT_SECONDS,
    }),
  });

  const summary = props.describe({ address, keys });
  const annotations = {
    [MODELS_ANNOTATION]: JSON.stringify(props.models.map(modelAnnotation)),
    [SERVICE_ANNOTATION]: JSON.stringify(summary),
  };
  const { nodeSelector, toleration, devices } = placeOn(options.pool, props.gpus);
  const { behind } = props;
  const servers =
    behind === undefined || protocol.behind === undefined
      ? [probed(withDevices(props.container, devices), probes, '', drainSeconds)]
      : [
          probed(withDevices(behind.container, devices), behind.probes, `/${protocol.behind.name}`, drainSeconds),
          probed(props.container, probes, '', drainSeconds),
        ];
  const timeout = `${rolloutTimeoutMinutes}m`;
  new DeploymentV1(service, 'Resource', {
    metadata: { name: serviceName, namespace: namespace.name, labels, annotations },
    spec: {
      replicas: String(replicas),
      progressDeadlineSeconds: rolloutTimeoutMinutes * 60,
      minReadySeconds: routed ? DNS_CACHE_SECONDS : undefined,
      selector: { matchLabels: selector },
      strategy: {
        type: 'RollingUpdate',
        // without a spare place a surge pod would wait for the one that the old pod holds
        rollingUpdate: props.hasSpare ? { maxSurge: '1', maxUnavailable: '0' } : { maxSurge: '0', maxUnavailable: '1' },
      },
      template: {
        metadata: {
          labels: { ...labels, [WorkloadIdentity.POD_LABEL]: 'true' },
          annotations: { [WorkloadIdentity.SKIP_ANNOTATION]: gateway.container.name ?? '' },
        },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          nodeSelector,
          toleration,
          topologySpreadConstraint: replicas > 1 ? topologySpread(selector, [REVISION_LABEL]) : undefined,
          terminationGracePeriodSeconds: drainSeconds + props.exitTimeoutSeconds + 5,
          ...props.pod,
          container: [...servers, gateway.container],
          volume: [...props.volumes, ...gateway.volumes],
        },
      },
    },
    waitForRollout: true,
    timeouts: { create: timeout, update: timeout },
    dependsOn: [...props.dependsOn, ...(keys === undefined ? [] : [keys.resource])],
  });
  new PodDisruptionBudgetV1(service, 'DisruptionBudget', {
    metadata: { name: serviceName, namespace: namespace.name, labels },
    spec: { maxUnavailable: '1', selector: { matchLabels: selector } },
  });
  networkPolicy(service, 'NetworkPolicy', {
    namespace,
    name: serviceName,
    labels: selector,
    ingress:
      router === undefined
        ? [{ ports: [GATEWAY_PORTS.requests], from: callers }]
        : [{ ports: [GATEWAY_PORTS.requests, GATEWAY_PORTS.health], from: podsWith(router.labels) }],
    egressRanges,
    dependsOn: router && [address.resource],
  });
  return { address, keys, summary };
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

/** Whether the cluster has nodes that take pods which ask for nothing special. */
function hasPlainPool({ cluster }: ClusterConnection): boolean {
  return cluster.pools.some(({ taints, gpuResourceName }) => taints.length === 0 && gpuResourceName === undefined);
}

function modelAnnotation({ model, versions, holds }: ServedModel): object {
  const { description } = model;
  return {
    name: model.modelName,
    versions,
    holds,
    hash: model.content.hash,
    description: description && terraformText(description),
    tags: terraformTexts(model.tags),
  };
}

const DEFAULT_DRAIN_TIMEOUT_SECONDS = 600;

/** How often the kubelet asks whether a server has started. */
const STARTUP_PERIOD_SECONDS = 10;

/**
 * How long the DNS of AKS may go on answering what it answered last. A replica that is not known to the routers yet must
 * not be the reason to take another one away.
 *
 * @see https://learn.microsoft.com/azure/aks/coredns-custom
 */
const DNS_CACHE_SECONDS = 30;
