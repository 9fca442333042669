import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Gives the tests a temporary folder of their own, so that what they synthesize is gone with it. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'azure-inference-'));
  process.env.TMPDIR = folder;
  process.env.TEMP = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
