/** Options of every environment that starts from an image without the script's packages. */
export interface EnvironmentOptions {
  /**
   * Image that the build starts from, with registry and tag or digest; with conda on its `PATH` where conda installs, with
   * pip where pip does. The registry that builds must be able to pull it.
   *
   * @default - Azure ML's inference image with Python 3.12, with CUDA 12.4 for GPUs
   */
  readonly baseImage?: string;

  /**
   * Whether the image is made for NVIDIA GPUs.
   *
   * @default - as the pool of the first service that runs the image has them or not
   */
  readonly enableGpu?: boolean;

  /**
   * Variables of the image by name, for the script. Nothing secret: whoever may pull the image can read them.
   *
   * @default - none
   */
  readonly environmentVariables?: { readonly [name: string]: string };
}

/** Options of `ScoringEnvironment.conda`: a file, or lists, or lists that extend a file. One of them must be given. */
export interface CondaOptions extends EnvironmentOptions {
  /**
   * Environment file of conda, absolute or relative to the folder of `cdktf.json`. Its `name` and `prefix` mean nothing
   * here.
   *
   * @default - none: lists alone
   */
  readonly file?: string;

  /**
   * Release of Python, 3.9 to 3.12: what the scoring server runs on.
   *
   * @default - what `file` or `packages` name, else 3.12
   */
  readonly python?: string;

  /**
   * Where conda looks for packages, the first first, before the channels of `file`.
   *
   * @default - those of the file, else conda-forge
   */
  readonly channels?: readonly string[];

  /**
   * Packages in conda's words, such as `numpy=2.2`. One that the file names takes its place.
   *
   * @default - those of the file
   */
  readonly packages?: readonly string[];

  /**
   * Packages that pip installs after conda, such as `onnxruntime==1.23.2`. One that the file names takes its place. The
   * scoring server is added where none of them is it.
   *
   * @default - those of the file
   */
  readonly pip?: readonly string[];
}

/** Options of `ScoringEnvironment.pip`. */
export interface PipOptions extends EnvironmentOptions {
  /**
   * Requirements file of pip, absolute or relative to the folder of `cdktf.json`. Files that it names with `-r` are read
   * too; paths of this machine are refused, since the build does not have them, and so are constraints (`-c`).
   *
   * @default - none: `packages` alone
   */
  readonly file?: string;

  /**
   * Packages in pip's words, such as `numpy==2.2.0`. One that the file names takes its place. The scoring server is added
   * where none of them is it.
   *
   * @default - those of the file
   */
  readonly packages?: readonly string[];

  /**
   * Release line of Python, which picks the base image: 3.12, or 3.11 without GPUs. Refused with a `baseImage`, which
   * brings its own.
   *
   * @default - 3.12, or that of `baseImage`
   */
  readonly python?: string;
}

/** Options of `ScoringEnvironment.image`. */
export interface EnvironmentImageOptions {
  /**
   * Whether the image is made for NVIDIA GPUs.
   *
   * @default - nobody knows: the image runs on every pool
   */
  readonly enableGpu?: boolean;

  /**
   * Variables of the image by name, for the script. Nothing secret: whoever may pull the image can read them.
   *
   * @default - those that the image has
   */
  readonly environmentVariables?: { readonly [name: string]: string };
}

/** What `ScoringEnvironment.with` adds. */
export interface EnvironmentAdditions {
  /**
   * Packages that pip installs. One that the environment names takes its place, however it is spelled.
   *
   * @default - none
   */
  readonly pip?: readonly string[];

  /**
   * Packages that conda installs; refused where the environment is not one of conda.
   *
   * @default - none
   */
  readonly packages?: readonly string[];

  /**
   * Variables by name. One that the environment has takes its place.
   *
   * @default - none
   */
  readonly environmentVariables?: { readonly [name: string]: string };

  /**
   * Whether the image is made for NVIDIA GPUs; refused where a curated environment says the other thing.
   *
   * @default - as before
   */
  readonly enableGpu?: boolean;
}
