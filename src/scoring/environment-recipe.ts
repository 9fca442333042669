/** Packages of a conda environment, as `environment.yml` lists them. */
export interface CondaPackages {
  /** Where conda looks for packages, the first first. */
  readonly channels: readonly string[];

  /** Packages in conda's words, such as `python=3.12` and `numpy=2.*`. */
  readonly packages: readonly string[];

  /** What pip installs after conda, such as `onnxruntime==1.31.1`. */
  readonly pip: readonly string[];
}

/** What an image is made of before a script is put into it. */
export interface EnvironmentRecipe {
  /** Image that the build starts from; nothing where `baseDockerfile` says it. */
  readonly baseImage?: string;

  /** Text of a Dockerfile whose image the build starts from. */
  readonly baseDockerfile?: string;

  /** A conda environment to create, scoring server included; nothing where the Python of the base serves. */
  readonly conda?: CondaPackages;

  /** What pip installs into the Python of the base. */
  readonly pip: readonly string[];

  /** Variables of the image. */
  readonly environmentVariables: { readonly [name: string]: string };

  /** Lines of a Dockerfile that follow the packages. */
  readonly dockerfileSteps: readonly string[];

  /** What is wrong with the environment, each with file and line where it came from a file. */
  readonly problems: readonly string[];

  /** What is doubtful about it. */
  readonly warnings: readonly string[];
}
