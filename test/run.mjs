// `npm test [-- FILE…]`: installs and builds what is missing, runs the tests, and says at the end how many there were.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, ensureInstalled } from '../examples/project.mjs';

ensureInstalled();
build();

const folder = mkdtempSync(join(tmpdir(), 'azure-inference-results-'));
const results = join(folder, 'results.json');
const vitest = ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
const { status } = spawnSync('npx', [...vitest, ...process.argv.slice(2)], { stdio: 'inherit' });

try {
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(readFileSync(results, 'utf8'));
  const skipped = testResults
    .flatMap((file) => file.assertionResults)
    .filter((test) => test.status === 'skipped' || test.status === 'pending')
    .map((test) => test.ancestorTitles.join(' > '));
  for (const group of new Set(skipped)) {
    console.log(`skipped: ${group}`);
  }
  console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = status ?? 1;
