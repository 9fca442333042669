import { dirname, join } from 'node:path';
import { AssetType, TerraformAsset } from 'cdktf';
import type { Construct } from 'constructs';

/** Where the charts of this package lie. They are shipped as they are written, beside what is compiled. */
const CHARTS = join(dirname(require.resolve('azure-inference-cdktf/package.json')), 'constructs', 'charts');

/**
 * A chart of this package in the output, as Helm takes it: a path from where Terraform runs, with a hash of what is in it,
 * so that a new chart is a change.
 */
export function chartPath(scope: Construct, id: string, chart: 'pod-monitor'): string {
  return new TerraformAsset(scope, id, { path: join(CHARTS, chart), type: AssetType.DIRECTORY }).path;
}
