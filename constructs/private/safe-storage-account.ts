import { StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account';
import type { Construct } from 'constructs';
import type { IResourceGroup } from '../resource-group';

/** What the storage accounts of a platform differ in. */
export interface SafeStorageAccountProps {
  /** Name of the account. */
  readonly name: string;

  /** Group that holds the account. */
  readonly resourceGroup: IResourceGroup;

  /** Whether the account's own keys open it. */
  readonly sharedKeys: boolean;

  /** How long deleted blobs and containers can be brought back, in days. */
  readonly softDeleteDays: number;

  /** Whether Terraform refuses to destroy the account. */
  readonly protect: boolean;
}

/** A storage account without public blobs, anonymous access, old TLS or plain HTTP, whose blobs can be brought back. */
export function safeStorageAccount(scope: Construct, id: string, props: SafeStorageAccountProps): StorageAccount {
  return new StorageAccount(scope, id, {
    name: props.name,
    resourceGroupName: props.resourceGroup.nameFor(scope),
    location: props.resourceGroup.location,
    accountTier: 'Standard',
    accountKind: 'StorageV2',
    accountReplicationType: 'LRS',
    sharedAccessKeyEnabled: props.sharedKeys,
    defaultToOauthAuthentication: true,
    allowNestedItemsToBePublic: false,
    crossTenantReplicationEnabled: false,
    localUserEnabled: false,
    httpsTrafficOnlyEnabled: true,
    minTlsVersion: 'TLS1_2',
    blobProperties: {
      versioningEnabled: true,
      deleteRetentionPolicy: { days: props.softDeleteDays },
      containerDeleteRetentionPolicy: { days: props.softDeleteDays },
    },
    lifecycle: { preventDestroy: props.protect },
  });
}
