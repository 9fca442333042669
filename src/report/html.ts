import { renderRange, renderUsd } from './cost';
import { quotaSection } from './html-quota';
import { grantsTable, nodesTable, resourceDetails, serviceArticles, storesTable } from './html-sections';
import { escapeHtml } from './html-text';
import { PAGE_STYLE } from './page-style';
import { drawPicture } from './picture';
import type { PlatformSummary } from './platform-summary';
import { modelCount } from './services';
import { warningList } from './warnings';
import { count, enumerate } from './words';

/**
 * The platform as one page that needs nothing else: no script, no font, no network. The same platform gives the same
 * bytes.
 */
export async function renderHtml(summary: PlatformSummary): Promise<string> {
  const title = `${summary.title}: inference platform`;
  const services =
    summary.services.length === 0 ? '<p>The program declares no service yet.</p>' : serviceArticles(summary);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p class="lead">${escapeHtml(summary.sentence)}</p>
${figures(summary)}
${summary.warnings.length === 0 ? '' : `${section('Warnings', warningList(summary.warnings), 'warnings')}\n`}${section('The platform', picture(await drawPicture(summary)), 'picture')}
${section('Nodes and their price', nodesTable(summary.cost))}
${section('vCPU quota', quotaSection(summary.quota), 'quota')}
${section('Services', services)}
${section('Stores', storesTable(summary.stores))}
${section('Who may do what', grantsTable(summary.grants))}
${section('Resources by stack', resourceDetails(summary.stacks))}
</main>
</body>
</html>
`;
}

function section(title: string, content: string, kind?: string): string {
  return `<section${kind === undefined ? '' : ` class="${kind}"`}>\n<h2>${escapeHtml(title)}</h2>\n${content}\n</section>`;
}

function picture(svg: string): string {
  return (
    `${svg}\n<p class="note">An arrow runs from who has a right to where the right holds, with the name of the Azure ` +
    'role. Green pools have accelerators. All rights are listed below.</p>'
  );
}

/** What most readers look for, before anything else. */
function figures({ stacks, services, cost }: PlatformSummary): string {
  const resources = stacks.reduce((total, stack) => total + stack.resources.length, 0);
  const price = cost.usdPerHour === undefined ? 'not known' : renderRange(cost.usdPerHour, renderUsd);
  const without =
    cost.unpriced.length === 0
      ? 'all pools'
      : `without ${cost.unpriced.length > 3 ? count(cost.unpriced.length, 'pool') : enumerate(cost.unpriced)}`;
  return `<dl class="figures">
${figure('Services', String(services.length), count(modelCount(services), 'model'))}
${figure('Nodes', renderRange(cost.nodes), 'kept, and at most')}
${figure('US dollars an hour', price, `nodes at list price, ${without}`)}
${figure('Stacks', String(stacks.length), count(resources, 'resource'))}
</dl>`;
}

function figure(name: string, value: string, remark: string): string {
  return `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}<small>${escapeHtml(remark)}</small></dd></div>`;
}
