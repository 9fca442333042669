import { ContainerRegistryTask } from '@cdktf/provider-azurerm/lib/container-registry-task';
import { ContainerRegistryTaskScheduleRunNow } from '@cdktf/provider-azurerm/lib/container-registry-task-schedule-run-now';
import { type ITerraformDependable, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { AzureName } from '../../src/azure/azure-name';
import type { BuildContext } from '../../src/scoring/build-context';
import { imageBuildTask } from '../../src/scoring/image-build-task';
import type { IImageBuilder } from '../image-builder';
import { ContextUpload } from './context-upload';
import { joinedName } from './generated-name';

/** Properties of `ImageBuild`. */
export interface ImageBuildProps {
  readonly builder: IImageBuilder;
  readonly imageName: string;
  readonly context: BuildContext;
  readonly timeoutMinutes: number;
}

/** How much longer Terraform waits for a build than the build may take: a run may stand in a queue first. */
const QUEUE_MINUTES = 15;

/** A build context in the store, and the task that makes an image of it in the registry while Terraform applies. */
export class ImageBuild extends Construct {
  /** Reference of the image; its tag is the hash of the context. */
  public readonly reference: string;

  /** What the image says of itself after a deployment. */
  public readonly summary: { readonly [name: string]: string };

  /** The build itself, to be over before what runs the image. */
  public readonly run: ITerraformDependable;

  constructor(scope: Construct, id: string, { builder, imageName, context, timeoutMinutes }: ImageBuildProps) {
    super(scope, id);
    const { registry, store } = builder;
    const stack = TerraformStack.of(this).node.id;
    const repository = `${repositoryPart(stack)}/${repositoryPart(imageName)}`;
    this.reference = `${registry.loginServer}/${repository}:${context.hash}`;
    const taskName = joinedName(AzureName.REGISTRY_TASK, [stack, imageName]);
    this.summary = {
      reference: this.reference,
      build_log: `az acr task logs --registry ${registry.registryName} --name ${taskName}`,
      versions:
        `az acr manifest list-metadata --registry ${registry.registryName} --name ${repository} ` +
        '--orderby time_desc --output table',
      // what runs is among the latest, or younger
      purge:
        `az acr run --registry ${registry.registryName} --cmd "acr purge --filter '${repository}:.*' --ago 30d ` +
        '--keep 5 --untagged" /dev/null',
    };

    const folder = `${stack}/scoring-images/${imageName}/${context.hash}`;
    const upload = new ContextUpload(this, 'context', { context, store, folder });
    const clientId = builder.clientIdFor(this);
    const task = new ContainerRegistryTask(this, 'Resource', {
      name: taskName,
      containerRegistryId: registry.idFor(this),
      platform: { os: 'Linux', architecture: 'amd64' },
      identity: { type: 'UserAssigned', identityIds: [builder.idFor(this)] },
      registryCredential: { custom: [{ loginServer: registry.loginServer, identity: clientId }] },
      encodedStep: {
        taskContent: imageBuildTask({
          clientId,
          storageAccountName: store.storageAccountName,
          containerName: store.containerName,
          folder,
          fileCount: context.files.length,
          reference: this.reference,
          timeoutSeconds: timeoutMinutes * 60,
        }),
      },
      timeoutInSeconds: timeoutMinutes * 60,
    });
    this.run = new ContainerRegistryTaskScheduleRunNow(this, 'Run', {
      containerRegistryTaskId: task.id,
      // azurerm itself would wait for 30 minutes
      timeouts: { create: `${timeoutMinutes + QUEUE_MINUTES}m` },
      dependsOn: [...upload.blobs],
      // the steps name the hash of the context; tags of the task build nothing anew
      lifecycle: { replaceTriggeredBy: [`${task.terraformResourceType}.${task.friendlyUniqueId}.encoded_step`] },
    });
  }
}

/** What a registry takes as a part of a repository's name. */
function repositoryPart(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}
