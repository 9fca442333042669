import { AzurermBackend, LocalBackend, type TerraformBackend, type TerraformStack } from 'cdktf';
import { AzureName } from '../src/azure/azure-name';
import { subscriptionIdProblem } from '../src/azure/subscription-id';
import { refuse } from '../src/validation';

/** Where the states lie in Azure's blob storage. */
export interface AzureBlobBackendOptions {
  /** Subscription of the storage account. */
  readonly subscriptionId: string;

  /** Group of the storage account. */
  readonly resourceGroupName: string;

  /** Name of the storage account. It is not one of the platform's own: it must be there first and outlive it. */
  readonly storageAccountName: string;

  /** Name of the blob container. */
  readonly containerName: string;

  /**
   * Folder of the states inside the container.
   *
   * @default - none: they lie at its top
   */
  readonly folder?: string;
}

/** Where Terraform keeps what it knows of the deployed resources: one state for each stack, under the stack's id. */
export abstract class StateBackend {
  /**
   * In files beside `cdktf.json`. For one person on one machine.
   *
   * @returns a backend that keeps `terraform.<stack>.tfstate`
   */
  public static local(): StateBackend {
    return new LocalStateBackend();
  }

  /**
   * In Azure's blob storage, locked while in use. Whoever deploys needs the role Storage Blob Data Contributor on the
   * container; no key is involved.
   *
   * @returns a backend that keeps `<folder>/<stack>.tfstate`
   */
  public static azureBlob(options: AzureBlobBackendOptions): StateBackend {
    return new AzureBlobStateBackend(options);
  }

  /**
   * Gives a stack its backend. Called by the stack.
   */
  public abstract bind(stack: TerraformStack): TerraformBackend;
}

class LocalStateBackend extends StateBackend {
  public bind(stack: TerraformStack): TerraformBackend {
    // Terraform runs in <output>/stacks/<stack>. cdktf's own default is an absolute path, which makes the output
    // differ between machines; inside the output folder, cleaning it would delete the state.
    return new LocalBackend(stack, { path: `../../../terraform.${stack.node.id}.tfstate` });
  }
}

class AzureBlobStateBackend extends StateBackend {
  constructor(private readonly options: AzureBlobBackendOptions) {
    super();
  }

  public bind(stack: TerraformStack): TerraformBackend {
    const { subscriptionId, resourceGroupName, storageAccountName, containerName, folder } = this.options;
    refuse(stack, [
      subscriptionIdProblem(subscriptionId),
      AzureName.RESOURCE_GROUP.problem(resourceGroupName),
      AzureName.STORAGE_ACCOUNT.problem(storageAccountName),
      AzureName.BLOB_CONTAINER.problem(containerName),
    ]);
    return new AzurermBackend(stack, {
      subscriptionId,
      resourceGroupName,
      storageAccountName,
      containerName,
      key: [folder, `${stack.node.id}.tfstate`].filter((part) => part !== undefined).join('/'),
      useAzureadAuth: true,
    });
  }
}
