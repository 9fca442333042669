import type { Dashboard } from '../../src/monitoring/dashboard';
import { Monitoring } from '../../src/monitoring/monitoring';
import type { IInferenceCluster } from '../inference-cluster-options';
import { PROMETHEUS_NAMESPACE } from './prometheus-access';

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

/** Where the Grafana of a cluster shows a dashboard to whoever may reach its pods. */
export function grafanaInCluster({ uid }: Dashboard): string {
  const forward = `kubectl --namespace ${PROMETHEUS_NAMESPACE} port-forward service/${GRAFANA_SERVICE} 3000:80`;
  return `http://localhost:3000/d/${uid} while '${forward}' runs`;
}

/** Service of the Grafana that comes with Prometheus inside the cluster. */
const GRAFANA_SERVICE = 'prometheus-grafana';
