import { InvalidArgumentError } from 'commander';
import { CATALOGUE_DATE } from '../azure/catalogue/catalogue';
import { normalizeLocation } from '../azure/location';
import { MigProfile } from '../azure/mig-profile';
import { REGION_NAMES } from '../azure/region';
import { VmSize } from '../azure/vm-size';
import { nearestSpelling } from '../spelling';
import { GPU_WORDS, isGpu, matchesModel } from './gpu-model';

/** Reads a number above 0. */
export function positive(text: string): number {
  const value = numberIn(text);
  if (value === undefined || value <= 0) {
    throw new InvalidArgumentError('Give a number above 0.');
  }
  return value;
}

/** Reads a percentage. */
export function percentage(text: string): number {
  const value = numberIn(text);
  if (value === undefined || value < 1 || value > 100) {
    throw new InvalidArgumentError('Give a number from 1 to 100.');
  }
  return value;
}

/** Reads a whole number from a least one up. */
export function wholeFrom(least: number): (text: string) => number {
  return (text) => {
    const value = numberIn(text);
    if (value === undefined || !Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`Give a whole number from ${least}.`);
    }
    return value;
  };
}

/** Reads the name of a region as people write it: `East US` and `eastus` are the same. */
export function region(text: string): string {
  const name = normalizeLocation(text);
  if (!REGION_NAMES.includes(name)) {
    throw new InvalidArgumentError(`Azure has no such region${guess(nearestSpelling(name, REGION_NAMES))}.`);
  }
  return name;
}

/** Reads a model of GPU, or a part of its name: `A100`, `RTX PRO 6000`. */
export function gpuModel(text: string): string {
  const known = VmSize.all().filter((size) => matchesModel(size, text));
  const [other] = known;
  if (other?.accelerator !== undefined && !known.some(isGpu)) {
    throw new InvalidArgumentError(`It is the ${other.accelerator.kind.toUpperCase()} of ${other.name} and no GPU.`);
  }
  if (known.length === 0) {
    const nearest = nearestSpelling(text, GPU_WORDS);
    throw new InvalidArgumentError(`The catalogue of ${CATALOGUE_DATE} has no such GPU${guess(nearest)}.`);
  }
  return text;
}

/** Reads the name of a size, with or without `Standard_` and in any case. */
export function vmSize(text: string): VmSize {
  const size = VmSize.tryNamed(text);
  if (size === undefined) {
    const { nearest } = VmSize.named(text);
    throw new InvalidArgumentError(`The catalogue of ${CATALOGUE_DATE} has no such size${guess(nearest)}.`);
  }
  return size;
}

/** Reads the name of a MIG profile, in any case. */
export function migProfile(text: string): MigProfile {
  const profiles = Object.values(MigProfile).filter((value) => value instanceof MigProfile);
  const found = profiles.find(({ name }) => name.toLowerCase() === text.toLowerCase());
  if (found === undefined) {
    const names = profiles.map(({ name }) => name);
    throw new InvalidArgumentError(`There are ${names.join(', ')}${guess(nearestSpelling(text, names))}.`);
  }
  return found;
}

/** A number in plain writing; `Number` alone would take an empty text for 0, and hexadecimal digits. */
function numberIn(text: string): number | undefined {
  const value = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

/** A suggestion as commander writes it. */
function guess(nearest: string | undefined): string {
  return nearest === undefined ? '' : ` (Did you mean ${nearest}?)`;
}
