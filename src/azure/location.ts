import { Token } from 'cdktf';

/** The name of an Azure region as its API writes it: `East US` and `eastus` are the same. A token stays as it is. */
export function normalizeLocation(location: string): string {
  return Token.isUnresolved(location) ? location : location.replaceAll(/\s+/g, '').toLowerCase();
}
