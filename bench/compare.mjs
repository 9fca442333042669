// Whether two programs make the same: stacks, order of deployment, blocks, arguments.
//
// Left out is what differs by construction: logical ids, where the copy of the model lies and its hash, the hash at the end
// of a config map's name, the keys under which a pause lists what it waits for, the name that a pool bears while its nodes
// are replaced.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Kinds of blocks with what stands before their addresses, `type.id` of a resource and `data.type.id` of a data source. */
const KINDS = { resource: '', data: 'data.', ephemeral: 'ephemeral.' };

/** The addresses as references write them. */
const ADDRESS = /\b(?:data\.|ephemeral\.)?[a-z]\w*\.[A-Za-z_][\w-]*/g;

/** Lists whose order says nothing. */
const UNORDERED = new Set(['depends_on', 'triggers']);

/** What only one of two outputs says, a line for each fact; nothing when they agree. */
export function differences(left, right) {
  const surplus = new Map();
  for (const [output, step] of [
    [left, 1],
    [right, -1],
  ]) {
    for (const fact of stacksOf(output.folder).flatMap(factsOf)) {
      surplus.set(fact, (surplus.get(fact) ?? 0) + step);
    }
  }
  return [...surplus]
    .filter(([, count]) => count !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([fact, count]) => `only ${(count > 0 ? left : right).label}: ${fact}`);
}

/** Number of resources by stack. */
export function resourceCounts(folder) {
  return Object.fromEntries(
    stacksOf(folder).map(({ name, configuration }) => {
      const types = Object.values(configuration.resource ?? {});
      return [name, types.reduce((sum, blocks) => sum + Object.keys(blocks).length, 0)];
    }),
  );
}

function stacksOf(folder) {
  const { stacks } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  return Object.values(stacks).map(({ name, dependencies, synthesizedStackPath }) => ({
    name,
    dependencies,
    configuration: JSON.parse(readFileSync(join(folder, synthesizedStackPath), 'utf8')),
  }));
}

function factsOf({ name: stack, dependencies, configuration }) {
  const blocks = blocksOf(configuration);
  const hashes = assetHashes(configuration);
  const facts = [`${stack}: deployed after ${[...dependencies].sort().join(', ') || 'nothing'}`];
  const dataFacts = new Set();
  for (const block of blocks.values()) {
    // a program may read the same data once or several times
    const add = (fact) => (block.kind === 'data' ? dataFacts.add(fact) : facts.push(fact));
    const identity = `${stack}: ${identityOf(block)}`;
    for (const line of ['exists', ...flatten(normalize(block.values))]) {
      add(`${identity}: ${line}`);
    }
  }
  for (const section of ['provider', 'output', 'terraform']) {
    facts.push(...flatten(normalize(configuration[section] ?? {})).map((line) => `${stack}: ${section}: ${line}`));
  }
  return [...facts, ...dataFacts];

  /** What a block is, whatever its logical id: its name, or a digest of all that it says where it has none. */
  function identityOf({ kind, type, values }) {
    const name = values.name ?? values.metadata?.name;
    const digest = () =>
      createHash('sha256')
        .update(flatten(normalize(values)).sort().join('\n'))
        .digest('hex');
    return `${KINDS[kind]}${type}(${name === undefined ? digest().slice(0, 8) : normalize(name)})`;
  }

  function normalize(value) {
    if (typeof value === 'string') {
      return normalizeText(value);
    }
    if (Array.isArray(value)) {
      return value.map(normalize);
    }
    if (value === null || typeof value !== 'object') {
      return value;
    }
    const entries = Object.entries(value).filter(([name]) => name !== '//');
    return Object.fromEntries(
      entries.map(([name, item]) => [name, UNORDERED.has(name) ? normalize(item).sort() : normalize(item)]),
    );
  }

  function normalizeText(text) {
    return hashes
      .reduce((result, hash) => result.replaceAll(hash, '<hash>'), text)
      .replace(/^assets\/.*\//, 'assets/<copy>/')
      .replaceAll(ADDRESS, (address) => (blocks.has(address) ? identityOf(blocks.get(address)) : address));
  }
}

/** Resources, data sources and ephemeral values by address, with the arguments that are to be compared. */
function blocksOf(configuration) {
  const blocks = new Map();
  for (const [kind, prefix] of Object.entries(KINDS)) {
    for (const [type, named] of Object.entries(configuration[kind] ?? {})) {
      for (const [id, values] of Object.entries(named)) {
        blocks.set(`${prefix}${type}.${id}`, { kind, type, values: comparedArguments(values) });
      }
    }
  }
  return blocks;
}

function comparedArguments({
  '//': _,
  temporary_name_for_rotation: rotation,
  node_labels: labels,
  triggers,
  metadata,
  ...rest
}) {
  const hashed = rest.immutable === true && typeof metadata?.name === 'string';
  return {
    ...rest,
    ...(metadata === undefined ? {} : { metadata }),
    ...(hashed ? { metadata: { ...metadata, name: metadata.name.replace(/-[0-9a-f]{8}$/, '-<hash>') } } : {}),
    ...(rotation === undefined ? {} : { temporary_name_for_rotation: '<any>' }),
    // a pool with an empty map of labels is one without
    ...(labels === undefined || Object.keys(labels).length === 0 ? {} : { node_labels: labels }),
    ...(triggers === undefined ? {} : { triggers: Object.values(triggers) }),
  };
}

/** The hashes in the paths of copied files, which every program makes in its own way. */
function assetHashes(configuration) {
  const paths = JSON.stringify(configuration).matchAll(/"assets\/[^/"]+\/([^/"]+)/g);
  return [...new Set([...paths].map(([, hash]) => hash))];
}

function flatten(value, path = '') {
  if (typeof value === 'string') {
    const parts = partsOf(value, path);
    // their order and spaces are in the digest
    const digest = `${path}: SHA-256 ${createHash('sha256').update(value).digest('hex')}`;
    return parts === undefined ? [`${path} = ${JSON.stringify(value)}`] : [...parts, digest];
  }
  if (value === null || typeof value !== 'object' || Object.keys(value).length === 0) {
    return [`${path} = ${JSON.stringify(value)}`];
  }
  return Object.entries(value).flatMap(([name, item]) => flatten(item, path === '' ? name : `${path}.${name}`));
}

/** The lines of a file, or the members of JSON within a string: a difference shall not show all of it. */
function partsOf(text, path) {
  if (text.includes('\n')) {
    return text.split('\n').map((line) => `${path}: ${line}`);
  }
  if (!/^[{[]/.test(text)) {
    return undefined;
  }
  try {
    return flatten(JSON.parse(text), path);
  } catch {
    return undefined;
  }
}
