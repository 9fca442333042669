import { describe, expect, test } from 'vitest';
import { renderHtml } from '../../../src/report/html';
import { summarize } from '../../../src/report/platform-summary';
import { readSynthesizedOutput } from '../../../src/report/synthesized-output';
import { renderWarnings } from '../../../src/report/warnings';
import { cli } from '../cli-runner';
import { outputOf, summaryOf, synthesizePlatform } from './synthesized';

const warning = (constructPath: string, message: string) => ({ constructPath, level: '@cdktf/warn', message });

describe('the warnings of a program', () => {
  test('are those of its constructs, each said once', () => {
    const { warnings } = summaryOf(2);

    expect(warnings).toContainEqual({
      message: expect.stringMatching(/^without TLS the keys of callers/),
      paths: ['prod-serving/reader-0', 'prod-serving/reader-1'],
    });
  });

  test('are read from every stack, and notes and errors are not', () => {
    const output = outputOf({
      one: { annotations: [warning('one/a', 'old'), { ...warning('one/b', 'a note'), level: '@cdktf/info' }] },
      two: { annotations: [warning('two/a', 'old'), warning('two/b', 'odd')] },
      three: {},
    });

    expect(summarize(readSynthesizedOutput(output)).warnings).toEqual([
      { message: 'old', paths: ['one/a', 'two/a'] },
      { message: 'odd', paths: ['two/b'] },
    ]);
  });

  test('are lines of a report', async () => {
    const warnings = [{ message: 'odd', paths: ['one/a', 'one/b'] }];

    expect(renderWarnings(warnings)).toBe('1 warning:\n  one/a, one/b: odd\n');
    expect(renderWarnings([...warnings, ...warnings])).toMatch(/^2 warnings:\n/);
    expect(renderWarnings([])).toBe('');
    const { out } = await cli('report', '--output', synthesizePlatform(1));
    expect(out).toMatch(/\n\n\d warnings?:\n {2}prod-serving\/reader-0: without TLS/);
  });

  test('are a list of a page, as text, and no part of it where there are none', async () => {
    const page = async (annotations: readonly object[]) =>
      renderHtml(summarize(readSynthesizedOutput(outputOf({ one: { annotations } }))));

    expect(await page([warning('one/a', 'take <b>')])).toContain('<li><b>one/a</b>: take &lt;b&gt;</li>');
    expect(await page([])).not.toContain('<h2>Warnings</h2>');
  });
});
