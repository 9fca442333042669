/** A figure that Prometheus works out, one at a time. */
export class ScalarMetric {
  /** @internal */
  public constructor(
    /** What it is, in words. */
    public readonly title: string,

    /** Unit of the figure, by Grafana's name for it, such as `s` or `percentunit`. */
    public readonly unit: string,

    /** Expression of PromQL. */
    public readonly expression: string,
  ) {}
}
