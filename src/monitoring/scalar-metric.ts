import { above, below } from './comparison';

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

  /**
   * Expression that holds while the figure is above a number, for an alert.
   *
   * @param value in the unit of the figure
   * @throws ValidationError when it is no number that is known while synthesizing
   */
  public above(value: number): string {
    return above(this, value);
  }

  /**
   * Expression that holds while the figure is below a number, for an alert. It does not while there is no figure.
   *
   * @param value in the unit of the figure
   * @throws ValidationError when it is no number that is known while synthesizing
   */
  public below(value: number): string {
    return below(this, value);
  }
}
