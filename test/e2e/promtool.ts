import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Series by name and labels, with their values every 15 seconds as promtool writes them: `0+15x400`, `1x400`. */
export type Series = { readonly [series: string]: string };

/** A question to Prometheus after half an hour of series. */
export interface Question {
  readonly expression: string;

  /** Whether there shall be an answer, and a number. */
  readonly answered: boolean;
}

/** A value that stays, for as long as any alert takes to fire. */
export const always = (value: number) => `${value}x400`;

/** A counter that grows by so much a second. */
export const growing = (perSecond: number) => `0+${perSecond * 15}x400`;

/**
 * What Prometheus itself says of rules and of questions about some series; empty when all is as it should be.
 *
 * @param groups groups of rules, as Prometheus reads them
 */
export function promtool(groups: readonly object[], series: Series, questions: readonly Question[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'azure-inference-promtool-'));
  const rules = join(folder, 'rules.json');
  const tests = join(folder, 'tests.json');
  writeFileSync(rules, JSON.stringify({ groups }));
  writeFileSync(
    tests,
    JSON.stringify({
      rule_files: [rules],
      evaluation_interval: '1m',
      tests: [
        {
          interval: '15s',
          input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
          promql_expr_test: questions.map(({ expression, answered }) => ({
            // what is not a number is not equal to itself
            expr: `count((${expression}) == (${expression})) > bool 0`,
            eval_time: '90m',
            exp_samples: answered ? [{ labels: '{}', value: 1 }] : [],
          })),
        },
      ],
    }),
  );
  const runs = [
    ['check', 'rules', rules],
    ['test', 'rules', tests],
  ].map((args) => spawnSync('promtool', args, { encoding: 'utf8' }));
  return runs
    .filter(({ status }) => status !== 0)
    .map(({ stdout, stderr }) => `${stdout}${stderr}`)
    .join('\n');
}
