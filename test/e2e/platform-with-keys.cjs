// A platform whose services have keys: the program that the tests of keys deploy. KEYS names the services as JSON; one
// with `of` takes the keys of that service from the vault. VAULT is the construct id of the vault for new keys.
const { KeyVaultSecret } = require('@cdktf/provider-azurerm/lib/key-vault-secret');
const { App, Fn } = require('cdktf');
const {
  ClusterStack,
  FoundationStack,
  KeyVault,
  ScoringImage,
  ServiceAuth,
  ServingStack,
  VmSize,
} = require('azure-inference-cdktf');

const services = JSON.parse(process.env.KEYS ?? '{"reader":{}}');

const app = new App();
const where = { subscriptionId: '00000000-0000-0000-0000-000000000000', location: 'westeurope' };
const foundation = new FoundationStack(app, 'shop-foundation', { ...where, protect: false });
const { resourceGroup, registry } = foundation;
const team = new KeyVault(foundation, 'team', { resourceGroup, protect: false });
const keyVault = process.env.VAULT === 'team' ? team : foundation.keyVault;
const { cluster } = new ClusterStack(app, 'shop-cluster', { ...where, resourceGroup, registry });
const serving = new ServingStack(app, 'shop-serving', { ...where, cluster, keyVault });
const pool = cluster.addCpuPool('cpu', { size: VmSize.D4S_V5, maxNodes: 3 });

for (const [name, { of, rotate }] of Object.entries(services)) {
  const auth =
    of === undefined
      ? ServiceAuth.keys({ rotate })
      : ServiceAuth.keyVault({
          keyVaultId: keyVault.idFor(serving),
          primarySecretName: `serving-${of}-primary`,
          secondarySecretName: `serving-${of}-secondary`,
          rotate,
        });
  const image = ScoringImage.fromRegistry('registry.example.com/digit-script:1');
  const service = serving.addScoringService(name, { pool, image, auth, numReplicas: 1 });
  const digests = service.node.findChild('keys').resource;
  // the stand-in of a cluster forgets what is write-only, that of a vault does not: it gets what the cluster gets
  new KeyVaultSecret(serving, `${name}-seen`, {
    name: `seen-${name}`,
    keyVaultId: foundation.keyVault.idFor(serving),
    valueWo: Fn.jsonencode(digests.dataWoInput),
    valueWoVersion: digests.dataWoRevisionInput,
    lifecycle: digests.lifecycle,
  });
}
app.synth();
