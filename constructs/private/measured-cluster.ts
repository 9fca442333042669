import type { Dashboard } from '../../src/monitoring/dashboard';
import { Monitoring } from '../../src/monitoring/monitoring';
import type { IInferenceCluster } from '../inference-cluster';

/**
 * What managed Prometheus writes as label `cluster` into every series of a cluster: its name. The Prometheus inside a
 * cluster knows no other, and writes none.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/containers/prometheus-metrics-scrape-configuration
 */
export function measuredCluster({ monitoring, clusterName }: IInferenceCluster): string | undefined {
  return monitoring === Monitoring.AZURE_MANAGED ? clusterName : undefined;
}

/** What Grafana in Azure calls its data source of a workspace. */
export function managedDataSource({ monitorWorkspace }: IInferenceCluster): string | undefined {
  return monitorWorkspace && `Managed_Prometheus_${monitorWorkspace.monitorWorkspaceName}`;
}

/** Where the Grafana of a cluster shows a dashboard: below the address under which people reach it. */
export function grafanaInCluster({ uid }: Dashboard): string {
  return `/d/${uid}`;
}
