/** What Triton writes down of a call. */
export enum TraceLevel {
  /** When each step began and ended. */
  TIMESTAMPS = 'TIMESTAMPS',

  /** All inputs and outputs: what callers sent and got. */
  TENSORS = 'TENSORS',
}

/** Triton's own rate. */
const DEFAULT_RATE = 1000;

/** Which calls are traced. */
export interface TracingOptions {
  /**
   * Every how many calls one is traced, 1 to 2147483647.
   *
   * @default 1000
   */
  readonly rate?: number;
}

/** How `TritonTracing.openTelemetry` traces. */
export interface OpenTelemetryOptions extends TracingOptions {
  /**
   * Where traces are sent, such as `http://collector.monitoring:4318/v1/traces`: OTLP over HTTP. It must be among the
   * `egressRanges` of the service where it has some.
   */
  readonly url: string;

  /**
   * Number of calls that are traced from the start of a server on, 1 to 2147483647.
   *
   * @default - without end
   */
  readonly count?: number;

  /**
   * What traces say of the server, by OpenTelemetry's names, such as `{ 'service.name': 'digit-reader' }`.
   *
   * @default - Triton's own: the service.name is triton-inference-server
   */
  readonly resource?: { readonly [attribute: string]: string };
}

/** How `TritonTracing.file` traces. */
export interface TraceFileOptions extends TracingOptions {
  /**
   * What is written down.
   *
   * @default TraceLevel.TIMESTAMPS
   */
  readonly level?: TraceLevel;

  /**
   * Number of calls that are traced from the start of a server on, 1 to 2147483647. Triton has no end of its own; here
   * there is one, since the files fill the disk of the node.
   *
   * @default 1000
   */
  readonly count?: number;

  /**
   * Number of traces in one file, 1 to 2147483647. Triton's own default writes them when it ends, and what a pod writes
   * goes with the pod.
   *
   * @default 100
   */
  readonly tracesPerFile?: number;
}

/**
 * Whether Triton traces calls, and where to: its `--trace-config`. Callers cannot change it: the gateway answers trace
 * calls with 404.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/trace.html
 */
export class TritonTracing {
  /** Nothing is traced. */
  public static readonly OFF = new TritonTracing('off');

  /** Traces go to a collector of OpenTelemetry. Triton sends timestamps to it, and no tensors. */
  public static openTelemetry(options: OpenTelemetryOptions): TritonTracing {
    const { url, rate = DEFAULT_RATE, count, resource = {} } = options;
    return new TritonTracing('opentelemetry', rate, count, TraceLevel.TIMESTAMPS, undefined, url, { ...resource });
  }

  /** Traces are files `/tmp/trace.json.0` and so on in the container `triton` of each replica, and go with it. */
  public static file(options: TraceFileOptions = {}): TritonTracing {
    const { level = TraceLevel.TIMESTAMPS, rate = DEFAULT_RATE, count = 1000, tracesPerFile = 100 } = options;
    return new TritonTracing('triton', rate, count, level, tracesPerFile);
  }

  private constructor(
    /** Triton's word for where traces go. */
    public readonly mode: string,

    /** Every how many calls one is traced. */
    public readonly rate?: number,

    /** Number of calls that are traced; without end where there is none. */
    public readonly count?: number,

    /** What is written down. */
    public readonly level?: TraceLevel,

    /** Number of traces in one file, where they go to files. */
    public readonly tracesPerFile?: number,

    /** Where traces are sent, where they are. */
    public readonly url?: string,

    /** What traces say of the server. */
    public readonly resource: { readonly [attribute: string]: string } = {},
  ) {}
}
