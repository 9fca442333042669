import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { InferencePlatform, type InferencePlatformProps } from 'azure-inference-cdktf';
import { App } from 'cdktf';

/** What every platform of the tests has in common. */
export const env = { subscriptionId: '11111111-2222-3333-4444-555555555555', location: 'westeurope' };

/** An App whose output goes to a folder of its own. */
export function testApp(): App {
  return new App({ outdir: mkdtempSync(join(tmpdir(), 'azure-inference-test-')) });
}

/** A platform in an App of its own. */
export function testPlatform(props: Partial<InferencePlatformProps> = {}): InferencePlatform {
  return new InferencePlatform(testApp(), 'prod', { ...env, ...props });
}

/** A new folder with these files, by path. */
export function folderWith(files: { readonly [path: string]: string }): string {
  const folder = mkdtempSync(join(tmpdir(), 'azure-inference-model-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}
