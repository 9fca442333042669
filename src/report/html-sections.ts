import type { Target } from './arm-target';
import { type CostSummary, type PoolCost, type Range, renderRange, renderUsd } from './cost';
import type { Grant } from './grants';
import { grouped } from './grouped';
import { type Column, code, table, tag } from './html-parts';
import { escapeHtml } from './html-text';
import { accessSentences, deviceOf, replicasOf, requestOf, serverOf } from './phrases';
import { poolsFor } from './placement';
import type { PlatformSummary, StackSummary } from './platform-summary';
import type { PoolSummary } from './pools';
import type { NamedVersions, ServedModel, ServiceSummary } from './services';
import type { StoreSummary } from './stores';
import { count, enumerate, named } from './words';

/** Nodes kept and at most by pool, with their price where it is known. */
export function nodesTable(cost: CostSummary): string {
  if (cost.pools.length === 0) {
    return '<p>The program creates no pools.</p>';
  }
  const columns: Column[] = [
    { head: 'Pool' },
    { head: 'One node' },
    { head: 'Taints' },
    { head: 'Kept', number: true },
    { head: 'At most', number: true },
    { head: 'USD an hour', number: true },
  ];
  const partial = cost.usdPerHour !== undefined && cost.unpriced.length > 0;
  const without = partial ? `<br><span class="note">without ${count(cost.unpriced.length, 'pool')}</span>` : '';
  const priced = cost.usdPerHour === undefined ? 'not known' : renderRange(cost.usdPerHour, renderUsd);
  const total = ['Together', '', '', String(cost.nodes.min), String(cost.nodes.max), `${escapeHtml(priced)}${without}`];
  const spot = cost.pools.some(({ pool }) => pool.spot && pool.usdPerHour !== undefined);
  const notes = [
    cost.note,
    ...(cost.unpriced.length === 0
      ? []
      : [`Not in the sum, since the list price is not known here: ${named(cost.unpriced, 'pool')}.`]),
    ...(spot ? ['Spot nodes are counted at the list price and cost less.'] : []),
    ...cost.pools
      .filter(({ nodes }) => nodes === undefined)
      .map(({ pool }) => `The number of nodes of pool ${pool.name} is known only when it is deployed.`),
  ];
  return `${table(columns, cost.pools.map(poolRow), total)}\n${notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`).join('\n')}`;
}

function poolRow({ pool, nodes, usdPerHour }: PoolCost): string[] {
  const tags = [
    ...(pool.system ? [tag('system')] : []),
    ...(pool.spot ? [tag('Spot', 'spot')] : []),
    ...(pool.mig === undefined ? [] : [tag(pool.mig, 'gpu')]),
  ];
  const device = deviceOf(pool.accelerator);
  const bound = (end: keyof Range) => escapeHtml(nodes === undefined ? '?' : String(nodes[end]));
  return [
    `<b>${escapeHtml(pool.name)}</b> ${tags.join('')}`,
    `${code(pool.vmSize)}${device === undefined ? '' : `<br>${tag(device, 'gpu')}`}`,
    pool.taints.map(code).join('<br>'),
    bound('min'),
    bound('max'),
    usdPerHour === undefined ? 'not known' : escapeHtml(renderRange(usdPerHour, renderUsd)),
  ];
}

/** One block a service: where it runs, and what it serves. */
export function serviceArticles({ services, clusters }: PlatformSummary): string {
  const pools = clusters.flatMap((cluster) => cluster.pools);
  return services.map((service) => serviceArticle(service, pools)).join('\n');
}

function serviceArticle(service: ServiceSummary, pools: readonly PoolSummary[]): string {
  const { namespace, pool, image, scriptImage } = service;
  const where = [
    serverOf(service),
    replicasOf(service),
    ...service.devices.map((device) => `${requestOf(device)} each`),
    pool === undefined ? 'on any pool' : `on pool ${pool}`,
    namespace === undefined ? undefined : `in namespace ${namespace}`,
    `from stack ${service.stack}`,
  ].filter((part) => part !== undefined);
  const access = [...accessSentences(service), ...routerSentence(service, pools)].join(' ');
  // the containers as kubectl asks for them, in the order in which a call passes them
  const images =
    scriptImage === undefined
      ? code(image)
      : `container scoring: ${code(scriptImage)}<br>container ${escapeHtml(service.component ?? 'server')}: ${code(image)}`;
  const models = service.models.length === 0 ? '' : `\n<ul>\n${service.models.map(modelItem).join('\n')}\n</ul>`;
  return `<div class="service">
<h3>${escapeHtml(service.name)}</h3>
<p class="where">${escapeHtml(where.join(', '))}<br>${images}</p>${access === '' ? '' : `\n<p>${escapeHtml(access)}</p>`}${models}
</div>`;
}

/** How many routers find a free replica, and where they run. */
function routerSentence({ routers }: ServiceSummary, pools: readonly PoolSummary[]): string[] {
  if (routers === undefined) {
    return [];
  }
  const number = routers.replicas === undefined ? 'Routers' : count(routers.replicas, 'router');
  const own = poolsFor(routers, pools).map(({ name }) => name);
  const where = routers.pool ?? enumerate(own);
  const place = where === '' ? 'on nodes without accelerators' : `on ${own.length > 1 ? 'pools' : 'pool'} ${where}`;
  return [`${number} ${place} ${routers.replicas === 1 ? 'finds' : 'find'} a free replica for each call.`];
}

function modelItem(model: ServedModel): string {
  const tags = Object.entries(model.tags).map(([name, value]) => tag(`${name}: ${value}`));
  const description = model.description === undefined ? '' : `<p>${escapeHtml(model.description)}</p>`;
  const holds = model.holds.length === 0 ? '' : `<p>holds ${model.holds.map(withVersions).join('; ')}</p>`;
  return `<li>model ${withVersions(model)}${description}${holds}${tags.join('')}</li>`;
}

function withVersions({ name, versions }: NamedVersions): string {
  const listed = versions.length === 0 ? '' : `, ${named(versions.map(String), 'version')}`;
  return `<b>${escapeHtml(name)}</b>${escapeHtml(listed)}`;
}

/** What keeps something, with the names that Azure knows it by. */
export function storesTable(stores: readonly StoreSummary[]): string {
  const columns = [{ head: 'Store' }, { head: 'Kind' }, { head: 'Name in Azure' }, { head: 'Stack' }];
  const rows = stores.map(({ title, kind, name, stack }) => [
    `<b>${escapeHtml(title)}</b>`,
    escapeHtml(kind),
    code(name),
    escapeHtml(stack),
  ]);
  return rows.length === 0 ? '<p>The program creates no stores.</p>' : table(columns, rows);
}

/** Every role assignment, the rights of one holder together. */
export function grantsTable(grants: readonly Grant[]): string {
  if (grants.length === 0) {
    return '<p>The program assigns no roles.</p>';
  }
  const holders = grouped(grants, ({ actors }) => enumerate(actors.map(({ label }) => label)));
  const body = [...holders].flatMap(([who, rights]) => {
    const places = [...grouped(rights, ({ target }) => targetPhrase(target))];
    const head = `<td rowspan="${places.length}"><b>${escapeHtml(who)}</b>${identityLine(rights[0])}</td>`;
    return places.map(([place, roles], index) => {
      const cells = [roles.map(({ role }) => escapeHtml(role)).join('<br>'), escapeHtml(place)];
      return `<tr>${index === 0 ? head : ''}${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
    });
  });
  return (
    '<div class="scroll"><table class="grants">\n<thead><tr><th>Who</th><th>Role</th><th>Where</th></tr></thead>\n' +
    `<tbody>\n${body.join('\n')}\n</tbody>\n</table></div>`
  );
}

function identityLine(grant: Grant | undefined): string {
  return grant?.identityPath === undefined ? '' : `<br>${code(`identity ${grant.identityPath}`)}`;
}

function targetPhrase({ kind, name, parent }: Target): string {
  return `${kind} ${name}${parent === undefined ? '' : ` of ${targetPhrase(parent)}`}`;
}

/** All resources, closed until a reader wants them. */
export function resourceDetails(stacks: readonly StackSummary[]): string {
  const columns = [{ head: 'Resource' }, { head: 'Name' }, { head: 'Construct' }, { head: 'What it is for' }];
  return stacks
    .map(({ name, purpose, resources }) => {
      const rows = resources.map((resource) => [
        `${escapeHtml(resource.kind)}<br>${code(resource.type)}`,
        escapeHtml(resource.name),
        code(resource.path),
        escapeHtml(resource.purpose),
      ]);
      const head = `<b>${escapeHtml(name)}</b><span>${escapeHtml(`${count(rows.length, 'resource')}: ${purpose}`)}</span>`;
      return `<details>\n<summary>${head}</summary>\n${table(columns, rows)}\n</details>`;
    })
    .join('\n');
}
