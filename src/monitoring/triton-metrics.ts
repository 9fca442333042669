import { LabeledMetric } from './labeled-metric';
import { matchers, RATE_WINDOW, RATIO_WINDOW, rate, rateBy } from './promql';
import { ScalarMetric } from './scalar-metric';

/** Microseconds in a second: Triton counts time in the former. */
const MICROSECONDS = '1e6';

/** Requests per second above which there are any: less than one in a minute is, and more than rounding leaves of none. */
const FEWEST_REQUESTS = 0.001;

const INFERENCES = 'nv_inference_count';
const EXECUTIONS = 'nv_inference_exec_count';

/**
 * What Triton counts, for the whole service and for each of its models.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/metrics.html
 */
export class TritonMetrics {
  /** @internal */
  public constructor(
    private readonly selector: string,
    private readonly ensembleSteps: { readonly [ensemble: string]: number } = {},
  ) {}

  /**
   * Requests that callers make of Triton and that succeed, per second. Those that an ensemble makes of its models are not
   * among them.
   */
  public get requestsPerSecond(): ScalarMetric {
    // an ensemble's request takes away those of its steps; the series that are weighed hide themselves in the last part
    const weighed = Object.entries(this.ensembleSteps).map(
      ([ensemble, steps]) => `${1 - steps} * rate(${this.successesOf(`model="${ensemble}"`)}[${RATE_WINDOW}]) or `,
    );
    const all = `rate(${this.successesOf()}[${RATE_WINDOW}])`;
    return new ScalarMetric('Requests to Triton per second', 'reqps', `sum(${weighed.join('')}${all})`);
  }

  /**
   * Mean time that a caller's request waits in Triton before it is computed, in seconds, in the queues of all models that an
   * ensemble asks together; nothing while there are none.
   */
  public get queueTimePerRequest(): ScalarMetric {
    const queued = rate(`nv_inference_queue_duration_us{${this.selector}}`);
    const expression = `${queued} / (${this.requestsPerSecond.expression} > ${FEWEST_REQUESTS}) / ${MICROSECONDS}`;
    return new ScalarMetric('Queue of Triton', 's', expression);
  }

  /** Inferences that are computed at once, mean; nothing while none is. Ensembles compute nothing themselves. */
  public get batchSize(): ScalarMetric {
    const selector = matchers(this.selector, ...Object.keys(this.ensembleSteps).map((name) => `model!="${name}"`));
    const rateOf = (counter: string) => rate(`${counter}{${selector}}`);
    return new ScalarMetric('Batch size', 'short', `${rateOf(INFERENCES)} / ${rateOf(EXECUTIONS)}`);
  }

  /** Share of the requests of five minutes that fail, from 0 to 1; nothing while there are none. */
  public get failureRatio(): ScalarMetric {
    const failed = rate(this.failures, RATIO_WINDOW);
    const expression = `${failed} / (${failed} + ${rate(this.successesOf(), RATIO_WINDOW)})`;
    return new ScalarMetric('Share of failures', 'percentunit', expression);
  }

  /** Requests that succeed per second, by model. A request to an ensemble counts for each of its models, too. */
  public get requestsPerSecondByModel(): LabeledMetric {
    return new LabeledMetric('Requests per second by model', 'reqps', 'model', rateBy('model', this.successesOf()));
  }

  /** Mean time from the arrival of a request in Triton to its answer, in seconds, by model. */
  public get meanLatencyByModel(): LabeledMetric {
    return this.timeByModel('Mean latency by model', 'nv_inference_request_duration_us');
  }

  /** Mean time that a request waits in Triton before it is computed, in seconds, by model. */
  public get meanQueueTimeByModel(): LabeledMetric {
    return this.timeByModel('Mean time in the queue by model', 'nv_inference_queue_duration_us');
  }

  /** Mean time that the inference itself takes, without input and output, in seconds, by model. */
  public get meanComputeTimeByModel(): LabeledMetric {
    return this.timeByModel('Mean time of inference by model', 'nv_inference_compute_infer_duration_us');
  }

  /** Inferences that are computed at once, mean, by model. */
  public get batchSizeByModel(): LabeledMetric {
    const rateOf = (counter: string) => rateBy('model', `${counter}{${this.selector}}`);
    const expression = `${rateOf(INFERENCES)} / ${rateOf(EXECUTIONS)}`;
    return new LabeledMetric('Mean batch size by model', 'short', 'model', expression);
  }

  /** Requests that fail per second, by model. */
  public get failuresPerSecondByModel(): LabeledMetric {
    return new LabeledMetric('Failures per second by model', 'reqps', 'model', rateBy('model', this.failures));
  }

  /** Share of the requests of five minutes that fail, from 0 to 1, by model; nothing while there are none. */
  public get failureRatioByModel(): LabeledMetric {
    const failed = rateBy('model', this.failures, RATIO_WINDOW);
    const expression = `${failed} / (${failed} + ${rateBy('model', this.successesOf(), RATIO_WINDOW)})`;
    return new LabeledMetric('Share of failures by model', 'percentunit', 'model', expression);
  }

  /** Requests that Triton has accepted and not begun to compute, by model. */
  public get pendingByModel(): LabeledMetric {
    const expression = `sum by (model) (nv_inference_pending_request_count{${this.selector}})`;
    return new LabeledMetric('Pending requests by model', 'short', 'model', expression);
  }

  /** Share of the time in which a GPU computes, from 0 to 1, as Triton sees it: label `gpu_uuid`. */
  public get gpuUtilization(): LabeledMetric {
    const expression = `max by (gpu_uuid) (nv_gpu_utilization{${this.selector}})`;
    return new LabeledMetric('GPU utilization', 'percentunit', 'gpu_uuid', expression);
  }

  /** Memory of a GPU that is in use, whoever uses it, in bytes: label `gpu_uuid`. */
  public get gpuMemoryUsed(): LabeledMetric {
    const expression = `max by (gpu_uuid) (nv_gpu_memory_used_bytes{${this.selector}})`;
    return new LabeledMetric('GPU memory used', 'bytes', 'gpu_uuid', expression);
  }

  /** Memory of a GPU, in bytes: label `gpu_uuid`. */
  public get gpuMemoryTotal(): LabeledMetric {
    const expression = `max by (gpu_uuid) (nv_gpu_memory_total_bytes{${this.selector}})`;
    return new LabeledMetric('GPU memory', 'bytes', 'gpu_uuid', expression);
  }

  private get failures(): string {
    return `nv_inference_request_failure{${this.selector}}`;
  }

  private successesOf(models?: string): string {
    return `nv_inference_request_success{${matchers(this.selector, models)}}`;
  }

  private timeByModel(title: string, counter: string): LabeledMetric {
    const time = rateBy('model', `${counter}{${this.selector}}`);
    const expression = `${time} / ${rateBy('model', this.successesOf())} / ${MICROSECONDS}`;
    return new LabeledMetric(title, 's', 'model', expression);
  }
}
