import { Token } from 'cdktf';
import { AzureName } from '../azure/azure-name';
import { broken, wholeNumber } from '../validation';

/** The highest number of a key: with four digits for each, two numbers make one without becoming another two's. */
const MAX_ROTATION = 9999;

/** Id of a Key Vault; azurerm tells the case of its fixed words apart. */
const KEY_VAULT_ID =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.KeyVault\/vaults\/[a-zA-Z0-9-]{3,24}$/;

/** Whether callers of a service must show something. */
export enum AuthMode {
  /** One of two keys, as `Authorization: Bearer <key>`. */
  KEY = 'key',

  /** Nothing: whoever reaches the service may call it. */
  NONE = 'none',
}

/** The numbers of the keys of a service: each stands for one key, and another number for another one. */
export interface KeyRotation {
  /**
   * Number of the primary key, 1 to 9999.
   *
   * @default 1
   */
  readonly primary?: number;

  /**
   * Number of the secondary key, 1 to 9999.
   *
   * @default 1
   */
  readonly secondary?: number;
}

/** Options of `ServiceAuth.keys`. */
export interface GeneratedKeysOptions {
  /**
   * Numbers of the keys. Raise one to have that key made anew by the next deployment; the other stays. Callers use the
   * other meanwhile, as the old key is refused from then on. Raise one, too, whose secret was changed or deleted in the
   * vault by hand, or the service keeps to what it knows.
   *
   * @default - 1 for both: the keys of the first deployment
   */
  readonly rotate?: KeyRotation;
}

/** Two secrets of a Key Vault that are made elsewhere. */
export interface ExistingKeys {
  /**
   * Id of the vault, a literal or a reference to a vault of the same stack. Whoever plans or deploys must be allowed to
   * read its secrets, as Key Vault Secrets User is.
   */
  readonly keyVaultId: string;

  /**
   * Name of the secret that is the primary key: 1 to 127 letters, digits and hyphens. The whole value is the key, so a
   * line break at its end would make it one that no caller can send.
   */
  readonly primarySecretName: string;

  /** Name of the secret that is the secondary key, by the same rules; not the same secret. */
  readonly secondarySecretName: string;
}

/** Options of `ServiceAuth.keyVault`. */
export interface KeyVaultKeysOptions extends ExistingKeys {
  /**
   * Numbers of the keys. Raise one when a secret has another value, and the next deployment reads it; until then the
   * service keeps to what it read last.
   *
   * @default - 1 for both: what the first deployment reads
   */
  readonly rotate?: KeyRotation;
}

/**
 * What callers of a service must show.
 *
 * A key is in no Terraform state, plan or output, and not in the cluster either, which holds SHA-256 digests. It lies
 * in a Key Vault, where whoever may plan or deploy the service can read it.
 */
export class ServiceAuth {
  /**
   * Either of two keys that Terraform makes and writes to the vault of the stack: 64 letters and digits each. With two,
   * one is changed while callers use the other.
   */
  public static keys(options: GeneratedKeysOptions = {}): ServiceAuth {
    return new ServiceAuth(AuthMode.KEY, options.rotate);
  }

  /** Either of two keys that lie in a Key Vault already. */
  public static keyVault(options: KeyVaultKeysOptions): ServiceAuth {
    const { rotate, ...existing } = options;
    return new ServiceAuth(AuthMode.KEY, rotate, existing);
  }

  /** Nothing. Who reaches the service is then up to the namespaces that may call it, and to what it is exposed to. */
  public static none(): ServiceAuth {
    return new ServiceAuth(AuthMode.NONE);
  }

  /** Number of each key. */
  public readonly rotation: Required<KeyRotation>;

  private constructor(
    /** Whether callers must show a key. */
    public readonly mode: AuthMode,
    rotate: KeyRotation = {},
    /** The secrets that are the keys; nothing where Terraform makes the keys. */
    public readonly existing?: ExistingKeys,
  ) {
    this.rotation = { primary: rotate.primary ?? 1, secondary: rotate.secondary ?? 1 };
  }
}

/** One number for the numbers of both keys, another one whenever either is. */
export function keyRevision({ rotation }: ServiceAuth): number {
  return rotation.primary * (MAX_ROTATION + 1) + rotation.secondary;
}

/** What is wrong with what callers must show. */
export function authProblems({ rotation, existing }: ServiceAuth): string[] {
  return [
    ...broken([
      wholeNumber('rotate.primary', rotation.primary, 1, MAX_ROTATION),
      wholeNumber('rotate.secondary', rotation.secondary, 1, MAX_ROTATION),
    ]),
    ...(existing === undefined ? [] : existingProblems(existing)),
  ];
}

function existingProblems({ keyVaultId, primarySecretName, secondarySecretName }: ExistingKeys): string[] {
  return [
    ...broken([
      {
        broken: !Token.isUnresolved(keyVaultId) && !KEY_VAULT_ID.test(keyVaultId),
        message:
          "keyVaultId must be the id of a Key Vault, '/subscriptions/…/resourceGroups/…/providers/Microsoft.KeyVault/" +
          `vaults/…'; got '${keyVaultId}'; 'az keyvault show --name VAULT --query id --output tsv' prints it`,
      },
      {
        // Key Vault tells no names apart by their case
        broken: primarySecretName.toLowerCase() === secondarySecretName.toLowerCase(),
        message:
          'primarySecretName and secondarySecretName must be two secrets, so that callers have one key while the ' +
          `other is changed; got '${primarySecretName}' and '${secondarySecretName}'`,
      },
    ]),
    ...nameProblems({ primarySecretName, secondarySecretName }),
  ];
}

function nameProblems(names: { readonly [option: string]: string }): string[] {
  return Object.entries(names).flatMap(([option, name]) => {
    const problem = AzureName.KEY_VAULT_SECRET.problem(name);
    return problem === undefined ? [] : [`${option}: ${problem}`];
  });
}
