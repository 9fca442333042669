import { LogAnalyticsSavedSearch } from '@cdktf/provider-azurerm/lib/log-analytics-saved-search';
import { Construct } from 'constructs';
import { AzureName } from '../../src/azure/azure-name';
import { logQueries } from '../../src/monitoring/log-queries';
import type { ClusterConnection } from '../cluster-connection';
import { joinedName } from './generated-name';
import type { ServiceSummary } from './service-summary';

/** What queries are saved for. */
export interface ServiceQueriesProps {
  readonly connection: ClusterConnection;

  /** Namespace of the service, as a literal. */
  readonly namespaceName: string;

  readonly serviceName: string;
}

/**
 * Questions about the log of a service, saved in the Log Analytics workspace where the logs of its cluster arrive; none
 * where nobody collects them.
 */
export class ServiceQueries extends Construct {
  /** Command lines that ask them of the last day, by what they show. */
  private readonly commands: { [id: string]: string } = {};

  constructor(scope: Construct, id: string, { connection, namespaceName, serviceName }: ServiceQueriesProps) {
    super(scope, id);
    const { cluster } = connection;
    const { logAnalytics } = cluster;
    if (logAnalytics === undefined) {
      return;
    }
    const { subscriptionId, resourceGroupName } = logAnalytics.resourceGroup;
    const workspace =
      `--subscription ${subscriptionId} --resource-group ${resourceGroupName} ` +
      `--workspace-name ${logAnalytics.logAnalyticsWorkspaceName}`;
    const customer = `az monitor log-analytics workspace show ${workspace} --query customerId --output tsv`;
    const saved = `az monitor log-analytics workspace saved-search show ${workspace} --query query --output tsv`;
    const clusterId = cluster.idFor(this);
    for (const query of logQueries({ clusterId, namespace: namespaceName, serviceName })) {
      const parts = [cluster.clusterName, namespaceName, serviceName, query.id.replaceAll('_', '-')];
      const name = joinedName(AzureName.SAVED_SEARCH, parts);
      new LogAnalyticsSavedSearch(this, query.id, {
        name,
        logAnalyticsWorkspaceId: logAnalytics.idFor(this),
        category: 'Inference services',
        displayName: `${serviceName} in ${namespaceName} of ${cluster.clusterName}: ${query.title}`,
        query: query.text,
      });
      this.commands[query.id] =
        `az monitor log-analytics query --workspace "$(${customer})" --analytics-query "$(${saved} --name ${name})" ` +
        '--timespan P1D';
    }
  }

  /** What a service says of itself, with the command lines. */
  public addedTo(summary: ServiceSummary): ServiceSummary {
    const { commands } = summary;
    return Object.keys(this.commands).length === 0
      ? summary
      : { ...summary, commands: { ...(commands as object), log_analytics: this.commands } };
  }
}
