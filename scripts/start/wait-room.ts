/** Counts who waits, so that those who do not find room. */
export interface WaitRoom {
  /** Takes a place and gives what leaves it again; nothing where a tenant has as many as it may. */
  enter(tenant: string): (() => void) | undefined;
}

export function createWaitRoom(most: number): WaitRoom {
  const inside = new Map<string, number>();
  const add = (tenant: string, by: number): void => void inside.set(tenant, (inside.get(tenant) ?? 0) + by);
  return {
    enter(tenant) {
      if ((inside.get(tenant) ?? 0) >= most) return undefined;
      add(tenant, 1);
      return () => add(tenant, -1);
    },
  };
}
