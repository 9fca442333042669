/** The name of an Azure region as its API writes it: `East US` and `eastus` are the same. */
export function normalizeLocation(location: string): string {
  return location.replaceAll(/\s+/g, '').toLowerCase();
}
