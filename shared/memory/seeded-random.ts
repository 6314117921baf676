/** Numbers from 0 up to, not including, 1: the same ones for the same seed. */
export type Random = () => number;

/** Whole numbers of 32 bits, the same ones for the same seed: splitmix32, short and evenly spread, with a period of 2^32. */
export function createBits(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
}

export function createRandom(seed: number): Random {
  const bits = createBits(seed);
  return () => bits() / 2 ** 32;
}

export function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
