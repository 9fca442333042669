import type { Attributes, Edge, Graph, Node, Subgraph } from '@viz-js/viz' with { 'resolution-mode': 'import' };
import { escapeHtml } from './html-text';
import { type Box, type ClusterFrame, type PicturePlan, type PoolFrame, planPicture } from './picture-plan';
import type { PlatformSummary } from './platform-summary';

/** Graphviz knows how wide the letters of this font are; the ones that stand in for it in a browser are as wide. */
const FONT = 'Arial';
const FONT_FAMILY = "Arial, Helvetica, 'Liberation Sans', sans-serif";

/** Keeps labels legible where an arrow runs beneath them. */
const HALO = '<style>.edge text{paint-order:stroke;stroke:#f8fafc;stroke-width:4px;stroke-linejoin:round}</style>';

const INK = '#1f2d3d';
const FAINT = '#5a6b7d';

/** Fill and border of each kind of box. */
const COLORS = {
  group: { fill: '#f8fafc', border: '#d3dce6' },
  cluster: { fill: '#edf3fa', border: '#a9c0d9' },
  pool: { fill: '#ffffff', border: '#b6c5d5' },
  acceleratedPool: { fill: '#eef7ee', border: '#6fa876' },
  service: { fill: '#ffffff', border: '#2f6ba8' },
  actor: { fill: '#f4effa', border: '#9a83c2' },
  store: { fill: '#fff8ea', border: '#d4ad62' },
  vault: { fill: '#fdf1ef', border: '#d29a8f' },
};

/** The least width of a text in points: boxes of one column look tidy when they are as wide. */
const WIDTHS: { readonly [kind: string]: number } = { store: 150, vault: 150, service: 120, actor: 150 };

/**
 * Draws the platform: pools with the services on them, stores, and an arrow for every right between them.
 *
 * @returns an SVG element to put into a page
 */
export async function drawPicture(summary: PlatformSummary): Promise<string> {
  const plan = planPicture(summary);
  // an ES module, which this CommonJS package can only load so
  const { instance } = await import('@viz-js/viz');
  const viz = await instance();
  const svg = viz.renderString(graphOf(plan, summary), { format: 'svg', engine: 'dot' });
  return embeddable(svg, `Picture of the platform ${summary.title}`);
}

/** Gives boxes names that stay out of the way of Graphviz's syntax. */
class Names {
  private readonly names = new Map<string, string>();

  public of(key: string): string {
    const name = this.names.get(key) ?? `n${this.names.size}`;
    this.names.set(key, name);
    return name;
  }
}

function graphOf(plan: PicturePlan, summary: PlatformSummary): Graph {
  const names = new Names();
  const anchors = new Map(plan.clusters.map((cluster) => [cluster.key, anchorOf(cluster, names)]));
  const content: Subgraph = {
    subgraphs: [
      ...plan.clusters.map((cluster) => clusterFrame(cluster, names)),
      { nodes: plan.actors.map((box) => node(box, names, 'actor')) },
      { graphAttributes: { rank: 'same' }, nodes: plan.stores.map((box) => storeNode(box, names)) },
    ],
  };
  const group = summary.resourceGroups.length === 1 ? summary.resourceGroups[0] : undefined;
  const frame: Subgraph = {
    ...content,
    name: 'cluster_group',
    graphAttributes: {
      ...frameStyle('group'),
      label: frameLabel({
        title: [`resource group ${group}`, ...summary.locations].join(', '),
        lines: plan.remarks.map((remark) => remark.replace(`, on all of ${group}:`, ' has, on all of it:')),
      }),
      margin: 18,
    },
  };
  return {
    directed: true,
    graphAttributes: {
      rankdir: 'LR',
      compound: true,
      newrank: true,
      nodesep: 0.22,
      ranksep: 0.5,
      pad: 0.1,
      fontname: FONT,
      bgcolor: 'transparent',
    },
    nodeAttributes: { shape: 'box', style: 'rounded,filled', fontname: FONT, margin: '0.14,0.08', penwidth: 1.2 },
    edgeAttributes: { fontname: FONT, fontsize: 11, fontcolor: FAINT, color: '#7d8fa3', arrowsize: 0.7, penwidth: 1.2 },
    subgraphs: [group === undefined ? content : frame],
    edges: [...rightEdges(plan, names, anchors), ...columnEdges(plan, names, anchors)],
  };
}

function rightEdges(plan: PicturePlan, names: Names, anchors: ReadonlyMap<string, string>): Edge[] {
  return plan.arrows.map(({ from, to, roles, who }) => {
    const anchor = anchors.get(from);
    const text = who === undefined ? roles : [`${who}: ${roles[0]}`, ...roles.slice(1)];
    return {
      tail: anchor ?? names.of(from),
      head: names.of(to),
      attributes: {
        // the room around it keeps the label off the arrow
        label: {
          html: `<TABLE BORDER="0" CELLPADDING="4"><TR><TD>${text.map(escapeHtml).join('<BR/>')}</TD></TR></TABLE>`,
        },
        weight: 4,
        ...(anchor === undefined ? {} : { ltail: `cluster_${names.of(from)}` }),
      },
    };
  });
}

/** Where nobody has a right on a store, something else must keep the stores beside the cluster. */
function columnEdges(plan: PicturePlan, names: Names, anchors: ReadonlyMap<string, string>): Edge[] {
  const [tail] = [...anchors.values(), ...plan.actors.map(({ key }) => names.of(key))];
  const [store] = plan.stores;
  const drawn = new Set(plan.stores.map(({ key }) => key));
  return tail === undefined || store === undefined || plan.arrows.some(({ to }) => drawn.has(to))
    ? []
    : [{ tail, head: names.of(store.key), attributes: { style: 'invis' } }];
}

function clusterFrame(cluster: ClusterFrame, names: Names): Subgraph {
  return {
    name: `cluster_${names.of(cluster.key)}`,
    graphAttributes: { ...frameStyle('cluster'), label: frameLabel(cluster), margin: 14 },
    nodes: [
      ...cluster.services.map((box) => serviceNode(box, names)),
      { name: anchorOf(cluster, names), attributes: { shape: 'point', style: 'invis', width: 0.01, height: 0.01 } },
    ],
    subgraphs: cluster.pools.map((pool) => poolFrame(pool, names)),
  };
}

function poolFrame(pool: PoolFrame, names: Names): Subgraph {
  const empty = { key: `${pool.key}/empty`, title: '', lines: ['no service of this program'] };
  const boxes = pool.services.length > 0 ? pool.services : [empty];
  return {
    name: `cluster_${names.of(pool.key)}`,
    graphAttributes: {
      ...frameStyle(pool.accelerated ? 'acceleratedPool' : 'pool'),
      label: frameLabel(pool),
      margin: 10,
    },
    nodes: boxes.map((box) => serviceNode(box, names)),
  };
}

/** An arrow from a cluster starts at a point in it and is cut off at the frame. */
function anchorOf(cluster: ClusterFrame, names: Names): string {
  return names.of(`${cluster.key}/anchor`);
}

function serviceNode(box: Box, names: Names): Node {
  return box.title === '' ? remark(box, names) : node(box, names, 'service');
}

function storeNode(box: Box, names: Names): Node {
  return node(box, names, box.type === 'azurerm_key_vault' ? 'vault' : 'store');
}

function node(box: Box, names: Names, kind: keyof typeof COLORS): Node {
  const { fill, border } = COLORS[kind];
  return { name: names.of(box.key), attributes: { label: label(box, WIDTHS[kind]), fillcolor: fill, color: border } };
}

/** Words without a box around them. */
function remark(box: Box, names: Names): Node {
  return {
    name: names.of(box.key),
    attributes: { label: label(box), shape: 'plaintext', style: 'solid', margin: 0, height: 0 },
  };
}

/** A title needs air between it and the border of its frame. */
function frameLabel(box: Pick<Box, 'title' | 'lines'>): { html: string } {
  return { html: label(box).html.replace('<TR>', '<TR><TD HEIGHT="2"></TD></TR><TR>') };
}

function frameStyle(kind: keyof typeof COLORS): Attributes {
  const { fill, border } = COLORS[kind];
  return { style: 'rounded', bgcolor: fill, color: border, labeljust: 'l', fontname: FONT };
}

/** A title with smaller lines below it. */
function label({ title, lines }: Pick<Box, 'title' | 'lines'>, width = 0): { html: string } {
  const rows = [
    ...(title === '' ? [] : [`<FONT POINT-SIZE="13" COLOR="${INK}"><B>${escapeHtml(title)}</B></FONT>`]),
    ...lines.map((line) => `<FONT POINT-SIZE="11" COLOR="${FAINT}">${escapeHtml(line)}</FONT>`),
  ];
  const cells = rows.map((row) => `<TR><TD ALIGN="LEFT">${row}</TD></TR>`).join('');
  return { html: `<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1" WIDTH="${width}">${cells}</TABLE>` };
}

/** Graphviz writes a document for itself; a page needs the element, that scales, and without tool tips like `n7`. */
function embeddable(svg: string, title: string): string {
  return (
    svg
      .slice(svg.indexOf('<svg'))
      .replaceAll(/<!--[\s\S]*?-->\n?/g, '')
      .replaceAll(/<title>[^<]*<\/title>\n?/g, '')
      .replaceAll(/ id="[^"]*"/g, '')
      .replaceAll(/ font-family="[^"]*"/g, '')
      // written so for the sake of the comments that are gone
      .replaceAll('&#45;', '-')
      .replace(/^<svg width="(\d+)pt" height="(\d+)pt"/, (_, width: string) => {
        // larger than this, the letters of a small platform would shout
        const most = Math.round(Number(width) * 1.3);
        return `<svg role="img" aria-label="${escapeHtml(title)}" style="max-width:${most}px;font-family:${escapeHtml(FONT_FAMILY)}"`;
      })
      .replace('>', `>${HALO}`)
      .trim()
  );
}
