import { execFileSync, spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tool } from './tools';

/** The release of the Prometheus operator whose kinds tests use, as a module of Go. */
const OPERATOR = 'github.com/prometheus-operator/prometheus-operator@v0.85.0';

export const GO: Tool = {
  name: 'Go',
  hint: 'install Go 1.22 or later, and let it reach a module proxy',
  there: () => spawnSync('go', ['version'], { stdio: 'ignore' }).status === 0,
};

/** The file in which the Prometheus operator defines one of its kinds, such as `prometheusrules`. */
export function operatorKind(kind: string): string {
  const args = ['mod', 'download', '-json', OPERATOR];
  const { Dir } = JSON.parse(execFileSync('go', args, { cwd: tmpdir(), encoding: 'utf8' }));
  return join(Dir, 'example/prometheus-operator-crd', `monitoring.coreos.com_${kind}.yaml`);
}
