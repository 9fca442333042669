import { execFile } from 'node:child_process';
import { onOneLine } from './query-text';

/** A secret of a Key Vault. */
export interface VaultSecret {
  /** Name of the Key Vault. */
  readonly vault: string;

  /** Name of the secret. */
  readonly name: string;
}

/** Windows finds `az.cmd` through its shell only; the names that it is given hold nothing that a shell would obey. */
const AZ = process.platform === 'win32' ? ['cmd.exe', '/d', '/c', 'az'] : ['az'];

/** The secret, in words. */
export function nameOf({ vault, name }: VaultSecret): string {
  return `the secret '${name}' of the Key Vault '${vault}'`;
}

/**
 * Reads a key with the Azure CLI, as whoever is logged in there.
 *
 * @throws Error of one line that says what to do
 */
export async function fetchKey(secret: VaultSecret, timeoutSeconds = 60): Promise<string> {
  const query = ['--vault-name', secret.vault, '--name', secret.name, '--query', 'value', '--output', 'tsv'];
  const [file = '', ...args] = [...AZ, 'keyvault', 'secret', 'show', ...query];
  const key = await new Promise<string>((resolve, reject) => {
    const az = execFile(file, args, { timeout: timeoutSeconds * 1000, windowsHide: true }, (error, out, said) => {
      if (error === null) {
        resolve(out.replace(/\r?\n$/, ''));
      } else if (error.killed === true) {
        reject(new Error(`az took longer than ${timeoutSeconds} s to read ${nameOf(secret)}`));
      } else {
        reject(new Error(reason(secret, error.code === 'ENOENT' ? 'not recognized' : said)));
      }
    });
    // whoever asks for something waits for ever
    az.stdin?.end();
  });
  if (!/^[!-~]+$/.test(key)) {
    throw new Error(
      `${nameOf(secret)} is no key: it is empty or holds more than letters, digits and signs on one line`,
    );
  }
  return key;
}

/** What the Azure CLI says when it fails, and what that means. The first that fits holds. */
const REASONS: readonly (readonly [RegExp, (secret: VaultSecret) => string])[] = [
  [
    /not recognized/,
    () => 'the key is read with the Azure CLI, and there is no az; https://aka.ms/install-azure-cli says how to get it',
  ],
  [/disabled secret/i, (secret) => `${nameOf(secret)} is disabled`],
  [
    /ForbiddenByFirewall|ForbiddenByConnection|client address is not authorized|public network access is disabled/i,
    ({ vault }) => `the Key Vault '${vault}' does not let this machine in; ask from inside its network`,
  ],
  [
    /forbidden/i,
    (secret) =>
      `you may not read ${nameOf(secret)}; ask for the role Key Vault Secrets User, which takes some minutes to work`,
  ],
  [/az login|AADSTS/, () => "the Azure CLI is not logged in; run 'az login'"],
  [
    /SecretNotFound/,
    ({ vault, name }) =>
      `the Key Vault '${vault}' has no secret '${name}'; --service is NAMESPACE/SERVICE, and --secret names keys of your own`,
  ],
  [
    /VaultNotFound|failed to resolve|name or service not known|getaddrinfo/i,
    ({ vault }) => `there is no Key Vault '${vault}', or this machine cannot look up its address`,
  ],
];

function reason(secret: VaultSecret, said: string): string {
  const [, known] = REASONS.find(([pattern]) => pattern.test(said)) ?? [];
  return known?.(secret) ?? `az cannot read ${nameOf(secret)}: ${onOneLine(said) || 'it does not say why'}`;
}
