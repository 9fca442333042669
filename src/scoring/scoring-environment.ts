/** Where a scoring script runs: an image with Python, the script's packages and Azure ML's scoring server. */
export class ScoringEnvironment {
  /**
   * An image that has all of it: Python, gunicorn, `azureml-inference-server-http` and what the script imports.
   *
   * @param reference with registry, such as `prod.azurecr.io/digits:3` or `prod.azurecr.io/digits@sha256:…`; the cluster
   *   pulls from the platform's registry without a password
   */
  public static image(reference: string): ScoringEnvironment {
    return new ScoringEnvironment(reference);
  }

  private constructor(
    /** Reference of the image. */
    public readonly imageReference: string,
  ) {}
}
