const NAMES: readonly (readonly [word: RegExp, name: string])[] = [
  [/\bmemoryGiB\b/g, 'memoryGb'],
  [/\bgpus\b/g, 'gpuCores'],
  [/\bgot replicas\b/g, 'got numReplicas'],
];

/** What a pool has to say of a request, with the names that the options of services have. */
export function inServiceWords(problems: readonly string[]): string[] {
  return problems.map((problem) => NAMES.reduce((text, [word, name]) => text.replaceAll(word, name), problem));
}
