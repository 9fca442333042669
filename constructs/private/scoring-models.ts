import type {
  DeploymentV1SpecTemplateSpecContainerEnv,
  DeploymentV1SpecTemplateSpecContainerVolumeMount,
} from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { APP_ROOT, modelDirectory, modelFolder } from '../../src/scoring/app-root';
import type { Model } from '../model';
import { DOWNLOADS_VOLUME, downloadModels, type ModelDownload, type UploadedModel } from './model-download';

/** What the models of a scoring service need of its pod. */
export interface ScoringModels extends ModelDownload {
  /** Variables of the scoring server that say where it finds its models. */
  readonly environment: DeploymentV1SpecTemplateSpecContainerEnv[];

  /** The models in the scoring server, read-only. */
  readonly volumeMounts: DeploymentV1SpecTemplateSpecContainerVolumeMount[];
}

/**
 * What is wrong with models that one scoring service or image is to have.
 *
 * @param owner what has them, such as `a scoring service`
 */
export function scoringModelProblems(owner: string, models: readonly Model[]): string[] {
  const folders = models.map(modelFolder);
  const twice = models.filter((model, index) => folders.indexOf(modelFolder(model)) !== index);
  return [...new Set(twice.map(modelFolder))].map((folder) => {
    const model = twice.find((candidate) => modelFolder(candidate) === folder);
    return (
      `${owner} has one model of a name and version; got '${model?.modelName}' of version ${model?.version} ` +
      'more than once; name it once, or give the models different versions'
    );
  });
}

/** Lays out models as Azure ML did, for a pod with a workload identity. */
export function scoringModels(uploads: readonly UploadedModel[], inImage: readonly Model[] = []): ScoringModels {
  const models = [...inImage, ...uploads.map(({ model }) => model)];
  const environment = [
    { name: 'AML_APP_ROOT', value: APP_ROOT },
    // an image may have models that nobody here knows of, and says itself where they are
    ...(models.length === 0 ? [] : [{ name: 'AZUREML_MODEL_DIR', value: modelDirectory(models) }]),
  ];
  return {
    environment,
    ...downloadModels(uploads),
    volumeMounts: uploads.map(({ model, upload }) => ({
      name: DOWNLOADS_VOLUME,
      mountPath: modelFolder(model),
      subPath: `${upload.folder}/${model.modelName}`,
      readOnly: true,
    })),
  };
}
