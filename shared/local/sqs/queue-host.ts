import type { Queue } from "#memory/queue/queue.ts";
import { startMove, type MoveOptions } from "#memory/queue/move-task.ts";
import type { Clock } from "#ports/clock.ts";
import { startTimer } from "../timer.ts";

export interface HostedQueue {
  readonly queue: Queue;
  readonly arn: string;
}

/** The queues of one account, with the time that they live in and whoever waits for their messages. */
export interface QueueHost {
  readonly clock: Clock;
  add(queue: Queue, arn: string): HostedQueue;
  byName(name: string): HostedQueue | undefined;
  byArn(arn: string): HostedQueue | undefined;
  all(): readonly HostedQueue[];
  /** To be called after whatever may have made messages deliverable: a send, a deletion, a change of visibility. */
  changed(queue: Queue): void;
  /** Calls `look` after each change and whenever a hidden message may show. Gives the way to stop. */
  watch(queue: Queue, look: () => void): () => void;
  startMove(options: MoveOptions): void;
  stop(): void;
}

export function createQueueHost(clock: Clock): QueueHost {
  const byName = new Map<string, HostedQueue>();
  const byArn = new Map<string, HostedQueue>();
  const watchers = new Map<Queue, Set<() => void>>();
  const timers = new Map<Queue, { readonly at: number; cancel(): void }>();
  const moves = new Set<() => void>();

  const tell = (queue: Queue) => {
    for (const look of watchers.get(queue) ?? []) look();
    armTimer(queue);
  };

  /** Only for queues that somebody watches: the others notice the time at their next call. */
  function armTimer(queue: Queue): void {
    const armed = timers.get(queue);
    const at = watchers.has(queue) ? queue.nextEventAt(clock.now()) : undefined;
    if (armed?.at === at) return;
    armed?.cancel();
    timers.delete(queue);
    if (at === undefined) return;
    const cancel = startTimer(clock, at, () => {
      timers.delete(queue);
      changed(queue);
    });
    timers.set(queue, { at, cancel });
  }

  function changed(queue: Queue): void {
    tell(queue);
    const letters = queue.config.deadLetterQueue;
    if (letters !== undefined) tell(letters);
  }

  return {
    clock,
    add(queue, arn) {
      const hosted = { queue, arn };
      byName.set(queue.name, hosted);
      byArn.set(arn, hosted);
      return hosted;
    },
    byName: (name) => byName.get(name),
    byArn: (arn) => byArn.get(arn),
    all: () => [...byName.values()],
    changed,
    watch(queue, look) {
      const looking = watchers.get(queue) ?? new Set();
      watchers.set(queue, looking);
      looking.add(look);
      armTimer(queue);
      return () => {
        looking.delete(look);
        if (looking.size === 0) watchers.delete(queue);
        armTimer(queue);
      };
    },
    startMove(options) {
      const task = startMove(clock.now(), options);
      let cancel = () => undefined as void;
      const step = () => {
        moves.delete(cancel);
        task.advance(clock.now());
        for (const { queue } of byName.values()) changed(queue);
        const next = task.nextEventAt();
        if (next === undefined) return;
        cancel = startTimer(clock, next, step);
        moves.add(cancel);
      };
      step();
    },
    stop() {
      for (const { cancel } of timers.values()) cancel();
      for (const cancel of moves) cancel();
      timers.clear();
      watchers.clear();
    },
  };
}
