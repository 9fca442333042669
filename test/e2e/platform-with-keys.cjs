// A platform whose services have keys: the program that the tests of keys deploy. KEYS names the services as JSON; one
// with `of` takes the keys of that service from the vault. VAULT is the construct id of the vault for new keys.
const { join } = require('node:path');
const { KeyVaultSecret } = require('@cdktf/provider-azurerm/lib/key-vault-secret');
const { App, Fn } = require('cdktf');
const { InferencePlatform, KeyVault, ServiceAuth } = require('azure-inference-cdktf');
const { ServiceKeys } = require(join(__dirname, '../../dist/constructs/private/service-keys'));

const services = JSON.parse(process.env.KEYS ?? '{"reader":{}}');

const app = new App();
const { foundationStack, serving } = new InferencePlatform(app, 'shop', {
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  location: 'westeurope',
  protect: false,
});
const { resourceGroup } = foundationStack;
const team = new KeyVault(foundationStack, 'team', { resourceGroup, protect: false });
const keyVault = process.env.VAULT === 'team' ? team : serving.keyVault;

for (const [serviceName, { of, rotate }] of Object.entries(services)) {
  const auth =
    of === undefined
      ? ServiceAuth.keys({ rotate })
      : ServiceAuth.keyVault({
          keyVaultId: keyVault.idFor(serving),
          primarySecretName: `serving-${of}-primary`,
          secondarySecretName: `serving-${of}-secondary`,
          rotate,
        });
  const { namespace } = serving;
  const { resource } = new ServiceKeys(serving, serviceName, { auth, keyVault, namespace, serviceName });
  // the stand-in of a cluster forgets what is write-only, that of a vault does not: it gets what the cluster gets
  new KeyVaultSecret(serving, `${serviceName}-seen`, {
    name: `seen-${serviceName}`,
    keyVaultId: serving.keyVault.idFor(serving),
    valueWo: Fn.jsonencode(resource.dataWoInput),
    valueWoVersion: resource.dataWoRevisionInput,
    lifecycle: resource.lifecycle,
  });
}
app.synth();
