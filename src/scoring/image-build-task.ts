import { AZURE_CLI_IMAGE } from '../azure/azure-cli-image';

/** What a build inside a registry is told. */
export interface ImageBuildTaskSettings {
  /** Client id of the identity that the build runs as. */
  readonly clientId: string;

  /** Storage account and blob container of the build context. */
  readonly storageAccountName: string;
  readonly containerName: string;

  /** Folder of the build context in the container. */
  readonly folder: string;

  /** Number of files in the folder. */
  readonly fileCount: number;

  /** Reference that the image is pushed under, with registry and tag. */
  readonly reference: string;

  /** How long the build may take. */
  readonly timeoutSeconds: number;
}

/** How long a build waits for the right to read its context: ten minutes, asking four times a minute. */
const ASK_EVERY_SECONDS = 15;
const ASK_TIMES = 40;

/** How long the context may take to arrive, besides. */
const FETCH_SECONDS = 900;

/**
 * The step list of a task that fetches a build context, builds it and pushes the image, as ACR Tasks reads it.
 *
 * The fetch asks again while Azure answers that the identity has no right yet, and gives up at once at any other error;
 * the CLI says the same of a missing role as of network rules. Its text has no dollar sign, since ACR Tasks puts aliases
 * and run variables in the place of names behind one, and no single quotation mark, which would end it.
 *
 * @see https://learn.microsoft.com/azure/container-registry/container-registry-tasks-reference-yaml
 */
export function imageBuildTask(settings: ImageBuildTaskSettings): string {
  const { clientId, storageAccountName, containerName, folder, fileCount, reference, timeoutSeconds } = settings;
  return `version: v1.1.0
stepTimeout: ${timeoutSeconds}
steps:
  - id: fetch
    timeout: ${FETCH_SECONDS}
    env: [AZURE_CORE_ONLY_SHOW_ERRORS=true, AZURE_CORE_COLLECT_TELEMETRY=false]
    cmd: |-
      ${AZURE_CLI_IMAGE} bash -c '
      az login --identity --client-id ${clientId} --allow-no-subscriptions --output none || exit 1
      asked=0
      until az storage blob download-batch --auth-mode login --account-name ${storageAccountName} --source ${containerName} --pattern "${folder}/*" --destination . --overwrite true --no-progress --query "length(@)" --output tsv > /tmp/found 2> /tmp/failure
      do
        cat /tmp/failure >&2
        grep --quiet --extended-regexp "required permissions|network rules" /tmp/failure || exit 1
        (( ++asked < ${ASK_TIMES} )) || exit 1
        echo "the identity ${clientId} may not read the build context yet; asking again in ${ASK_EVERY_SECONDS} seconds"
        sleep ${ASK_EVERY_SECONDS}
      done
      grep --quiet --line-regexp ${fileCount} /tmp/found && exit 0
      echo "the build context has ${fileCount} files, and this many are there:" >&2
      cat /tmp/found >&2
      exit 1
      '
  - id: build
    build: --tag ${reference} ${folder}
  - id: push
    push: [${reference}]
`;
}
