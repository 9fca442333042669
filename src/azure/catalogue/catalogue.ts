import data from './vm-sizes.json';

/** One size as the data file has it; what is not known, or does not apply, is left out. */
export interface CatalogueRow {
  readonly name: string;
  readonly family: string;
  readonly vcpus?: number;
  readonly memoryGiB?: number;
  readonly accelerator?: {
    readonly kind: string;
    readonly vendor: string;
    readonly model: string;
    readonly count?: number;
    readonly memoryGiBEach?: number;
    readonly architecture?: string;
    readonly computeCapability?: number;
    readonly mig?: boolean;
  };
  readonly cpuArchitecture?: string;
  readonly localDiskGiB?: number;
  /** Whether AKS supports the size; left out where Azure's documentation does not say. */
  readonly aksSupported?: boolean;
  readonly nodeOs?: readonly string[];
  readonly aksDriver?: string;
  readonly status: string;
  readonly retirementDate?: string;
  readonly successor?: string;
  /** Key of a list of regions with a price. */
  readonly regions?: string;
  /** Whether Azure documents the list of regions, so that another one is a mistake and no mere doubt. */
  readonly documentedRegions?: boolean;
  readonly usdPerHour?: number;
  /** Indexes into the list of sources. */
  readonly sources: readonly number[];
}

/** The day on which everything in the catalogue but prices was read. */
export const CATALOGUE_DATE: string = data.asOf;

/** Where and when the prices of the catalogue held. */
export const CATALOGUE_PRICES: { readonly region: string; readonly asOf: string } = data.prices;

/** Every size that the catalogue knows, CPU sizes first. */
export const CATALOGUE: readonly CatalogueRow[] = data.sizes;

/** The regions in which a size has a price; nothing where no list is known. */
export function regionsOf(row: CatalogueRow): readonly string[] | undefined {
  const lists: { readonly [key: string]: readonly string[] } = data.regionLists;
  return row.regions === undefined ? undefined : lists[row.regions];
}

/** The documents that the figures of a size come from. */
export function sourcesOf(row: CatalogueRow): readonly string[] {
  return row.sources.flatMap((index) => data.sources[index] ?? []);
}
