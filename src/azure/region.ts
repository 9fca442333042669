import { Token } from 'cdktf';
import { didYouMean } from '../spelling';
import { CATALOGUE_DATE } from './catalogue/catalogue';
import { normalizeLocation } from './location';

/**
 * Regions of Azure with latitude and longitude in degrees, as its Subscriptions API lists them.
 *
 * @see https://learn.microsoft.com/rest/api/resources/subscriptions/list-locations
 */
const REGIONS: { readonly [name: string]: readonly [latitude: number, longitude: number] } = {
  australiacentral: [-35.3, 149.1],
  australiacentral2: [-35.3, 149.1],
  australiaeast: [-33.9, 151.2],
  australiasoutheast: [-37.8, 145],
  austriaeast: [48.2, 16.4],
  belgiumcentral: [50.9, 4.4],
  brazilsouth: [-23.6, -46.6],
  brazilsoutheast: [-22.9, -43.2],
  canadacentral: [43.7, -79.4],
  canadaeast: [46.8, -71.2],
  centralindia: [18.6, 73.9],
  centralus: [41.6, -93.6],
  chilecentral: [-33.4, -70.7],
  denmarkeast: [55.7, 12.6],
  eastasia: [22.3, 114.2],
  eastus: [37.4, -79.8],
  eastus2: [36.7, -78.4],
  francecentral: [46.4, 2.4],
  francesouth: [43.8, 2.2],
  germanynorth: [53.1, 8.8],
  germanywestcentral: [50.1, 8.7],
  indonesiacentral: [-6.2, 106.8],
  israelcentral: [32.1, 34.7],
  italynorth: [45.5, 9.2],
  japaneast: [35.7, 139.8],
  japanwest: [34.7, 135.5],
  jioindiacentral: [21.1, 79.1],
  jioindiawest: [22.5, 70.1],
  koreacentral: [37.6, 127],
  koreasouth: [35.2, 129.1],
  malaysiawest: [3.1, 101.7],
  mexicocentral: [20.6, -100.4],
  newzealandnorth: [-36.9, 174.8],
  northcentralus: [41.9, -87.6],
  northeurope: [53.3, -6.3],
  norwayeast: [59.9, 10.8],
  norwaywest: [59, 5.7],
  polandcentral: [52.2, 21],
  qatarcentral: [25.6, 51.4],
  southafricanorth: [-25.7, 28.2],
  southafricawest: [-34.1, 18.8],
  southcentralus: [29.4, -98.5],
  southeastasia: [1.3, 103.8],
  southindia: [13, 80.2],
  spaincentral: [40.4, -3.7],
  swedencentral: [60.7, 17.1],
  switzerlandnorth: [47.5, 8.6],
  switzerlandwest: [46.2, 6.1],
  uaecentral: [24.5, 54.4],
  uaenorth: [25.3, 55.3],
  uksouth: [50.9, -0.8],
  ukwest: [53.4, -3.1],
  westcentralus: [40.9, -110.2],
  westeurope: [52.4, 4.9],
  westindia: [19.1, 72.9],
  westus: [37.8, -122.4],
  westus2: [47.2, -119.9],
  westus3: [33.4, -112.1],
};

/** Names of the regions whose place is known. */
export const REGION_NAMES: readonly string[] = Object.keys(REGIONS);

/** What is doubtful about the name of a region; nothing where it is known, or known only to Terraform. */
export function regionWarning(location: string): string | undefined {
  const region = normalizeLocation(location);
  if (Token.isUnresolved(region) || region in REGIONS) {
    return undefined;
  }
  return `no region of Azure was called '${region}' on ${CATALOGUE_DATE}${didYouMean(region, REGION_NAMES)}`;
}

/**
 * The regions of a list that lie nearest to one, the nearest first.
 *
 * @param region where to measure from; the list keeps its order where the place of the region is not known
 */
export function nearestRegions(region: string, candidates: readonly string[], count = 3): string[] {
  const here = REGIONS[region];
  if (here === undefined) {
    return candidates.slice(0, count);
  }
  const distance = (candidate: string) => {
    const there = REGIONS[candidate];
    return there === undefined ? Number.POSITIVE_INFINITY : angleBetween(here, there);
  };
  return [...candidates].sort((a, b) => distance(a) - distance(b)).slice(0, count);
}

/** The angle between two places as seen from the middle of the earth, which orders distances as kilometres do. */
function angleBetween(a: readonly [number, number], b: readonly [number, number]): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const [latitudeA, latitudeB] = [radians(a[0]), radians(b[0])];
  const cosine =
    Math.sin(latitudeA) * Math.sin(latitudeB) +
    Math.cos(latitudeA) * Math.cos(latitudeB) * Math.cos(radians(a[1] - b[1]));
  return Math.acos(Math.min(1, Math.max(-1, cosine)));
}
