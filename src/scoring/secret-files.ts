import { posix } from 'node:path';

/** Names that files with private keys, passwords and tokens usually have. */
const SECRET_NAMES: readonly RegExp[] = [
  /\.(pem|key|pfx|p12|jks|keystore|kdbx|ppk|tfvars)$/,
  /^id_(rsa|dsa|ecdsa|ed25519)(_sk)?$/,
  /^\.env(\..+)?$/,
  /^\.(netrc|pgpass|pypirc|npmrc|git-credentials|dockercfg|htpasswd)$/,
  /^(credentials|secrets?)(\.(json|ya?ml|toml|ini|txt|env))?$/,
  /^(service[-_]?account|client[-_]secret).*\.json$/,
  /\.tfstate(\.backup)?$/,
];

/** What the names above match and what holds nothing secret. */
const EXAMPLE = /\.(example|sample|template|dist)$/;

/** Whether a file holds a secret by its name; its contents are not looked at. */
export function looksSecret(path: string): boolean {
  const name = posix.basename(path).toLowerCase();
  return !EXAMPLE.test(name) && SECRET_NAMES.some((pattern) => pattern.test(name));
}
