/** What is counted. */
export interface CountedRequest {
  readonly service: string;
  readonly operation: string;
  /** A function's name, `mapping:<function>` for Lambda's pollers, `rule:<name>` for EventBridge, else an ARN. */
  readonly caller: string;
  readonly resource: string;
}

/** How often one caller asked for one operation. */
export interface RequestCount extends CountedRequest {
  readonly count: number;
}

export interface RequestCounter {
  record(service: string, operation: string, caller: string, resource: string): void;
  snapshot(): readonly RequestCount[];
  /** Tells of each request from now on. */
  watch(listener: (request: CountedRequest) => void): void;
}

/** Counts requests by operation, caller and resource. */
export function createRequestCounter(): RequestCounter {
  const listeners: ((request: CountedRequest) => void)[] = [];
  const counts = new Map<string, { -readonly [Key in keyof RequestCount]: RequestCount[Key] }>();
  return {
    record(service, operation, caller, resource) {
      const key = JSON.stringify([service, operation, caller, resource]);
      const entry = counts.get(key);
      if (entry === undefined) counts.set(key, { service, operation, caller, resource, count: 1 });
      else entry.count += 1;
      for (const listener of listeners) listener({ service, operation, caller, resource });
    },
    watch: (listener) => void listeners.push(listener),
    snapshot: () => [...counts.values()].map((entry) => ({ ...entry })),
  };
}

/** What was counted between two snapshots. */
export function countsSince(
  before: readonly RequestCount[],
  after: readonly RequestCount[],
): readonly RequestCount[] {
  const key = ({ service, operation, caller, resource }: RequestCount) =>
    JSON.stringify([service, operation, caller, resource]);
  const earlier = new Map(before.map((entry) => [key(entry), entry.count]));
  return after
    .map((entry) => ({ ...entry, count: entry.count - (earlier.get(key(entry)) ?? 0) }))
    .filter(({ count }) => count > 0);
}

/** Totals by `service:operation`, for a table. */
export function byOperation(counts: readonly RequestCount[]): Readonly<Record<string, number>> {
  const totals: Record<string, number> = {};
  for (const { service, operation, count } of counts) {
    const name = `${service}:${operation}`;
    totals[name] = (totals[name] ?? 0) + count;
  }
  return totals;
}
