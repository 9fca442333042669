import { imageProblems, type ServerNodes } from './image-rules';
import type { ModelLoading } from './model-loading';
import { TRITON_IMAGE, tritonImage } from './server';

/** A model, as far as it says what serves it. */
export interface FrameworkModel {
  /** Name as callers write it. */
  readonly modelName: string;

  /**
   * Release of Triton that it is for.
   *
   * @default - any
   */
  readonly frameworkVersion?: string;
}

/** The image that a service runs, and why it cannot. */
export interface ServerImage {
  readonly image: string;
  readonly problems: readonly string[];
}

/** A release and what follows it, as NVIDIA tags its images: `26.10-py3`. */
const RELEASE = /^\d\d\.(0[1-9]|1[0-2])-[a-z0-9]+(-[a-z0-9]+)*$/;

/** The image that is given, else the one that the models are for, else the newest. */
export function serverImage(
  given: string | undefined,
  models: readonly FrameworkModel[],
  nodes: ServerNodes,
  loading?: ModelLoading,
): ServerImage {
  if (given !== undefined) {
    return { image: given, problems: imageProblems(given, nodes, loading) };
  }
  const named = new Map<string, string>();
  for (const { modelName, frameworkVersion } of models) {
    if (frameworkVersion !== undefined && !named.has(frameworkVersion)) {
      named.set(frameworkVersion, modelName);
    }
  }
  const [first, ...others] = named;
  if (first === undefined) {
    return { image: TRITON_IMAGE, problems: imageProblems(TRITON_IMAGE, nodes, loading) };
  }
  const [version, modelName] = first;
  if (others.length > 0) {
    const got = [...named].map(([release, name]) => `'${release}' of '${name}'`).join(', ');
    return {
      image: TRITON_IMAGE,
      problems: [
        `the models of a service run in one server, and these name several releases as frameworkVersion: ${got}; let them ` +
          'agree, make a service for each, or give the service an image',
      ],
    };
  }
  const what = `frameworkVersion '${version}' of the model '${modelName}'`;
  if (!RELEASE.test(version)) {
    return {
      image: TRITON_IMAGE,
      problems: [
        `${what} is no release of Triton as its images are tagged, such as '26.10-py3'; give one, or give the service an image`,
      ],
    };
  }
  const image = tritonImage(version);
  const problems = imageProblems(image, nodes, loading);
  return { image, problems: problems.map((problem) => `${what} picks the server: ${asVersions(problem)}`) };
}

/** What is wrong with an image in the words of who named a version of it. */
function asVersions(problem: string): string {
  return problem.replaceAll(/\b(got|such as) 'nvcr\.io\/nvidia\/tritonserver:([^']+)'/g, "$1 '$2'");
}
