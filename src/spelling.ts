/** The candidate that is spelled most like a word; nothing where none is like it. */
export function nearestSpelling(word: string, candidates: readonly string[]): string | undefined {
  const distances = candidates.map((candidate) => ({
    candidate,
    distance: editDistance(word.toLowerCase(), candidate.toLowerCase()),
  }));
  const [nearest] = distances.sort((a, b) => a.distance - b.distance);
  return nearest !== undefined && nearest.distance <= Math.max(2, word.length / 3) ? nearest.candidate : undefined;
}

/** The guess that ends a refusal, such as `; did you mean 'westeurope'?`; empty where nothing is like the word. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const nearest = nearestSpelling(word, candidates);
  return nearest === undefined ? '' : `; did you mean '${nearest}'?`;
}

/** How many letters must be added, removed or replaced to make one word of the other (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
