/** A number with its noun: `1 service`, `3 services`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** Names with their noun: `pool a`, `pools a and b`. */
export function named(names: readonly string[], one: string, many = `${one}s`): string {
  return `${names.length === 1 ? one : many} ${enumerate(names)}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function enumerate(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** A number of devices: `4`, or `1/6` where a machine has a share, since Azure gives out sixths, thirds and halves. */
export function deviceCount(number: number): string {
  return number < 1 ? `1/${Math.round(1 / number)}` : String(number);
}
