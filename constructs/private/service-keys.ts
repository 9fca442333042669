import { KeyVaultSecret } from '@cdktf/provider-azurerm/lib/key-vault-secret';
import { SecretV1 } from '@cdktf/provider-kubernetes/lib/secret-v1';
import { Fn, Lazy, TerraformStack, Token } from 'cdktf';
import { Construct } from 'constructs';
import { AzureName } from '../../src/azure/azure-name';
import { shortHash } from '../../src/digest';
import { NAME_LABEL } from '../../src/kubernetes/labels';
import { authProblems, type ExistingKeys, keyRevision, type ServiceAuth } from '../../src/scoring/service-auth';
import { refuse } from '../../src/validation';
import type { IKeyVault } from '../key-vault';
import type { ServingNamespace } from '../serving-namespace';
import { EphemeralResource } from './ephemeral-resource';
import { joinedName } from './generated-name';

/** The release of hashicorp/random that makes keys; no prebuilt binding exists. */
const RANDOM_PROVIDER = { source: 'hashicorp/random', version: '3.7.2' };

/** The first release of Terraform with write-only arguments. */
const REQUIRED_TERRAFORM = '>= 1.11.0';

/** Letters and digits of a key that Terraform makes: 381 bits, and nothing that a shell or a header would escape. */
const KEY_LENGTH = 64;

/** One of something for each of the two keys. */
export interface KeyPair<T> {
  /** That of the primary key. */
  readonly primary: T;

  /** That of the secondary key. */
  readonly secondary: T;
}

/**
 * Where the keys come from.
 *
 * The Kubernetes provider writes digests again under another revision only, which does not say that other secrets took
 * the place of these. Then the object that holds the digests is made anew, or has another name.
 */
interface KeySource {
  readonly keyVaultId: string;
  readonly keyVaultName: string;

  /** Names in the vault. */
  readonly secrets: KeyPair<string>;

  /** The secrets that this stack writes. */
  readonly made?: KeyPair<KeyVaultSecret>;

  /** Name of the Kubernetes secret. */
  readonly objectName: string;
}

/** Properties of `ServiceKeys`. */
export interface ServiceKeysProps {
  /** What callers must show: keys. */
  readonly auth: ServiceAuth;

  /**
   * Vault that keys which Terraform makes are written to.
   *
   * @default - none, which is refused unless the keys lie in a vault already
   */
  readonly keyVault?: IKeyVault;

  /** Namespace of the service. */
  readonly namespace: ServingNamespace;

  /** Name of the service inside the namespace. */
  readonly serviceName: string;
}

/**
 * The two keys of a service: themselves in a Key Vault, their SHA-256 digests in the cluster, in lower-case hexadecimal
 * and under the names `primary` and `secondary`, and nothing of them in a state or a plan.
 */
export class ServiceKeys extends Construct {
  /** Name of the Kubernetes secret that holds the digests, a reference. */
  public readonly secretName: string;

  /** Names of the secrets in the vault. */
  public readonly secrets: KeyPair<string>;

  /** Name of the vault; an expression where only Terraform knows it. */
  public readonly keyVaultName: string;

  /** The Kubernetes secret, to be there before what reads it. */
  public readonly resource: SecretV1;

  constructor(scope: Construct, id: string, props: ServiceKeysProps) {
    super(scope, id);
    const { auth, keyVault, namespace, serviceName } = props;
    const { existing } = auth;
    refuse(this, [
      ...authProblems(auth),
      existing === undefined && keyVault === undefined
        ? 'a service with keys needs a Key Vault to keep them in; got none; give the ServingStack a keyVault, or ' +
          'auth ServiceAuth.keyVault(…) or ServiceAuth.none()'
        : undefined,
    ]);
    TerraformStack.of(this).addOverride('terraform.required_version', REQUIRED_TERRAFORM);
    const source = existing === undefined ? this.newKeys(props) : sourceOf(existing, serviceName);
    const { made, keyVaultId } = source;
    this.keyVaultName = source.keyVaultName;
    this.secrets = source.secrets;

    const read = pair(
      (key) =>
        new EphemeralResource(this, `${key}-value`, {
          type: KeyVaultSecret.tfResourceType,
          arguments: {
            name: source.secrets[key],
            key_vault_id: keyVaultId,
            // without an argument that is unknown until the key is written, the first plan would look for the secret
            version: made?.[key].version,
          },
        }),
    );
    this.resource = new SecretV1(this, 'Resource', {
      metadata: {
        name: source.objectName,
        namespace: namespace.name,
        labels: { [NAME_LABEL]: serviceName },
      },
      type: 'Opaque',
      immutable: false,
      dataWo: pair((key) => Fn.sha256(read[key].value('value'))),
      dataWoRevision: keyRevision(auth),
      lifecycle: made && { replaceTriggeredBy: [made.primary, made.secondary].map(identityOf) },
    });
    this.secretName = this.resource.metadata.name;
  }

  /** The command line that prints each key, for whoever may read the vault. */
  public get commands(): KeyPair<string> {
    return pair(
      (key) =>
        `az keyvault secret show --vault-name ${this.keyVaultName} --name ${this.secrets[key]} ` +
        '--query value --output tsv',
    );
  }

  /** Secrets whose values are made anew for another version, and are in no state. */
  private newKeys({ auth, keyVault, namespace, serviceName }: ServiceKeysProps): KeySource {
    TerraformStack.of(this).addOverride('terraform.required_providers.random', RANDOM_PROVIDER);
    const { namespaceName } = namespace;
    const keyVaultId = keyVault?.idFor(this) ?? '';
    const secrets = pair((key) => joinedName(AzureName.KEY_VAULT_SECRET, [namespaceName, serviceName, key]));
    const made = pair((key) => {
      const password = new EphemeralResource(this, `${key}-password`, {
        type: 'random_password',
        arguments: { length: KEY_LENGTH, special: false },
      });
      return new KeyVaultSecret(this, key, {
        keyVaultId,
        name: secrets[key],
        contentType: `${key} key of '${serviceName}' in '${namespaceName}'`,
        valueWo: password.value('result'),
        valueWoVersion: auth.rotation[key],
      });
    });
    return { keyVaultId, keyVaultName: keyVault?.keyVaultName ?? '', secrets, made, objectName: `${serviceName}-keys` };
  }
}

function sourceOf(existing: ExistingKeys, serviceName: string): KeySource {
  const { keyVaultId, primarySecretName, secondarySecretName } = existing;
  return {
    keyVaultId,
    keyVaultName: vaultNameOf(keyVaultId),
    secrets: { primary: primarySecretName, secondary: secondarySecretName },
    objectName: Lazy.stringValue({
      produce: (context) => {
        const source = [keyVaultId, primarySecretName, secondarySecretName];
        return `${serviceName}-keys-${shortHash(source.map((part) => String(context.resolve(part))))}`;
      },
    }),
  };
}

function pair<T>(make: (key: 'primary' | 'secondary') => T): { primary: T; secondary: T } {
  return { primary: make('primary'), secondary: make('secondary') };
}

/** The name at the end of the id of a vault. */
function vaultNameOf(keyVaultId: string): string {
  return Token.isUnresolved(keyVaultId)
    ? Fn.element(Fn.split('/', keyVaultId), 8)
    : keyVaultId.slice(keyVaultId.lastIndexOf('/') + 1);
}

/** What changes when a secret is another one, as in another vault, and stays when it has another value. */
function identityOf(secret: KeyVaultSecret): string {
  return `${KeyVaultSecret.tfResourceType}.${secret.friendlyUniqueId}.versionless_id`;
}
