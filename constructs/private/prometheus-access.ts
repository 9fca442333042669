import { DataAzurermMonitorWorkspace } from '@cdktf/provider-azurerm/lib/data-azurerm-monitor-workspace';
import { DataAzurermUserAssignedIdentity } from '@cdktf/provider-azurerm/lib/data-azurerm-user-assigned-identity';
import type { NetworkPolicyV1SpecIngressFrom } from '@cdktf/provider-kubernetes/lib/network-policy-v1';
import { Monitoring } from '../../src/monitoring/monitoring';
import type { ClusterConnection } from '../cluster-connection';
import type { IMonitorWorkspace } from '../monitor-workspace';
import type { IUserAssignedIdentity } from '../user-assigned-identity';
import { sharedChild } from './shared-child';

/** The Prometheus of a cluster, as those need it who are scraped by it, or ask it. */
export interface PrometheusAccess {
  /** Group of the kinds PodMonitor and ServiceMonitor that it heeds. */
  readonly monitorsApiGroup: string;

  /** Address that queries are sent to, a reference where it is not the same everywhere. */
  readonly serverAddress: string;

  /** Client id of the identity as which KEDA asks, a reference; nothing where everybody in the cluster may. */
  readonly scalerClientId?: string;

  /** The pods that scrape. */
  readonly scrapers: NetworkPolicyV1SpecIngressFrom[];
}

/** Group of the kinds PodMonitor and ServiceMonitor that the Prometheus of a cluster heeds; none where there is none. */
export const MONITORS_API_GROUP = {
  [Monitoring.AZURE_MANAGED]: 'azmonitoring.coreos.com',
  [Monitoring.IN_CLUSTER]: 'monitoring.coreos.com',
  [Monitoring.NONE]: undefined,
} as const;

/** Namespace of KEDA's operator, as AKS's add-on and by its own chart. */
export const KEDA_NAMESPACES = { addon: 'kube-system', chart: 'keda' };

/** Service account of KEDA's operator. */
export const KEDA_SERVICE_ACCOUNT = 'keda-operator';

/** Namespace of Prometheus inside the cluster. */
export const PROMETHEUS_NAMESPACE = 'monitoring';

/** The Prometheus of the connected cluster; nothing with `Monitoring.NONE`. What is read in Azure is read once a stack. */
export function prometheusOf(connection: ClusterConnection): PrometheusAccess | undefined {
  const { monitoring, monitorWorkspace, scalerIdentity } = connection.cluster;
  switch (monitoring) {
    case Monitoring.NONE:
      return undefined;
    case Monitoring.IN_CLUSTER:
      return {
        monitorsApiGroup: MONITORS_API_GROUP[monitoring],
        serverAddress: `http://prometheus-operated.${PROMETHEUS_NAMESPACE}.svc.cluster.local:9090`,
        scrapers: podsOf(PROMETHEUS_NAMESPACE),
      };
    case Monitoring.AZURE_MANAGED: {
      if (monitorWorkspace === undefined || scalerIdentity === undefined) {
        return undefined; // the cluster is refused for it
      }
      const place = (resource: IMonitorWorkspace | IUserAssignedIdentity) => ({
        name: resource.nameFor(connection),
        resourceGroupName: resource.resourceGroup.nameFor(connection),
      });
      const workspace = sharedChild(connection, 'MonitorWorkspace', () => {
        return new DataAzurermMonitorWorkspace(connection, 'MonitorWorkspace', place(monitorWorkspace));
      });
      const scaler = sharedChild(connection, 'Scaler', () => {
        return new DataAzurermUserAssignedIdentity(connection, 'Scaler', place(scalerIdentity));
      });
      return {
        monitorsApiGroup: MONITORS_API_GROUP[monitoring],
        serverAddress: workspace.queryEndpoint,
        scalerClientId: scaler.clientId,
        scrapers: podsOf('kube-system'),
      };
    }
  }
}

function podsOf(namespace: string): NetworkPolicyV1SpecIngressFrom[] {
  return [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }];
}
