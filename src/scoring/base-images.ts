import { didYouMean } from '../spelling';

/** An image of Azure ML to put a script into: conda, Python and the scoring server. */
export interface InferenceImage {
  /** Name of the environment in Azure ML. */
  readonly name: string;

  /** Reference of the image, by a numbered tag or a digest and by no tag that moves. */
  readonly image: string;

  /** Release line of its Python. */
  readonly python: string;

  /** Whether it brings CUDA. */
  readonly gpu: boolean;
}

/** The Python of what the library chooses: the newest that the scoring server names, 3.9 to 3.12. */
export const DEFAULT_PYTHON = '3.12';

/**
 * Azure ML's images for scripts that answer calls, those of `DEFAULT_PYTHON` first.
 *
 * The tag of an image in `curated` is the version of Azure ML's environment of that name. No such tag is known of the
 * image of Python 3.12 without CUDA, which is published beside them, so its digest stands here.
 *
 * @see https://github.com/Azure/azureml-assets/tree/main/assets/inference/environments
 * @see https://learn.microsoft.com/azure/machine-learning/concept-prebuilt-docker-images-inference
 */
const INFERENCE_IMAGES: readonly InferenceImage[] = [
  {
    name: 'minimal-py312-inference',
    // the digest that Microsoft's physical-ai-toolchain scans for vulnerabilities (scripts/security)
    image:
      'mcr.microsoft.com/azureml/minimal-py312-inference@sha256:cfb7101d17e0d397f9369639b9873282c9ea386c709c434bb0100745f647c6c0',
    python: '3.12',
    gpu: false,
  },
  {
    name: 'minimal-py312-cuda12.4-inference',
    image: 'mcr.microsoft.com/azureml/curated/minimal-py312-cuda12.4-inference:6',
    python: '3.12',
    gpu: true,
  },
  {
    name: 'minimal-py311-inference',
    image: 'mcr.microsoft.com/azureml/curated/minimal-py311-inference:59',
    python: '3.11',
    gpu: false,
  },
];

/** The release lines of Python that base images with or without CUDA have. */
export function basePythons(gpu: boolean): string[] {
  return INFERENCE_IMAGES.filter((image) => image.gpu === gpu).map(({ python }) => python);
}

/**
 * Azure ML's environment for scripts that call Triton in their own pod: that of the scripts with clients of Triton. Client
 * 2.73 has the modules that older scripts import, `tritonhttpclient` among them.
 *
 * @see https://learn.microsoft.com/azure/machine-learning/how-to-deploy-with-triton
 */
export const TRITON_ENVIRONMENT = 'AzureML-Triton';

/** What that environment has besides Python and the scoring server. */
const TRITON_CLIENT_PACKAGES: readonly string[] = ['numpy==2.4.6', 'tritonclient[grpc,http]==2.73.0'];

/** The image for nodes with or without GPUs, and for a Python; nothing where there is none. */
export function baseImage(gpu: boolean, python = DEFAULT_PYTHON): InferenceImage | undefined {
  return INFERENCE_IMAGES.find((image) => image.gpu === gpu && image.python === python);
}

/** Whether an image is one of Azure ML's, of which it is known what is in it. */
export function isInferenceImage(image: string | undefined): boolean {
  return INFERENCE_IMAGES.some((one) => one.image === image);
}

/** One of Azure ML's environments by its name. */
export interface CuratedEnvironment {
  /** What it is made of. */
  readonly base: InferenceImage;

  /** What pip installs into it. */
  readonly pip: readonly string[];
}

/** The environment of that name; nothing where there is none. */
export function curatedEnvironment(name: string): CuratedEnvironment | undefined {
  const base = name === TRITON_ENVIRONMENT ? baseImage(false) : INFERENCE_IMAGES.find((image) => image.name === name);
  return base && { base, pip: name === TRITON_ENVIRONMENT ? TRITON_CLIENT_PACKAGES : [] };
}

/** What is wrong with the name of an environment that is not there. */
export function curatedProblem(name: string): string {
  const names = [...INFERENCE_IMAGES.map((image) => image.name), TRITON_ENVIRONMENT];
  if (/triton/i.test(name)) {
    return `'${name}' is none of Azure ML's environments; the one for scripts that call Triton is '${TRITON_ENVIRONMENT}'`;
  }
  const [, framework] = /\b(scikit-learn|sklearn|pytorch|tensorflow|onnxruntime|xgboost)\b/i.exec(name) ?? [];
  if (
    /^AzureML-/i.test(name) ||
    /^(minimal|sklearn|pytorch|tensorflow|onnxruntime|xgboost)-.*py3\d?\d?\b.*(cpu|gpu|cuda)/i.test(name)
  ) {
    const successor = /gpu|cuda/i.test(name) ? 'minimal-py312-cuda12.4-inference' : 'minimal-py312-inference';
    const more = framework === undefined ? '' : `, with .with({ pip: ['${FRAMEWORKS.get(framework.toLowerCase())}'] })`;
    return `'${name}' is an environment of Azure ML that is retired; take its successor, '${successor}'${more}`;
  }
  return `'${name}' is none of Azure ML's environments for scripts, which are ${names.join(', ')}${didYouMean(name, names)}`;
}

/** Packages of the frameworks that Azure ML's older environments were made for. */
const FRAMEWORKS: ReadonlyMap<string, string> = new Map([
  ['scikit-learn', 'scikit-learn'],
  ['sklearn', 'scikit-learn'],
  ['pytorch', 'torch'],
  ['tensorflow', 'tensorflow'],
  ['onnxruntime', 'onnxruntime'],
  ['xgboost', 'xgboost'],
]);
