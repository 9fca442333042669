/** How `ModelControl.poll` looks for changes. */
export interface PollOptions {
  /**
   * How often the repositories are looked through, 1 to 86400 seconds.
   *
   * @default 15
   */
  readonly intervalSeconds?: number;
}

/** What `ModelControl.explicit` loads. */
export interface ExplicitOptions {
  /** Names of the models that are loaded at the start, each one of the service's. */
  readonly load: readonly string[];
}

/**
 * Which models Triton loads, and when: its `--model-control-mode`.
 *
 * In no mode does a caller load or unload a model: the gateway answers those calls with 404, since loading a model is
 * running code. A changed model is another folder in the store, and rolls the deployment.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_management.html
 */
export class ModelControl {
  /** All models of the service are loaded at the start, and none later. */
  public static readonly NONE = new ModelControl('none');

  /**
   * Triton looks for changed files now and then. A service refuses it while its models lie in folders that are named after
   * their content and never change: there is nothing to find.
   */
  public static poll(options: PollOptions = {}): ModelControl {
    return new ModelControl('poll', [], options.intervalSeconds ?? 15);
  }

  /** Only the named models are loaded at the start, and none later; an ensemble brings the models that it is made of. */
  public static explicit(options: ExplicitOptions): ModelControl {
    return new ModelControl('explicit', [...options.load]);
  }

  private constructor(
    /** Triton's word for it. */
    public readonly mode: string,

    /** Names of the models that are loaded at the start, where they are named. */
    public readonly load: readonly string[] = [],

    /** Seconds between two looks at the repositories, where Triton looks. */
    public readonly intervalSeconds?: number,
  ) {}
}
