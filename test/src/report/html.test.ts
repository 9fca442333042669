import { describe, expect, test } from 'vitest';
import { renderHtml } from '../../../src/report/html';
import { summarize } from '../../../src/report/platform-summary';
import { readSynthesizedOutput } from '../../../src/report/synthesized-output';
import { renderTable } from '../../../src/report/table';
import { outputOf, summaryOf } from './synthesized';

describe('renderHtml', () => {
  const summary = summaryOf(2);

  test('holds the picture, prices, services, rights and resources', async () => {
    const page = await renderHtml(summary);

    expect(page).toMatch(/<h1>prod: inference platform<\/h1>/);
    expect(page).toContain('<svg role="img"');
    for (const title of [
      'Nodes and their price',
      'vCPU quota',
      'Services',
      'Stores',
      'Who may do what',
      'Resources by stack',
    ]) {
      expect(page).toContain(`<h2>${title}</h2>`);
    }
    expect(page).toContain('Not in the sum, since the list price is not known here: pool');
    expect(page).toContain('Spot nodes are counted at the list price and cost less.');
    expect(page).toContain('Prices are list prices of eastus on 2026-06-18');
  });

  test('names the quota by family, the command that shows what there is, and the ways out', async () => {
    const page = await renderHtml(summary);

    expect(page).toContain('vCPUs of family, in westeurope');
    expect(page).toContain('<td><b>NCasT4_v3</b></td><td class="number">8</td>');
    expect(page).toContain('<td><b>Spot (all families)</b></td>');
    expect(page).toContain('Not counted, since vCPUs or nodes are not known here: pool system.');
    expect(page).toContain('az vm list-usage --location westeurope --output table');
    expect(page).toContain('<li>use a pool that exists (NodePool.fromNodePoolAttributes)</li>');
  });

  test('needs nothing from elsewhere', async () => {
    const page = await renderHtml(summary);

    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(/i);
    expect(page.match(/(?:src|href)=/g)).toBeNull();
  });

  test('shows what people wrote as text, and never as markup', async () => {
    const page = await renderHtml(summary);

    expect(page).toContain('&lt;/p&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;&lt;b&gt;&#39;');
    expect(page).toContain('area: &lt;i&gt;Vision&lt;/i&gt;');
    expect(page).not.toContain('<script');
    expect(page).not.toContain('<i>');
  });

  test('gives the same bytes for the same platform', async () => {
    expect(await renderHtml(summary)).toBe(await renderHtml(summary));
  });

  test('shows a program without anything in it', async () => {
    const page = await renderHtml(summarize(readSynthesizedOutput(outputOf({ empty: {} }))));

    expect(page).toContain('The program declares no service yet.');
    expect(page).toContain('The program assigns no roles.');
    expect(page).toContain('The program creates no pools, and so needs no quota.');
  });
});

describe('renderTable', () => {
  test('has a row for each stack, in deployment order', () => {
    const lines = renderTable(summaryOf(1), 200).trimEnd().split('\n');

    expect(lines[0]).toMatch(/^stack +resources {2}what it is for$/);
    expect(lines.slice(1).map((line) => line.split(' ')[0])).toEqual([
      'prod-foundation',
      'prod-cluster',
      'prod-addons',
      'prod-serving',
    ]);
  });

  test.each([40, 80, 100])('fits a terminal of %i columns', (columns) => {
    const widths = renderTable(summaryOf(1), columns)
      .split('\n')
      .map((line) => line.length);

    expect(Math.max(...widths)).toBeLessThanOrEqual(Math.max(columns, 60));
  });
});
