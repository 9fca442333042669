/**
 * Which versions of a model are served, of those that its folder holds.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_configuration.html#version-policy
 */
export class TritonVersionPolicy {
  /**
   * The highest versions.
   *
   * @param count how many, from 1 up
   */
  public static latest(count = 1): TritonVersionPolicy {
    return new TritonVersionPolicy(count, undefined);
  }

  /** Every version that the model's folder holds. */
  public static all(): TritonVersionPolicy {
    return new TritonVersionPolicy(undefined, undefined);
  }

  /**
   * These versions and no others.
   *
   * @param versions at least one, each of which the model's folder must hold
   */
  public static specific(versions: readonly number[]): TritonVersionPolicy {
    return new TritonVersionPolicy(undefined, [...versions]);
  }

  private constructor(
    /** How many of the highest versions are served; nothing where they are not counted. */
    public readonly count: number | undefined,
    /** The versions that are named; nothing where none are. */
    public readonly versions: readonly number[] | undefined,
  ) {}

  /** Those of some versions that are served, lowest first. */
  public served(versions: readonly number[]): number[] {
    const sorted = [...versions].sort((a, b) => a - b);
    if (this.versions !== undefined) {
      return sorted.filter((version) => this.versions?.includes(version));
    }
    return this.count === undefined ? sorted : sorted.slice(Math.max(0, sorted.length - this.count));
  }
}
