import { createWorld, type Stored, type World } from "./world.ts";

/** The mean cost of one event in a window of events. */
export interface Cost {
  readonly cpuMicros: number;
  readonly bytesWritten: number;
  readonly bytesRead: number;
  readonly portCalls: number;
}

/** Sends `count` events to a world and gives the mean cost of one. */
export async function measure(world: World, count: number): Promise<Cost> {
  const { calls, written, read } = world.traffic;
  const before = process.cpuUsage();
  for (let sent = 0; sent < count; sent += 1) await world.event();
  const { user, system } = process.cpuUsage(before);
  return {
    cpuMicros: (user + system) / count,
    bytesWritten: (world.traffic.written - written) / count,
    bytesRead: (world.traffic.read - read) / count,
    portCalls: (world.traffic.calls - calls) / count,
  };
}

/** A session with so many events behind it, and what it looked like on the way there. */
export async function grow(agents: number, stops: readonly number[]): Promise<readonly Stored[]> {
  const world = await createWorld(agents);
  const reached: Stored[] = [];
  let events = 0;
  for (const stop of stops) {
    for (; events < stop; events += 1) await world.event();
    reached.push(await world.stored());
  }
  return reached;
}

/** The costs of windows, each of its own session, measured in turn so that none has a warmer machine than another. */
export async function measureInTurn(
  starts: readonly { readonly agents: number; readonly stored: Stored }[],
  count: number,
  rounds: number,
): Promise<readonly Cost[]> {
  const costs = starts.map((): Cost[] => []);
  for (let round = 0; round < rounds; round += 1) {
    const turns = [...starts.entries()];
    // Forwards and backwards by turns: what drifts during a round drifts for both.
    if (round % 2 === 1) turns.reverse();
    for (const [index, { agents, stored }] of turns) {
      const world = await createWorld(agents, stored);
      costs[index]?.push(await measure(world, count));
    }
  }
  return costs.map(medianCost);
}

function medianCost(costs: readonly Cost[]): Cost {
  const of = (field: keyof Cost) => median(costs.map((cost) => cost[field]));
  return {
    cpuMicros: of("cpuMicros"),
    bytesWritten: of("bytesWritten"),
    bytesRead: of("bytesRead"),
    portCalls: of("portCalls"),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
