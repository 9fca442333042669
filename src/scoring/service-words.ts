const NAMES: readonly (readonly [word: RegExp, name: string])[] = [
  [/\bmemoryGiB\b/g, 'memoryGb'],
  [/\bgpus\b/g, 'gpuCores'],
];

/**
 * What a pool has to say of a request, with the names that the options of services have.
 *
 * @param replicas the option that the number of replicas comes from
 */
export function inServiceWords(problems: readonly string[], replicas = 'numReplicas'): string[] {
  const names = [...NAMES, [/\bgot replicas\b/g, `got ${replicas}`]] as const;
  return problems.map((problem) => names.reduce((text, [word, name]) => text.replaceAll(word, name), problem));
}
