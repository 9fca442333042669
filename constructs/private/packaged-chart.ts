import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { AssetType, TerraformAsset, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { fileDigests, shortHash } from '../../src/digest';
import { sharedChild } from './shared-child';

/**
 * A chart of this package as Helm takes it: a folder of the output, by a path from where Terraform runs, with a hash of
 * what is in it, so that another chart is a change. A stack has each once, however many releases are made of it.
 *
 * @param name name of a folder in `constructs/charts`
 */
export function packagedChart(scope: Construct, name: string): string {
  const stack = TerraformStack.of(scope);
  const charts = sharedChild(stack, 'charts', () => new Construct(stack, 'charts'));
  return sharedChild(charts, name, () => {
    const path = join(chartsFolder(), name);
    // cdktf's own hash takes no notice of names
    return new TerraformAsset(charts, name, { path, type: AssetType.DIRECTORY, assetHash: folderHash(path) });
  }).path;
}

/** The charts beside the sources, which the package ships: no compiler copies them. */
function chartsFolder(): string {
  const beside = join(__dirname, '../charts');
  return existsSync(beside) ? beside : join(__dirname, '../../../constructs/charts');
}

function folderHash(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  return shortHash(
    files.flatMap((file) => [relative(folder, file).replaceAll('\\', '/'), fileDigests(file).sha256]),
    32,
  );
}
