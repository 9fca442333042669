/**
 * Folder that the scoring server takes for its own, `AML_APP_ROOT`; its own default, and Azure ML's.
 *
 * @see https://pypi.org/project/azureml-inference-server-http/
 */
export const APP_ROOT = '/var/azureml-app';

/** Folder of all models, where `Model.get_model_path` of azureml-core looks for them. */
export const MODELS_ROOT = `${APP_ROOT}/azureml-models`;

/** What the folder of a model is named after. */
export interface VersionedModel {
  /** Name of the model. */
  readonly modelName: string;

  /** Its version, a whole number from 1 up. */
  readonly version: number;
}

/** Folder that holds the files of a model, as their source names them. */
export function modelFolder({ modelName, version }: VersionedModel): string {
  return `${MODELS_ROOT}/${modelName}/${version}`;
}

/**
 * What scripts find in `AZUREML_MODEL_DIR`: the folder of the model, and where there is not exactly one, the folder of
 * all, as azureml-core 1.61 set it (`core/webservice/local.py`).
 */
export function modelDirectory(models: readonly VersionedModel[]): string {
  const [model] = models;
  return model !== undefined && models.length === 1 ? modelFolder(model) : MODELS_ROOT;
}

/** What is wrong with the path of a script in an image; nothing when it is right. */
export function entryScriptPathProblem(entryScript: string): string | undefined {
  return /^(?!\.\.?\/)[\w.-]+(\/(?!\.\.?\/)[\w.-]+)*\.py$/.test(entryScript)
    ? undefined
    : `entryScript is the path of a Python file below ${APP_ROOT}, of letters, digits, underscores, hyphens and periods, ` +
        `such as 'score.py' or 'src/score.py'; got '${entryScript}'`;
}
