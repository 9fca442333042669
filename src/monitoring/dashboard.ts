import { shortHash } from '../digest';
import { LabeledMetric } from './labeled-metric';
import { RATE_WINDOW } from './promql';
import type { ScalarMetric } from './scalar-metric';
import { SCRAPE_SECONDS } from './scrape-interval';

/** Version of Grafana's format of dashboards: that of Grafana 11.0. Newer ones convert it as they read it. */
const SCHEMA_VERSION = 39;

/** Columns of Grafana's grid. */
const COLUMNS = 24;

/** The variable that says which Prometheus is asked. */
const DATA_SOURCE = { type: 'prometheus', uid: '$datasource' } as const;

/** A figure of a panel, with the text that names its series. */
export interface PanelMetric {
  readonly metric: ScalarMetric | LabeledMetric;

  /**
   * Text of the legend.
   *
   * @default - the values of the label, or the figure's title
   */
  readonly legend?: string;
}

/** A graph over time. */
export interface PanelProps {
  readonly title: string;

  /** What it shows, for those who hover over its title. */
  readonly description: string;

  /** Unit by Grafana's name for it. */
  readonly unit: string;

  readonly metrics: readonly PanelMetric[];

  /** Columns of the 24 that it takes. */
  readonly width: number;

  /** A number from which it hurts, drawn as a line. */
  readonly threshold?: number;

  /** Whether series are put upon each other, since they add up. */
  readonly stacked?: boolean;
}

/** A headline with the panels below it. */
export interface DashboardRow {
  readonly title: string;
  readonly panels: readonly PanelProps[];
}

/** What dashboards differ in. */
export interface DashboardProps {
  /** What it is the dashboard of: always the same uid for the same parts. */
  readonly identity: readonly string[];

  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly rows: readonly DashboardRow[];

  /** Name of the data source that is asked, where there is one of that name; else the first of Prometheus. */
  readonly dataSourceName?: string;
}

/** A dashboard in Grafana's own format, as far as ours use it. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: string[];
  readonly schemaVersion: number;
  readonly editable: boolean;
  readonly graphTooltip: number;
  readonly refresh: string;
  readonly time: { readonly from: string; readonly to: string };
  readonly timezone: 'browser';
  readonly templating: { readonly list: DataSourceVariable[] };
  readonly annotations: { readonly list: never[] };
  readonly links: never[];
  readonly panels: (DashboardPanel | DashboardHeadline)[];
}

/** The choice of a data source at the top of a dashboard. */
export interface DataSourceVariable {
  readonly name: string;
  readonly label: string;
  readonly type: 'datasource';
  readonly query: string;
  readonly hide: number;
  readonly includeAll: boolean;
  readonly multi: boolean;
  readonly refresh: number;
  readonly regex: string;
  readonly options: never[];
  readonly current?: { readonly text: string; readonly value: string };
}

/** Where something is in the grid. */
export interface GridPosition {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** A headline, as Grafana has it. */
export interface DashboardHeadline {
  readonly id: number;
  readonly type: 'row';
  readonly title: string;
  readonly collapsed: boolean;
  readonly gridPos: GridPosition;
  readonly panels: never[];
}

/** A graph, as Grafana has it. */
export interface DashboardPanel {
  readonly id: number;
  readonly type: 'timeseries';
  readonly title: string;
  readonly description: string;
  readonly gridPos: GridPosition;
  readonly datasource: typeof DATA_SOURCE;
  readonly fieldConfig: {
    readonly defaults: {
      readonly unit: string;
      readonly min: number;
      readonly color: { readonly mode: 'palette-classic' };
      readonly thresholds: {
        readonly mode: 'absolute';
        readonly steps: { readonly color: string; readonly value: number | null }[];
      };
      readonly custom: object;
    };
    readonly overrides: never[];
  };
  readonly options: object;
  readonly targets: DashboardTarget[];
}

/** A query, as Grafana has it. */
export interface DashboardTarget {
  readonly refId: string;
  readonly datasource: typeof DATA_SOURCE;
  readonly expr: string;
  readonly legendFormat: string;
  readonly range: boolean;
  readonly instant: boolean;
  readonly editorMode: 'code';
  readonly interval: string;
}

/** The dashboard in Grafana's format. Its uid depends on what it is of and on nothing else. */
export function dashboard(props: DashboardProps): Dashboard {
  return {
    uid: dashboardUid(props.identity),
    title: props.title,
    description: props.description,
    tags: [...props.tags],
    schemaVersion: SCHEMA_VERSION,
    editable: true,
    // one cursor for all panels
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    timezone: 'browser',
    templating: { list: [dataSourceVariable(props.dataSourceName)] },
    annotations: { list: [] },
    links: [],
    panels: placed(props.rows),
  };
}

/** The uid of the dashboard of something; letters, digits and hyphens, at most 40 as Grafana has it. */
export function dashboardUid(identity: readonly string[]): string {
  return `inference-${shortHash(identity, 16)}`;
}

function dataSourceVariable(name: string | undefined): DataSourceVariable {
  return {
    name: 'datasource',
    label: 'Data source',
    type: 'datasource',
    query: 'prometheus',
    hide: 0,
    includeAll: false,
    multi: false,
    refresh: 1,
    regex: '',
    options: [],
    ...(name === undefined ? {} : { current: { text: name, value: name } }),
  };
}

/** Panels from left to right and from top to bottom, each row below its headline. */
function placed(rows: readonly DashboardRow[]): Dashboard['panels'] {
  const panels: Dashboard['panels'] = [];
  let y = 0;
  for (const row of rows) {
    const headline = { x: 0, y, w: COLUMNS, h: 1 };
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: headline,
      panels: [],
    });
    y += 1;
    let x = 0;
    for (const each of row.panels) {
      if (x + each.width > COLUMNS) {
        x = 0;
        y += PANEL_HEIGHT;
      }
      panels.push(panel(panels.length + 1, each, { x, y, w: each.width, h: PANEL_HEIGHT }));
      x += each.width;
    }
    y += PANEL_HEIGHT;
  }
  return panels;
}

const PANEL_HEIGHT = 8;

function panel(id: number, props: PanelProps, gridPos: GridPosition): DashboardPanel {
  const { threshold, stacked = false } = props;
  return {
    id,
    type: 'timeseries',
    title: props.title,
    description: props.description,
    gridPos,
    datasource: DATA_SOURCE,
    fieldConfig: {
      defaults: {
        unit: props.unit,
        min: 0,
        color: { mode: 'palette-classic' },
        thresholds: {
          mode: 'absolute',
          steps: [
            { color: 'green', value: null },
            ...(threshold === undefined ? [] : [{ color: 'red', value: threshold }]),
          ],
        },
        custom: {
          drawStyle: 'line',
          lineWidth: 1,
          fillOpacity: stacked ? 30 : 10,
          showPoints: 'never',
          spanNulls: false,
          stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
          thresholdsStyle: { mode: threshold === undefined ? 'off' : 'dashed' },
        },
      },
      overrides: [],
    },
    options: {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
    targets: props.metrics.map(({ metric, legend }, index) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + index),
      datasource: DATA_SOURCE,
      expr: wideningWithView(metric.expression),
      legendFormat: legend ?? (metric instanceof LabeledMetric ? `{{${metric.label}}}` : metric.title),
      range: true,
      instant: false,
      editorMode: 'code',
      interval: `${SCRAPE_SECONDS}s`,
    })),
  };
}

/** A view of a week has points that are further apart than a minute, and would not show what is between them. */
function wideningWithView(expression: string): string {
  return expression.replaceAll(`[${RATE_WINDOW}]`, '[$__rate_interval]');
}
