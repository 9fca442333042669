import { MonitorAlertPrometheusRuleGroup } from '@cdktf/provider-azurerm/lib/monitor-alert-prometheus-rule-group';
import type { Construct } from 'constructs';
import { AzureName } from '../../src/azure/azure-name';
import { type AlertRule, type AlertRuleGroup, AlertSeverity, annotationsOf } from '../../src/monitoring/alert-rule';
import { terraformText, terraformTexts } from '../../src/terraform-text';
import type { IInferenceCluster } from '../inference-cluster-options';
import type { IMonitorWorkspace } from '../monitor-workspace';
import { joinedName } from './generated-name';

/** What groups of alerts in Azure Monitor differ in. */
export interface AzureAlertsProps {
  readonly cluster: IInferenceCluster;
  readonly monitorWorkspace: IMonitorWorkspace;
  readonly groups: readonly AlertRuleGroup[];
  readonly description: string;

  /** Ids of the action groups that are told. */
  readonly actionGroupIds: readonly string[];
}

/** Azure's numbers go from 0, critical, to 4, verbose. */
const SEVERITIES = { [AlertSeverity.CRITICAL]: 0, [AlertSeverity.WARNING]: 2 } as const;

/**
 * Alerts that Azure Monitor judges every minute by the metrics of one cluster. They stand beside the workspace that holds
 * these, as Azure wants it.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/metrics/prometheus-rule-groups
 */
export function azureAlerts(scope: Construct, props: AzureAlertsProps): void {
  const { cluster, monitorWorkspace, groups } = props;
  groups.forEach((group, index) => {
    const id = index === 0 ? 'alerts' : `alerts-${index + 1}`;
    new MonitorAlertPrometheusRuleGroup(scope, id, {
      name: joinedName(AzureName.PROMETHEUS_RULE_GROUP, [cluster.clusterName, group.name]),
      resourceGroupName: monitorWorkspace.resourceGroup.nameFor(scope),
      location: monitorWorkspace.location,
      description: props.description,
      clusterName: cluster.clusterName,
      scopes: [monitorWorkspace.idFor(scope), cluster.idFor(scope)],
      interval: 'PT1M',
      ruleGroupEnabled: true,
      rule: group.rules.map((rule) => azureRule(rule, props.actionGroupIds)),
    });
  });
}

function azureRule(rule: AlertRule, actionGroupIds: readonly string[]) {
  return {
    alert: rule.alert,
    enabled: true,
    expression: terraformText(rule.expression),
    for: `PT${rule.forMinutes}M`,
    severity: SEVERITIES[rule.severity],
    labels: rule.labels && { ...rule.labels },
    annotations: terraformTexts(annotationsOf(rule)),
    // told that it is over as well
    alertResolution: { autoResolved: true, timeToResolve: 'PT5M' },
    action: actionGroupIds.map((actionGroupId) => ({ actionGroupId })),
  };
}
