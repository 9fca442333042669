/** So much of a resource that models ask for under `rate_limiter` of their `config.pbtxt`. */
export interface RateLimitResource {
  /** Name of the resource, as the models have it. */
  readonly name: string;

  /** How much of it there is, from 1 up. */
  readonly count: number;

  /**
   * The GPU that has it, counted from 0 among those of a replica. Of no matter for a resource that a model calls global.
   *
   * @default - each GPU has as much
   */
  readonly gpu?: number;
}

/**
 * Whether Triton lets models wait for each other: its `--rate-limit`.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/rate_limiter.html
 */
export class RateLimiter {
  /** A model runs as soon as one of its instances is free. */
  public static readonly OFF = new RateLimiter('off', []);

  /**
   * A model runs once what it asks for is free, those first that ran least often for their priority.
   *
   * @param resources how much there is; of what is not named, as much as the greediest model asks for
   */
  public static executionCount(resources: readonly RateLimitResource[] = []): RateLimiter {
    return new RateLimiter('execution_count', [...resources]);
  }

  private constructor(
    /** Triton's word for it. */
    public readonly mode: string,

    /** How much there is of what models ask for. */
    public readonly resources: readonly RateLimitResource[],
  ) {}
}
