import { KeyVault as KeyVaultResource } from '@cdktf/provider-azurerm/lib/key-vault';
import { Construct, type IConstruct } from 'constructs';
import { resourceId } from '../src/azure/arm-id';
import { AzureName } from '../src/azure/azure-name';
import { refuse } from '../src/validation';
import type { IAzureResource } from './azure-resource';
import { acrossStacks } from './private/across-stacks';
import { clientConfig } from './private/client-config';
import { globalName } from './private/generated-name';
import type { IResourceGroup } from './resource-group';

/** A Key Vault of this app or made elsewhere. */
export interface IKeyVault extends IAzureResource {
  /** Name of the vault, as a literal. */
  readonly keyVaultName: string;
}

/** Properties of `KeyVault`. */
export interface KeyVaultProps {
  /** Group that holds the vault. */
  readonly resourceGroup: IResourceGroup;

  /**
   * Name of the vault, unique in all of Azure. Changing it replaces the vault.
   *
   * @default - made of the construct's path and a hash of path, subscription, group and region
   */
  readonly keyVaultName?: string;

  /**
   * Whether Terraform refuses to destroy the vault.
   *
   * @default true
   */
  readonly protect?: boolean;
}

/** What is known of a Key Vault made elsewhere. */
export interface KeyVaultAttributes {
  /** Name of the vault. */
  readonly keyVaultName: string;

  /** Group that holds the vault. */
  readonly resourceGroup: IResourceGroup;
}

/**
 * A Key Vault that Entra ID guards: rights are roles, and nobody can purge what was deleted before its time.
 *
 * A deleted vault keeps its name for 90 days; the next deployment under the same name recovers it.
 */
export class KeyVault extends Construct implements IKeyVault {
  /** Refers to a vault made elsewhere. It must use roles, not access policies. */
  public static fromKeyVaultAttributes(scope: Construct, id: string, attributes: KeyVaultAttributes): IKeyVault {
    return new ImportedKeyVault(scope, id, attributes);
  }

  public readonly keyVaultName: string;

  private readonly resource: KeyVaultResource;
  private readonly resourceGroup: IResourceGroup;

  constructor(scope: Construct, id: string, props: KeyVaultProps) {
    super(scope, id);
    this.resourceGroup = props.resourceGroup;
    this.keyVaultName = props.keyVaultName ?? globalName(this, AzureName.KEY_VAULT, props.resourceGroup);
    refuse(this, [AzureName.KEY_VAULT.problem(this.keyVaultName)]);

    this.resource = new KeyVaultResource(this, 'Resource', {
      name: this.keyVaultName,
      resourceGroupName: props.resourceGroup.nameFor(this),
      location: props.resourceGroup.location,
      tenantId: clientConfig(this).tenantId,
      skuName: 'standard',
      rbacAuthorizationEnabled: true,
      purgeProtectionEnabled: true,
      // Azure's own value; it cannot be changed on an existing vault, so it is never left to a default
      softDeleteRetentionDays: 90,
      lifecycle: { preventDestroy: props.protect ?? true },
    });
  }

  public idFor(scope: IConstruct): string {
    return acrossStacks(this, scope, this.resource.id, keyVaultId(this.resourceGroup, this.keyVaultName));
  }

  public nameFor(scope: IConstruct): string {
    return acrossStacks(this, scope, this.resource.name, this.keyVaultName);
  }
}

class ImportedKeyVault extends Construct implements IKeyVault {
  public readonly keyVaultName: string;
  private readonly resourceGroup: IResourceGroup;

  constructor(scope: Construct, id: string, attributes: KeyVaultAttributes) {
    super(scope, id);
    this.keyVaultName = attributes.keyVaultName;
    this.resourceGroup = attributes.resourceGroup;
    refuse(this, [AzureName.KEY_VAULT.problem(attributes.keyVaultName)]);
  }

  public idFor(): string {
    return keyVaultId(this.resourceGroup, this.keyVaultName);
  }

  public nameFor(): string {
    return this.keyVaultName;
  }
}

function keyVaultId(resourceGroup: IResourceGroup, name: string): string {
  return resourceId(resourceGroup, 'Microsoft.KeyVault/vaults', name);
}
