import { describe, expect, test } from 'vitest';
import { drawPicture } from '../../../src/report/picture';
import { boxesOf, planPicture } from '../../../src/report/picture-plan';
import { summarize } from '../../../src/report/platform-summary';
import { readSynthesizedOutput } from '../../../src/report/synthesized-output';
import { outputOf, summaryOf } from './synthesized';

describe('planPicture', () => {
  test('puts services on their pools and stores beside the cluster', () => {
    const plan = planPicture(summaryOf(2));

    const pools = plan.clusters[0]?.pools ?? [];
    expect(pools.find(({ title }) => title === 'pool gpu')).toMatchObject({
      accelerated: true,
      services: [
        { title: 'reader-0', lines: expect.arrayContaining(['namespace serving']) },
        { title: 'reader-1', lines: expect.arrayContaining(['namespace serving']) },
      ],
    });
    expect(plan.stores.map(({ title }) => title)).toEqual(expect.arrayContaining(['models', 'registry', 'monitoring']));
  });

  test('has one box of monitoring for each stack that monitors', () => {
    const resource = (name: string) => ({
      azurerm_log_analytics_workspace: { logs: { name: `log-${name}` } },
      azurerm_monitor_workspace: { metrics: { name: `amw-${name}` } },
    });
    const output = outputOf({ blue: { resource: resource('blue') }, green: { resource: resource('green') } });

    expect(planPicture(summarize(readSynthesizedOutput(output))).stores).toMatchObject([
      { title: 'monitoring', lines: [expect.any(String), 'log-blue', 'amw-blue'] },
      { title: 'monitoring', lines: [expect.any(String), 'log-green', 'amw-green'] },
    ]);
  });

  test('draws an arrow with the role from who has a right to where it holds', () => {
    const { arrows } = planPicture(summaryOf(1));

    expect(arrows).toContainEqual(
      expect.objectContaining({
        from: 'prod-serving/reader-0',
        to: 'prod-foundation/models',
        roles: ['Storage Blob Data Reader'],
      }),
    );
    expect(arrows).toContainEqual(expect.objectContaining({ who: 'nodes', roles: ['AcrPull'] }));
  });

  test('draws one arrow for a right that every service of a cluster has', () => {
    const { arrows } = planPicture(summaryOf(4));

    const services = arrows.filter(
      ({ from, roles }) => from === 'aks-prod-cluster' && roles.includes('Storage Blob Data Reader'),
    );
    expect(services).toEqual([expect.objectContaining({ who: 'every service', to: 'prod-foundation/models' })]);
  });

  test('shows services of a pool as one box when there would be more than 25', () => {
    const plan = planPicture(summaryOf(30));

    const gpu = plan.clusters[0]?.pools.find(({ title }) => title === 'pool gpu');
    expect(gpu?.services).toMatchObject([{ title: '30 services' }]);
    expect(gpu?.services[0]?.lines.at(-1)).toBe('and 26 more');
    expect(boxesOf(plan)).toBeLessThanOrEqual(25);
  });

  test('takes what only the workspace has rights on as part of the workspace', () => {
    const [workspace] = planPicture(summaryOf(1)).actors;

    expect(workspace?.lines.filter((line) => line.startsWith('its '))).toHaveLength(2);
  });
});

describe('drawPicture', () => {
  test('is an SVG element with the names in it and without tool tips', async () => {
    const svg = await drawPicture(summaryOf(1));

    expect(svg).toMatch(/^<svg role="img" aria-label="Picture of the platform prod"/);
    expect(svg).toContain('>reader-0</text>');
    expect(svg).toContain('>Storage Blob Data Reader</text>');
    expect(svg).not.toMatch(/<title>|<!--|<script/);
  });

  test('shows names as text', async () => {
    const resource = { azurerm_storage_account: { a: { name: '<b>&\u0001"name"</b>' } } };
    const svg = await drawPicture(summarize(readSynthesizedOutput(outputOf({ '<i>one</i>': { resource } }))));

    expect(svg).toContain('&lt;b&gt;&amp;');
    expect(svg).not.toMatch(/<b>|<i>/);
  });

  test('draws a program without anything in it', async () => {
    expect(await drawPicture(summarize(readSynthesizedOutput(outputOf({ empty: {} }))))).toMatch(/^<svg /);
  });
});
