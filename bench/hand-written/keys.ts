import { KeyVaultSecret } from '@cdktf/provider-azurerm/lib/key-vault-secret';
import { SecretV1 } from '@cdktf/provider-kubernetes/lib/secret-v1';
import type { TerraformStack } from 'cdktf';
import { GROUP_ID, SERVICE_KEYS } from './azure';

/** Two keys in the vault and their digests in the cluster. cdktf has no ephemeral blocks, hence the override. */
export function addKeys(stack: TerraformStack, namespace: string, labels: { [name: string]: string }): SecretV1 {
  stack.addOverride('terraform.required_version', '>= 1.11.0');
  stack.addOverride('terraform.required_providers.random', { source: 'hashicorp/random', version: '3.7.2' });
  const keyVaultId = `${GROUP_ID}/providers/Microsoft.KeyVault/vaults/${SERVICE_KEYS}`;
  const secrets = ['primary', 'secondary'].map((key) => {
    stack.addOverride(`ephemeral.random_password.${key}`, { length: 64, special: false });
    const name = `serving-digit-reader-${key}`;
    const secret = new KeyVaultSecret(stack, `${key}-key`, {
      keyVaultId,
      name,
      contentType: `${key} key of 'digit-reader' in 'serving'`,
      valueWo: `\${ephemeral.random_password.${key}.result}`,
      valueWoVersion: 1,
    });
    stack.addOverride(`ephemeral.azurerm_key_vault_secret.${key}`, {
      name,
      key_vault_id: keyVaultId,
      version: secret.version,
    });
    return secret;
  });
  return new SecretV1(stack, 'keys', {
    metadata: { name: 'digit-reader-keys', namespace, labels },
    type: 'Opaque',
    immutable: false,
    dataWo: {
      primary: '${sha256(ephemeral.azurerm_key_vault_secret.primary.value)}',
      secondary: '${sha256(ephemeral.azurerm_key_vault_secret.secondary.value)}',
    },
    dataWoRevision: 10001,
    lifecycle: {
      replaceTriggeredBy: secrets.map(({ friendlyUniqueId }) => {
        return `azurerm_key_vault_secret.${friendlyUniqueId}.versionless_id`;
      }),
    },
  });
}
