const ends: (() => unknown)[] = [];

/**
 * Ends something when the tests of the running file are over. A hook at the top of a module that tests share would do so for the
 * first file only: a worker imports a module once.
 */
export function atFileEnd(end: () => unknown): void {
  ends.push(end);
}

export async function endFile(): Promise<void> {
  // What was begun last may stand on what was begun before it.
  const failed: unknown[] = [];
  for (const end of ends.splice(0).toReversed())
    try {
      await end();
    } catch (error) {
      failed.push(error);
    }
  if (failed.length > 0) throw new AggregateError(failed, "What the tests began could not be ended.");
}
