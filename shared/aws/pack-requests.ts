/** What one request of AWS takes. */
export interface Room {
  readonly items: number;
  readonly bytes: number;
}

/** Cuts items into as few batches as keep their order and the room of each. An item that is too large by itself goes alone: AWS says why it is refused. */
export function packed<T>(
  items: readonly T[],
  sizeOf: (item: T) => number,
  most: Room,
): readonly (readonly T[])[] {
  const batches: T[][] = [];
  let room = 0;
  for (const item of items) {
    const bytes = sizeOf(item);
    const current = batches.at(-1);
    if (current === undefined || current.length === most.items || bytes > room) {
      batches.push([item]);
      room = most.bytes - bytes;
    } else {
      current.push(item);
      room -= bytes;
    }
  }
  return batches;
}
