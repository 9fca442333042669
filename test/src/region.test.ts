import { Lazy } from 'cdktf';
import { expect, test } from 'vitest';
import { nearestRegions, regionWarning } from '../../src/azure/region';

test('the nearest regions come nearest first', () => {
  expect(nearestRegions('uksouth', ['eastus', 'westeurope', 'japaneast', 'northeurope'])).toEqual([
    'westeurope',
    'northeurope',
    'eastus',
  ]);
});

test('a region is nearest to itself, however the date line lies', () => {
  expect(nearestRegions('newzealandnorth', ['westus2', 'australiaeast', 'newzealandnorth'], 2)).toEqual([
    'newzealandnorth',
    'australiaeast',
  ]);
});

test('where nobody knows the place of a region, the list keeps its order', () => {
  expect(nearestRegions('marsnorth', ['westus', 'eastus'], 1)).toEqual(['westus']);
  expect(nearestRegions('westus', ['marsnorth', 'eastus'], 2)).toEqual(['eastus', 'marsnorth']);
});

test('a name that no region has is doubted, with the one that is meant', () => {
  expect(regionWarning('West Eurpe')).toBe(
    "no region of Azure was called 'westeurpe' on 2026-11-21; did you mean 'westeurope'?",
  );
  expect(regionWarning('Mars')).toBe("no region of Azure was called 'mars' on 2026-11-21");
  expect(regionWarning('West Europe')).toBeUndefined();
  expect(regionWarning(Lazy.stringValue({ produce: () => 'mars' }))).toBeUndefined();
});
