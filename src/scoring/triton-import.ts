import { isInferenceImage, TRITON_ENVIRONMENT } from './base-images';
import type { EnvironmentRecipe } from './environment-recipe';
import { decodePython, pythonLines } from './python-text';

/** The modules of Triton's clients, by the names of today and of older scripts. */
const IMPORT = /^(?:import|from)\s+(triton(?:client|httpclient|grpcclient))\b/;

/**
 * Why a script may not find the client of Triton that it imports. It is a doubt alone, since another package may bring it;
 * nothing is said of images and Dockerfiles that are not Azure ML's, which may have anything.
 *
 * @param name path of the script as the program names it, for messages
 * @param contents the file
 * @param recipe what is installed for it
 * @param files the files beside it, among which the module may be
 */
export function tritonImportWarnings(
  name: string,
  contents: Buffer,
  recipe: EnvironmentRecipe,
  files: readonly string[],
): string[] {
  const installed = [...recipe.pip, ...(recipe.conda?.packages ?? []), ...(recipe.conda?.pip ?? [])];
  const isKnown = isInferenceImage(recipe.baseImage) && recipe.dockerfileSteps.length === 0;
  const { text = '' } = decodePython(contents);
  if (!isKnown || installed.some((line) => /triton/i.test(line))) {
    return [];
  }
  const [first] = pythonLines(text).flatMap((statement) => {
    const [, module] = IMPORT.exec(statement.text) ?? [];
    return module === undefined || files.some((file) => file === `${module}.py` || file.startsWith(`${module}/`))
      ? []
      : [{ module, line: statement.line }];
  });
  return first === undefined
    ? []
    : [
        `${name}:${first.line}: imports ${first.module}, and the environment installs no client of Triton; take ` +
          `ScoringEnvironment.curated('${TRITON_ENVIRONMENT}'), which has it, or add 'tritonclient[http]' to the packages of pip`,
      ];
}
