import { above, below } from './comparison';

/** A figure that Prometheus works out for each value of a label, such as for each model. */
export class LabeledMetric {
  /** @internal */
  public constructor(
    /** What it is, in words. */
    public readonly title: string,

    /** Unit of the figures, by Grafana's name for it, such as `s` or `percentunit`. */
    public readonly unit: string,

    /** The label that tells the figures apart. */
    public readonly label: string,

    /** Expression of PromQL. */
    public readonly expression: string,
  ) {}

  /**
   * Expression that holds for each figure that is above a number, for an alert for each.
   *
   * @param value in the unit of the figures
   * @throws ValidationError when it is no number that is known while synthesizing
   */
  public above(value: number): string {
    return above(this, value);
  }

  /**
   * Expression that holds for each figure that is below a number, for an alert for each.
   *
   * @param value in the unit of the figures
   * @throws ValidationError when it is no number that is known while synthesizing
   */
  public below(value: number): string {
    return below(this, value);
  }
}
