// The app of the repository's cdktf.json: synthesizes an example as `cdktf` in its own folder would.
//   node examples/synthesize.mjs NAME
import { join, resolve } from 'node:path';
import { ROOT, runOrFail } from './project.mjs';

const [name] = process.argv.slice(2);

// cdktf names the output folder relative to its own, and paths in an example are relative to the example's
const env = { CDKTF_OUTDIR: resolve(process.env.CDKTF_OUTDIR ?? 'cdktf.out') };
runOrFail(process.execPath, [join(ROOT, 'dist', 'examples', name, 'main.js')], `${name} does not synthesize`, {
  cwd: join(ROOT, 'examples', name),
  env,
});
