import { Token } from 'cdktf';
import { CATALOGUE_DATE, CATALOGUE_PRICES } from './catalogue/catalogue';
import { GpuDriver } from './gpu-driver';
import { normalizeLocation } from './location';
import { nearestRegions } from './region';
import type { VmSize } from './vm-size';
import { AcceleratorKind, VmSizeStatus } from './vm-size-spec';

/** What keeps Azure from making a machine of a size anywhere: nobody knows the size, or it is retired. */
export function existenceProblems(size: VmSize): string[] {
  if (size.status === VmSizeStatus.UNKNOWN) {
    const guess = size.nearest === undefined ? '' : `, and '${size.nearest}' is the nearest it has`;
    return [
      `the catalogue of ${CATALOGUE_DATE} has no size '${size.name}'${guess}; describe a newer one with VmSize.of`,
    ];
  }
  if (size.status === VmSizeStatus.RETIRED) {
    const when = size.retirementDate === undefined ? '' : ` on ${size.retirementDate}`;
    return [`Azure retired the size ${size.name}${modelOf(size)}${when}; ${size.successor} succeeds it`];
  }
  return [];
}

/** What keeps AKS from making a pool of a size in a region. */
export function sizeProblems(size: VmSize, location: string, driver?: GpuDriver): string[] {
  const gone = existenceProblems(size);
  if (gone.length > 0) {
    return gone;
  }
  const region = normalizeLocation(location);
  return [
    ...(size.documentedRegions && isElsewhere(size, region)
      ? [
          `Azure has the size ${size.name} only in ${size.regions?.join(', ')}; got '${location}'; the nearest is ` +
            `${nearest(size, region)}`,
        ]
      : []),
    ...(size.aksSupported === false && size.gpusPerNode > 0 && driver !== GpuDriver.NONE
      ? [
          `AKS does not support the size ${size.name} and installs no driver on it; give GpuDriver.NONE and bring the ` +
            'driver, or choose a size that AKS supports',
        ]
      : []),
  ];
}

/** What may keep AKS from making a pool of a size in a region, now or later. */
export function sizeWarnings(size: VmSize, location: string): string[] {
  if (existenceProblems(size).length > 0) {
    return [];
  }
  const region = normalizeLocation(location);
  return [
    ...(size.status === VmSizeStatus.RETIRING
      ? [
          `Azure retires the size ${size.name} on ${size.retirementDate}, as of ${CATALOGUE_DATE}; ${size.successor} ` +
            'succeeds it',
        ]
      : []),
    ...(!size.documentedRegions && isElsewhere(size, region)
      ? [
          `the size ${size.name} had no price in '${region}' on ${CATALOGUE_PRICES.asOf}, so Azure may not sell it there; ` +
            `the nearest regions that have it are ${nearest(size, region)}`,
        ]
      : []),
    ...(size.aksSupported === undefined && size.accelerator !== undefined
      ? [`Azure's documentation did not say on ${CATALOGUE_DATE} whether AKS supports the size ${size.name}`]
      : []),
    ...(size.aksSupported === false
      ? [`AKS does not support the size ${size.name}: it runs on it, and nobody answers for it`]
      : []),
  ];
}

function isElsewhere(size: VmSize, region: string): boolean {
  return !Token.isUnresolved(region) && size.regions !== undefined && !size.regions.includes(region);
}

function nearest(size: VmSize, region: string): string {
  return nearestRegions(region, size.regions ?? [], size.documentedRegions ? 1 : 3).join(', ');
}

function modelOf(size: VmSize): string {
  const { accelerator } = size;
  if (accelerator === undefined) {
    return '';
  }
  return ` (${accelerator.model}${accelerator.kind === AcceleratorKind.GPU ? '' : ` ${accelerator.kind.toUpperCase()}`})`;
}
