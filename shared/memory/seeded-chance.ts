/** A number in [0, 1) that depends on nothing but seed and text: drawing one never disturbs another. */
export function chance(seed: number, text: string): number {
  let hash = 0x811c9dc5 ^ Math.imul(seed | 0, 0x9e3779b1);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** A whole number from `least` to `most`. */
export function between(seed: number, text: string, least: number, most: number): number {
  return least + Math.floor(chance(seed, text) * (most - least + 1));
}

export function pickOne<T>(seed: number, text: string, items: readonly [T, ...T[]] | readonly T[]): T {
  const item = items[Math.floor(chance(seed, text) * items.length)];
  if (item === undefined) throw new RangeError(`Nothing to pick for ${text}.`);
  return item;
}
