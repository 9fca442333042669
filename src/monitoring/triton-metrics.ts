import { LabeledMetric } from './labeled-metric';
import { RATIO_WINDOW, rate, rateBy } from './promql';
import { ScalarMetric } from './scalar-metric';

/** Microseconds in a second: Triton counts time in the former. */
const MICROSECONDS = '1e6';

/**
 * What Triton counts, for the whole service and for each of its models.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/metrics.html
 */
export class TritonMetrics {
  /** @internal */
  public constructor(private readonly selector: string) {}

  /** Mean time that a request waits in Triton before it is computed, in seconds; nothing while none is. */
  public get queueTimePerRequest(): ScalarMetric {
    return new ScalarMetric('Queue of Triton', 's', this.perSuccess('nv_inference_queue_duration_us'));
  }

  /** Inferences that are computed at once, mean; nothing while none is. */
  public get batchSize(): ScalarMetric {
    const { inferences, executions } = this;
    return new ScalarMetric('Batch size', 'short', `${rate(inferences)} / ${rate(executions)}`);
  }

  /** Share of the requests of five minutes that fail, from 0 to 1; nothing while there are none. */
  public get failureRatio(): ScalarMetric {
    const failed = rate(this.failures, RATIO_WINDOW);
    const expression = `${failed} / (${failed} + ${rate(this.successes, RATIO_WINDOW)})`;
    return new ScalarMetric('Share of failures', 'percentunit', expression);
  }

  /** Requests that succeed per second, by model. A request to an ensemble counts for each of its models, too. */
  public get requestsPerSecondByModel(): LabeledMetric {
    return new LabeledMetric('Requests per second by model', 'reqps', 'model', rateBy('model', this.successes));
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
    const { inferences, executions } = this;
    const expression = `${rateBy('model', inferences)} / ${rateBy('model', executions)}`;
    return new LabeledMetric('Mean batch size by model', 'short', 'model', expression);
  }

  /** Requests that fail per second, by model. */
  public get failuresPerSecondByModel(): LabeledMetric {
    return new LabeledMetric('Failures per second by model', 'reqps', 'model', rateBy('model', this.failures));
  }

  /** Share of the requests of five minutes that fail, from 0 to 1, by model; nothing while there are none. */
  public get failureRatioByModel(): LabeledMetric {
    const failed = rateBy('model', this.failures, RATIO_WINDOW);
    const expression = `${failed} / (${failed} + ${rateBy('model', this.successes, RATIO_WINDOW)})`;
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

  private get successes(): string {
    return `nv_inference_request_success{${this.selector}}`;
  }

  private get failures(): string {
    return `nv_inference_request_failure{${this.selector}}`;
  }

  private get inferences(): string {
    return `nv_inference_count{${this.selector}}`;
  }

  private get executions(): string {
    return `nv_inference_exec_count{${this.selector}}`;
  }

  private perSuccess(counter: string): string {
    return `${rate(`${counter}{${this.selector}}`)} / ${rate(this.successes)} / ${MICROSECONDS}`;
  }

  private timeByModel(title: string, counter: string): LabeledMetric {
    const time = rateBy('model', `${counter}{${this.selector}}`);
    const expression = `${time} / ${rateBy('model', this.successes)} / ${MICROSECONDS}`;
    return new LabeledMetric(title, 's', 'model', expression);
  }
}
