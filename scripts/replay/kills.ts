import type { CountedRequest } from "#local/request-counts.ts";
import { shuffled, type Random } from "#memory/seeded-random.ts";

/** Functions that share a number of kills: the spine's own each have theirs, all agents together have one. */
export interface KillGroup {
  readonly name: string;
  readonly has: (functionName: string) => boolean;
}

/** A process that is to die: once so much of the replay is done, at one of its function's next requests. */
interface PlannedKill {
  readonly group: KillGroup;
  /** Share of the replay that is done, 0 to 1. */
  readonly from: number;
  /** So many requests of the group are let pass. */
  readonly skip: number;
  /** Some die while they wait for the answer, others right after it. */
  readonly delayMs: number;
}

/** What was killed. */
export interface Kills {
  readonly asked: number;
  /** Kills in the middle of an invocation, by function. */
  readonly byFunction: Readonly<Record<string, number>>;
}

export interface Killer {
  /** To be told of every request at the endpoints. */
  readonly onRequest: (request: Pick<CountedRequest, "caller">) => void;
  /** To be told how much of the replay is done, 0 to 1. */
  progress(done: number): void;
  /** Nothing dies any more. */
  stop(): void;
  readonly kills: Kills;
}

export interface KillerOptions {
  readonly count: number;
  readonly groups: readonly KillGroup[];
  readonly random: Random;
  /** Kills a process of the function in the middle of an invocation; false if all are idle. */
  readonly kill: (functionName: string) => boolean;
}

/** The last part of a replay is left to what it takes to get over the kills. */
const LAST_FROM = 0.7;
const SKIPPED = 4;
const LONGEST_DELAY_MS = 6;

/** Spreads kills evenly over the groups, and each group's over the replay; chance gives the moments within. */
export function planKills({ count, groups, random }: Omit<KillerOptions, "kill">): readonly PlannedKill[] {
  const order = shuffled(groups, random);
  return order.flatMap((group, place) => {
    const own = Math.floor(count / order.length) + (place < count % order.length ? 1 : 0);
    return Array.from({ length: own }, (_, at) => ({
      group,
      from: ((at + random()) / own) * LAST_FROM,
      skip: Math.floor(random() * SKIPPED),
      delayMs: Math.floor(random() * LONGEST_DELAY_MS),
    }));
  });
}

/** Kills processes while they work: a function that makes a request is at work, so that is when its turn comes. */
export function createKiller({ kill, ...plan }: KillerOptions): Killer {
  const planned = planKills(plan).toSorted((a, b) => a.from - b.from);
  const due = new Map<KillGroup, (PlannedKill & { left: number })[]>();
  const byFunction: Record<string, number> = {};
  let stopped = false;

  const progress = (done: number) => {
    for (let next = planned[0]; next !== undefined && next.from <= done; next = planned[0]) {
      planned.shift();
      due.set(next.group, [...(due.get(next.group) ?? []), { ...next, left: next.skip }]);
    }
  };
  const strike = (victim: PlannedKill & { left: number }, caller: string) => {
    if (stopped) return;
    if (kill(caller)) byFunction[caller] = (byFunction[caller] ?? 0) + 1;
    // It had answered before its time came: the next one dies without delay.
    else due.get(victim.group)?.push({ ...victim, delayMs: 0 });
  };

  progress(0);
  return {
    progress,
    onRequest({ caller }) {
      for (const [group, kills] of due) {
        const [next] = kills;
        if (next === undefined || !group.has(caller)) continue;
        next.left -= 1;
        if (next.left >= 0) continue;
        kills.shift();
        setTimeout(() => strike(next, caller), next.delayMs);
      }
    },
    stop: () => void (stopped = true),
    get kills() {
      return { asked: plan.count, byFunction };
    },
  };
}
