/** Runs work of one key one after another, of different keys side by side. */
export interface KeyLocks {
  run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T>;
}

export function createKeyLocks(): KeyLocks {
  const tails = new Map<string, Promise<unknown>>();
  return {
    async run(keys, work) {
      const earlier = keys.flatMap((key) => tails.get(key) ?? []);
      const mine = Promise.allSettled(earlier).then(work);
      const settled = mine.catch(() => undefined);
      for (const key of keys) tails.set(key, settled);
      try {
        return await mine;
      } finally {
        for (const key of keys) if (tails.get(key) === settled) tails.delete(key);
      }
    },
  };
}
