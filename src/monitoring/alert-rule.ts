/** How bad it is. */
export enum AlertSeverity {
  /** Callers get no answers, or wrong ones. */
  CRITICAL = 'critical',

  /** Somebody should look into it. */
  WARNING = 'warning',
}

/** A rule by which Prometheus tells somebody. */
export interface AlertRule {
  /** Name of the alert, in Pascal case. */
  readonly alert: string;

  /** Expression of PromQL that holds while there is something to tell. */
  readonly expression: string;

  /** How long it must hold, in minutes. */
  readonly forMinutes: number;

  readonly severity: AlertSeverity;

  /** What happened, in one line; Prometheus fills in `{{ $labels.NAME }}` and `{{ $value }}`. */
  readonly summary: string;

  /** What that means to callers, and when the alert fires. */
  readonly description: string;

  /** What to do. */
  readonly runbook: string;

  /** Labels of the alert besides its severity. */
  readonly labels?: { readonly [name: string]: string };
}

/** Rules that are judged together. */
export interface AlertRuleGroup {
  readonly name: string;
  readonly rules: readonly AlertRule[];
}

/**
 * The most rules of one group of Azure Monitor.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits#prometheus-metrics
 */
export const MOST_RULES = 20;

/** Groups of as many rules as Azure Monitor takes, the first of the given name. */
export function ruleGroups(name: string, rules: readonly AlertRule[]): AlertRuleGroup[] {
  const count = Math.ceil(rules.length / MOST_RULES);
  return Array.from({ length: count }, (_, index) => ({
    name: index === 0 ? name : `${name}-${index + 1}`,
    rules: rules.slice(index * MOST_RULES, (index + 1) * MOST_RULES),
  }));
}

/** A group as Prometheus itself reads it. */
export function prometheusGroup({ name, rules }: AlertRuleGroup): object {
  return {
    name,
    interval: '1m',
    rules: rules.map((rule) => ({
      alert: rule.alert,
      expr: rule.expression,
      for: `${rule.forMinutes}m`,
      labels: { ...rule.labels, severity: rule.severity },
      annotations: annotationsOf(rule),
    })),
  };
}

/** What an alert says. */
export function annotationsOf({ summary, description, runbook }: AlertRule): { [name: string]: string } {
  return { summary, description, runbook };
}
