import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { PodDisruptionBudgetV1 } from '@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import type { Admission } from '../../src/gateway/admission';
import { gatewayConfig } from '../../src/gateway/gateway-config';
import { GATEWAY_PORTS } from '../../src/gateway/ports';
import { speaksGrpc } from '../../src/gateway/protocol';
import { haproxyMemoryLimitMiB } from '../../src/gateway/resources';
import { ENDPOINT_SECONDS } from '../../src/gateway/timeouts';
import { Exposure } from '../../src/kubernetes/exposure';
import {
  COMPONENT_LABEL,
  MODELS_ANNOTATION,
  NAME_LABEL,
  REVISION_LABEL,
  SERVICE_ANNOTATION,
} from '../../src/kubernetes/labels';
import { isRouted } from '../../src/monitoring/scaling';
import { AuthMode } from '../../src/scoring/service-auth';
import { terraformText, terraformTexts } from '../../src/terraform-text';
import type { ClusterConnection } from '../cluster-connection';
import { WorkloadIdentity } from '../workload-identity';
import { HAPROXY_FILES, Haproxy } from './haproxy';
import { measuredCluster } from './measured-cluster';
import type { ModelServer, ModelServerProps, ServedModel } from './model-server-props';
import { drainSecondsOf, reachOf, rolloutTimeoutOf } from './model-server-rules';
import { callersOf, networkPolicy, podsWith, scrapedBy } from './network-policy';
import { placeOn } from './placement';
import { prometheusOf } from './prometheus-access';
import { Router } from './router';
import { serverContainers } from './server-containers';
import { ServiceAddress } from './service-address';
import { serviceChart } from './service-chart';
import { ServiceKeys } from './service-keys';
import { ServiceMonitoring } from './service-monitoring';
import { serviceMonitors } from './service-monitors';
import { ServiceQueries } from './service-queries';
import { startSecondsOf } from './service-scaling';
import { topologySpread } from './topology-spread';

/** The component of services whose models Triton serves. */
export const TRITON_COMPONENT = 'triton';

/**
 * Takes back what `deployModelServer` declared, for other pods in its place: resources of the same ids are the same to
 * Terraform.
 */
export function withdrawModelServer(service: Construct, { parts }: ModelServer): void {
  for (const part of parts) {
    service.node.tryRemoveChild(part.node.id);
  }
}

/**
 * Deploys a model server behind its gateway: keys, address, pods, and routers where there are several.
 *
 * All of it becomes part of the service, whose primary resource is the Deployment.
 */
export function deployModelServer(service: Construct, props: ModelServerProps): ModelServer {
  const others = new Set(service.node.children);
  const { options, serviceName, namespace, component, protocol, limits, probes } = props;
  const { replicas, autoscale } = props.scaling;
  const { egressRanges } = options;
  const { auth, exposure, haproxyImage, drainTimeoutSeconds } = reachOf(options);
  const rolloutTimeoutMinutes = rolloutTimeoutOf({ ...props, replicas: replicas.max, startup: probes.startup });
  const drainSeconds = drainSecondsOf(props);
  const selector = { [NAME_LABEL]: serviceName };
  const labels = { ...selector, [COMPONENT_LABEL]: component };
  const routed = isRouted(replicas);
  const keys =
    auth.mode === AuthMode.NONE
      ? undefined
      : new ServiceKeys(service, 'keys', { auth, keyVault: props.keyVault, namespace, serviceName });
  const admission: Admission = { serviceName, protocol, limits, keyMap: keys && HAPROXY_FILES.keyMap };
  const callers = exposure === Exposure.CLUSTER ? callersOf(namespace) : undefined;
  const prometheus = prometheusOf(props.connection);
  const scrapers = prometheus?.scrapers;
  const refreshSeconds = autoscale?.refreshSeconds;

  const router = routed
    ? new Router(service, 'router', {
        ...admission,
        namespace,
        replicas: replicas.max,
        replicaLabels: selector,
        keys,
        pool: options.routerPool ?? (hasPlainPool(props.connection) ? undefined : options.pool),
        image: haproxyImage,
        drainTimeoutSeconds,
        rolloutTimeoutMinutes,
        callers,
        egressRanges,
        scrapers,
        refreshSeconds,
        wakeTimeoutMs: autoscale?.wakeTimeoutSeconds && autoscale.wakeTimeoutSeconds * 1000,
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
    metrics: { protocol, limits, refreshSeconds },
    config: gatewayConfig({
      ...admission,
      behindRouter: routed,
      keysTaskFile: keys && HAPROXY_FILES.keysTask,
      metricsTaskFile: HAPROXY_FILES.metricsTask,
      drainTimeoutSeconds: drainSeconds - ENDPOINT_SECONDS,
    }),
  });

  const { namespaceName } = namespace;
  const queries = new ServiceQueries(service, 'queries', { connection: props.connection, namespaceName, serviceName });
  const { metrics, dashboardUrl } = new ServiceMonitoring(service, 'monitoring', {
    connection: props.connection,
    namespace,
    serviceName,
    routed,
    limits,
    triton: component === TRITON_COMPONENT,
    ensembleSteps: props.ensembleSteps,
    grpc: speaksGrpc(protocol),
    gpus: props.gpus,
    startSeconds: startSecondsOf(options.pool, probes.startup),
    alerts: options.alerts,
    targetUtilizationPercent: autoscale?.queueTargetMs === undefined ? autoscale?.targetUtilizationPercent : undefined,
  });
  const described = queries.addedTo(props.describe({ address, keys }));
  const summary = dashboardUrl === undefined ? described : { ...described, dashboard: dashboardUrl };
  const annotations = {
    [MODELS_ANNOTATION]: JSON.stringify(props.models.map(modelAnnotation)),
    [SERVICE_ANNOTATION]: JSON.stringify(summary),
  };
  const { nodeSelector, toleration, devices } = placeOn(options.pool, props.gpus);
  const servers = serverContainers(props, devices, drainSeconds);
  const timeout = `${rolloutTimeoutMinutes}m`;
  const chart = (dependsOn: ITerraformDependable[]) =>
    prometheus &&
    serviceChart(service, 'chart', {
      serviceName,
      namespace,
      cluster: measuredCluster(props.connection.cluster),
      prometheus,
      monitors: serviceMonitors(serviceName, routed, props.metricsPages),
      replicaMaxConcurrentRequests: limits.replicaMaxConcurrentRequests,
      ensembleSteps: props.ensembleSteps,
      autoscale,
      dependsOn,
    });
  // what scaled a service that is scaled no more must be gone before its number is set, or it sets another
  const chartBefore = autoscale === undefined ? chart([]) : undefined;
  const deployment = new DeploymentV1(service, 'Resource', {
    metadata: { name: serviceName, namespace: namespace.name, labels, annotations },
    spec: {
      replicas: String(Math.max(1, replicas.min)),
      progressDeadlineSeconds: rolloutTimeoutMinutes * 60,
      minReadySeconds: routed ? DNS_CACHE_SECONDS : undefined,
      selector: { matchLabels: selector },
      strategy: { type: 'RollingUpdate', rollingUpdate: rollingUpdate(props) },
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
          topologySpreadConstraint: replicas.max > 1 ? topologySpread(selector, [REVISION_LABEL]) : undefined,
          terminationGracePeriodSeconds: drainSeconds + props.exitTimeoutSeconds + 5,
          ...props.pod,
          container: [...servers, gateway.container],
          volume: [...props.volumes, ...gateway.volumes],
        },
      },
    },
    waitForRollout: true,
    timeouts: { create: timeout, update: timeout },
    dependsOn: [
      ...props.dependsOn,
      ...(keys === undefined ? [] : [keys.resource]),
      ...(chartBefore === undefined ? [] : [chartBefore]),
    ],
    // the load says how many there are from now on
    lifecycle: autoscale && { ignoreChanges: ['spec[0].replicas'] },
  });
  new PodDisruptionBudgetV1(service, 'DisruptionBudget', {
    metadata: { name: serviceName, namespace: namespace.name, labels },
    spec: { maxUnavailable: '1', selector: { matchLabels: selector } },
  });
  networkPolicy(service, 'NetworkPolicy', {
    namespace,
    name: serviceName,
    labels: selector,
    ingress: [
      router === undefined
        ? { ports: [GATEWAY_PORTS.requests], from: callers }
        : { ports: [GATEWAY_PORTS.requests, GATEWAY_PORTS.health], from: podsWith(router.labels) },
      ...scrapedBy(scrapers, [GATEWAY_PORTS.metrics, ...(props.metricsPorts ?? [])]),
    ],
    egressRanges,
    dependsOn: router && [address.resource],
  });
  if (autoscale !== undefined) {
    chart([deployment]);
  }
  const parts = service.node.children.filter((child) => !others.has(child));
  return { address, keys, summary, metrics, props, deployment, parts };
}

/**
 * How replicas follow each other. Without a spare place a surge pod would wait for the one that the old pod holds; of an
 * autoscaled service that is so only while there are as many replicas as there may be, and the share of one among so many
 * rounds to none of fewer, up to a hundred of them.
 */
function rollingUpdate({ hasSpare, scaling }: Pick<ModelServerProps, 'hasSpare' | 'scaling'>) {
  if (hasSpare) {
    return { maxSurge: '1', maxUnavailable: '0' };
  }
  return scaling.autoscale === undefined
    ? { maxSurge: '0', maxUnavailable: '1' }
    : { maxSurge: '1', maxUnavailable: `${Math.ceil(100 / scaling.replicas.max)}%` };
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

/**
 * How long the DNS of AKS may go on answering what it answered last. A replica that is not known to the routers yet must
 * not be the reason to take another one away.
 *
 * @see https://learn.microsoft.com/azure/aks/coredns-custom
 */
const DNS_CACHE_SECONDS = 30;
