import type {
  DeploymentV1SpecTemplateSpecInitContainer,
  DeploymentV1SpecTemplateSpecVolume,
} from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { AZURE_CLI_IMAGE } from '../../src/azure/azure-cli-image';
import type { Model } from '../model';
import { LOCKED_CONTAINER } from './locked-pod';
import type { ModelUpload } from './model-upload';

/** Name of the volume that holds the models. */
export const DOWNLOADS_VOLUME = 'models';

/** Where the init container writes the models. */
const DOWNLOADS = '/models';

/** A user without rights: the image has none of its own. */
const DOWNLOAD_USER = '1000';

/** What a file takes of a disk at least. */
const DISK_BLOCK_BYTES = 4096;

/** Room for the folders of the models. */
const SPARE_BYTES = 16 * 2 ** 20;

/**
 * Signs in and downloads; each model is four arguments: account, container, pattern of its blobs and their number.
 *
 * A repetition after a failure overwrites what is there. A pattern that matches nothing is no error to the CLI, hence
 * the count. The text has no `${`, which Terraform would read, and what stands in `$()` is the name of no variable,
 * which Kubernetes would replace.
 */
const DOWNLOAD_SCRIPT = `set -e
fail() { echo "$1" >&2; exit 1; }
[ -n "$AZURE_CLIENT_ID" ] && [ -n "$AZURE_TENANT_ID" ] && [ -r "$AZURE_FEDERATED_TOKEN_FILE" ] ||
  fail 'the pod has no workload identity: its label or the webhook of AKS is missing'
set -u
token=$(cat "$AZURE_FEDERATED_TOKEN_FILE")
az login --service-principal --username "$AZURE_CLIENT_ID" --tenant "$AZURE_TENANT_ID" --federated-token "$token" \
  --allow-no-subscriptions --output none || fail "the identity $AZURE_CLIENT_ID cannot sign in"
while [ $# -gt 0 ]; do
  files=$(az storage blob download-batch --auth-mode login --account-name "$1" --source "$2" --pattern="$3" \
    --destination ${DOWNLOADS} --overwrite true --max-connections 8 --no-progress --query 'length(@)' --output tsv) ||
    fail "the blobs '$3' of the container '$2' of the storage account '$1' cannot be downloaded"
  [ "$files" = "$4" ] || fail "the storage account '$1' has $files blobs '$3' in its container '$2', and the model has $4"
  shift 4
done
echo 'all models are there'
`;

/** A model and its blobs. */
export interface UploadedModel {
  readonly model: Model;
  readonly upload: ModelUpload;
}

/** What downloading models needs of a pod. */
export interface ModelDownload {
  /** Downloads the models before the server starts; none without a model. */
  readonly initContainers: DeploymentV1SpecTemplateSpecInitContainer[];

  /** The volume `DOWNLOADS_VOLUME`, which holds the blobs by their names, and one for who signed in. */
  readonly volumes: DeploymentV1SpecTemplateSpecVolume[];
}

/**
 * Downloads models to the disk of the node, for a pod with a workload identity.
 *
 * The volume has room for the files as they are while synthesizing and no more, so that a pod which fills it is evicted
 * and its neighbours are not. The disk is no request: a request keeps a pod from nodes that do not say how large their
 * disk is, and from an autoscaler that starts from zero and does not know.
 *
 * @see https://github.com/kubernetes/autoscaler/issues/1869
 */
export function downloadModels(uploads: readonly UploadedModel[]): ModelDownload {
  if (uploads.length === 0) {
    return { initContainers: [], volumes: [] };
  }
  return {
    initContainers: [downloader(uploads)],
    volumes: [
      { name: DOWNLOADS_VOLUME, emptyDir: { sizeLimit: `${diskMiB(uploads)}Mi` } },
      // in memory, since the CLI keeps its token there
      { name: 'models-login', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
    ],
  };
}

function downloader(uploads: readonly UploadedModel[]): DeploymentV1SpecTemplateSpecInitContainer {
  return {
    name: 'models',
    image: AZURE_CLI_IMAGE,
    command: ['/bin/sh', '-c', DOWNLOAD_SCRIPT, 'models'],
    args: uploads.flatMap(({ model, upload }) => [
      model.store.storageAccountName,
      model.store.containerName,
      // `*` goes below folders, too; no name of a stack or a model has a character of a pattern
      `${upload.folder}/*`,
      String(upload.blobs.length),
    ]),
    env: [
      { name: 'HOME', value: '/tmp' },
      { name: 'AZURE_CORE_COLLECT_TELEMETRY', value: 'false' },
      { name: 'AZURE_CORE_ONLY_SHOW_ERRORS', value: 'true' },
    ],
    // no more than the servers' own defaults: a pod is promised the larger of both
    resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '512Mi' } },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: {
      ...LOCKED_CONTAINER,
      runAsUser: DOWNLOAD_USER,
      runAsGroup: DOWNLOAD_USER,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumeMount: [
      { name: DOWNLOADS_VOLUME, mountPath: DOWNLOADS },
      { name: 'models-login', mountPath: '/tmp' },
    ],
  };
}

function diskMiB(uploads: readonly UploadedModel[]): number {
  const files = uploads.flatMap(({ model }) => model.content.files);
  const bytes = files.reduce(
    (sum, { sizeBytes }) => sum + Math.ceil(sizeBytes / DISK_BLOCK_BYTES) * DISK_BLOCK_BYTES,
    SPARE_BYTES,
  );
  return Math.ceil(bytes / 2 ** 20);
}
