import { Release } from '@cdktf/provider-helm/lib/release';
import { Construct } from 'constructs';
import type { ClusterConnection } from './cluster-connection';
import { clientConfig } from './private/client-config';
import { OFF_SYSTEM_AFFINITY } from './private/off-system-nodes';
import { KEDA_NAMESPACES, prometheusOf } from './private/prometheus-access';

/** The chart of KEDA that services are tried with. */
const CHART = { repository: 'https://kedacore.github.io/charts', name: 'keda', version: '2.20.2' };

/** Properties of `Keda`. */
export interface KedaProps {
  /** Cluster that KEDA is for; one that has no KEDA yet. */
  readonly connection: ClusterConnection;

  /**
   * Version of the chart.
   *
   * @default 2.20.2
   */
  readonly chartVersion?: string;
}

/**
 * KEDA, which scales services by their metrics, for clusters without AKS's add-on: in a namespace of its own, in a version
 * of one's own choice. It reads managed Prometheus as the cluster's identity for it, without a key.
 *
 * @see https://keda.sh/docs/latest/scalers/prometheus/
 */
export class Keda extends Construct {
  constructor(scope: Construct, id: string, props: KedaProps) {
    super(scope, id);
    const clientId = prometheusOf(props.connection)?.scalerClientId;
    new Release(this, 'Resource', {
      name: 'keda',
      repository: CHART.repository,
      chart: CHART.name,
      version: props.chartVersion ?? CHART.version,
      namespace: KEDA_NAMESPACES.chart,
      createNamespace: true,
      atomic: true,
      values: [
        JSON.stringify({
          affinity: OFF_SYSTEM_AFFINITY,
          podIdentity: {
            azureWorkload:
              clientId === undefined
                ? { enabled: false }
                : { enabled: true, clientId, tenantId: clientConfig(this).tenantId },
          },
        }),
      ],
    });
  }
}
