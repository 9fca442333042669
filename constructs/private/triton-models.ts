import type {
  DeploymentV1SpecTemplateSpecContainerEnv,
  DeploymentV1SpecTemplateSpecContainerVolumeMount,
  DeploymentV1SpecTemplateSpecVolume,
} from '@cdktf/provider-kubernetes/lib/deployment-v1';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import { ModelLoading } from '../../src/triton/model-loading';
import { repositoryFolder } from '../../src/triton/model-repository-folders';
import { blobRepository } from '../../src/triton/server';
import type { IInferenceCluster } from '../inference-cluster-options';
import type { Model } from '../model';
import type { WorkloadIdentity } from '../workload-identity';
import { DOWNLOADS_VOLUME, downloadModels, type ModelDownload, type UploadedModel } from './model-download';
import { rolesOf } from './role-assignment';
import { RolePropagation } from './role-propagation';

/** Where Triton finds models that are not read from the store. */
const MODELS = '/models';

/**
 * How AKS mounts a container of blobs, in words of blobfuse2.
 *
 * The driver mounts as root, hence the first; folders are known by the names of blobs alone, hence the third. Left to
 * itself the driver shows empty folders for ten seconds, and Triton would start without a model. Drivers before 1.27.6 know
 * their options apart by commas alone: where they do not find the last one, they put ten seconds behind it, which wins.
 *
 * @see https://github.com/kubernetes-sigs/blob-csi-driver/pull/2476
 * @see https://learn.microsoft.com/azure/storage/blobs/blobfuse2-commands-mount
 * @see https://github.com/Azure/azure-storage-fuse/blob/main/CHANGELOG.md
 */
const MOUNT_OPTIONS = [
  '--allow-other',
  '--read-only=true',
  '--virtual-directory=true',
  '--cancel-list-on-mount-seconds=0',
].join();

/** What the models of a Triton service need of its pod. */
interface TritonModels extends ModelDownload {
  /** The model repositories, as Triton names them. */
  readonly repositories: string[];

  /** Variables of the server that say how it reads them. */
  readonly env: DeploymentV1SpecTemplateSpecContainerEnv[];

  /** The models in the server, read-only. */
  readonly volumeMounts: DeploymentV1SpecTemplateSpecContainerVolumeMount[];
}

/** The models of a Triton service, once its identity may read them. */
export interface LoadedModels extends TritonModels {
  /** What must be there before the pods start. */
  readonly dependsOn: ITerraformDependable[];
}

/** Why the servers on a cluster cannot come by their models in that way. */
export function loadingProblem(
  loading: ModelLoading,
  { clusterName, blobDriver }: IInferenceCluster,
): string | undefined {
  return loading === ModelLoading.MOUNT && blobDriver === false
    ? `ModelLoading.MOUNT needs the blob driver of AKS, which the cluster '${clusterName}' does not have; give the cluster ` +
        'blobDriver: true, or take ModelLoading.DOWNLOAD'
    : undefined;
}

/** Uploads the models of a service, and lets the pods of its identity come by them. */
export function loadModels(
  service: Construct,
  models: readonly Model[],
  identity: WorkloadIdentity,
  loading: ModelLoading,
): LoadedModels {
  const uploads = models.map((model) => ({ model, upload: model.bind(service, identity) }));
  const roles = new RolePropagation(service, 'Roles', rolesOf(identity));
  const ways = { [ModelLoading.DIRECT]: read, [ModelLoading.DOWNLOAD]: download, [ModelLoading.MOUNT]: mount };
  return {
    ...ways[loading](uploads, identity),
    dependsOn: [...uploads.flatMap(({ upload }) => upload.blobs), roles, identity.trust],
  };
}

function read(uploads: readonly UploadedModel[]): TritonModels {
  return {
    repositories: uploads.map((uploaded) =>
      blobRepository({
        account: uploaded.model.store.storageAccountName,
        container: uploaded.model.store.containerName,
        folder: folderOf(uploaded),
      }),
    ),
    // the credential chain that knows the cluster's workload identity
    env: [{ name: 'AZURE_STORAGE_AUTH_TYPE', value: 'default' }],
    initContainers: [],
    volumes: [],
    volumeMounts: [],
  };
}

function download(uploads: readonly UploadedModel[]): TritonModels {
  return {
    ...downloadModels(uploads),
    repositories: uploads.map((uploaded) => `${MODELS}/${folderOf(uploaded)}`),
    env: [],
    volumeMounts: [{ name: DOWNLOADS_VOLUME, mountPath: MODELS, readOnly: true }],
  };
}

/**
 * A volume of the pod itself for each container of blobs: it comes and goes with the pod, so it has no name in the cluster
 * that another service could take. The driver signs in with the token of the pod's service account.
 *
 * @see https://github.com/kubernetes-sigs/blob-csi-driver/blob/master/docs/workload-identity-static-pv-mount.md
 */
function mount(uploads: readonly UploadedModel[], identity: WorkloadIdentity): TritonModels {
  const folders = uploads.map(({ model: { store } }) => `${MODELS}/${store.storageAccountName}/${store.containerName}`);
  const containers = [...new Set(folders)].map((mountPath, index) => {
    const { store } = (uploads[folders.indexOf(mountPath)] as UploadedModel).model;
    return { name: `models-${index + 1}`, mountPath, store };
  });
  return {
    repositories: uploads.map((uploaded, index) => `${folders[index]}/${folderOf(uploaded)}`),
    env: [],
    initContainers: [],
    volumes: containers.map(
      ({ name, store }): DeploymentV1SpecTemplateSpecVolume => ({
        name,
        csi: {
          driver: 'blob.csi.azure.com',
          readOnly: true,
          volumeAttributes: {
            protocol: 'fuse2',
            storageAccount: store.storageAccountName,
            containerName: store.containerName,
            clientID: identity.clientId,
            mountWithWorkloadIdentityToken: 'true',
            mountOptions: MOUNT_OPTIONS,
          },
        },
      }),
    ),
    volumeMounts: containers.map(({ name, mountPath }) => ({ name, mountPath, readOnly: true })),
  };
}

/** The folder of a container that Triton takes for a repository. */
function folderOf({ model, upload }: UploadedModel): string {
  return `${upload.folder}${repositoryFolder(model.modelName, model.content)}`;
}
