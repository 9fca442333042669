// Writes the constants of VmSize from vm-sizes.json, between the two marks in ../vm-size.ts:
//   node src/azure/catalogue/generate.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const DATA = new URL('vm-sizes.json', import.meta.url);
const CLASS = new URL('../vm-size.ts', import.meta.url);
const MARKS = /( *\/\/ begin of the generated constants\n)[\s\S]*?( *\/\/ end of the generated constants\n)/;

const SHARES = new Map([
  [0.125, 'An eighth of one'],
  [0.1667, 'A sixth of one'],
  [0.25, 'A quarter of one'],
  [0.3333, 'A third of one'],
  [0.5, 'Half of one'],
  [1, 'One'],
  [2, 'Two'],
  [4, 'Four'],
  [8, 'Eight'],
]);

/** The sizes that get a constant: those that AKS can run, as far as Azure's documentation says. */
export function constantSizes(sizes) {
  const available = sizes.filter(({ status, aksSupported }) => status === 'available' && aksSupported !== false);
  return [
    ...available,
    ...sizes.filter(({ status, accelerator }) => status === 'retiring' && accelerator?.kind === 'fpga'),
  ];
}

/** Name of the constant: `Standard_NC24ads_A100_v4` is `NC24ADS_A100_V4`. */
export function constantName({ name }) {
  return name.replace(/^Standard_/, '').toUpperCase();
}

/** What the constant's doc says. */
export function constantDoc({ vcpus, memoryGiB, accelerator, retirementDate, cpuArchitecture }) {
  const host = `${vcpus} vCPUs, ${memoryGiB} GiB${cpuArchitecture === 'arm64' ? ', Arm64' : ''}`;
  const retires = retirementDate === undefined ? '' : ` Retired on ${retirementDate}.`;
  if (accelerator === undefined) {
    return `${host}.${retires}`;
  }
  const { count, vendor, model, memoryGiBEach } = accelerator;
  return `${SHARES.get(count)} ${vendor} ${model} (${memoryGiBEach} GiB each), ${host}.${retires}`;
}

/** The text between the marks. */
export function constants(sizes) {
  return constantSizes(sizes)
    .map(
      (size) =>
        `  /** ${constantDoc(size)} */\n` +
        `  public static readonly ${constantName(size)} = VmSize.named('${size.name}');\n`,
    )
    .join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { sizes } = JSON.parse(readFileSync(DATA, 'utf8'));
  const source = readFileSync(CLASS, 'utf8');
  writeFileSync(
    CLASS,
    source.replace(MARKS, (_, begin, end) => `${begin}${constants(sizes)}${end}`),
  );
}
