import type { Batch } from "#memory/queue/event-source-mapping.ts";
import type { Clock } from "#ports/clock.ts";
import { AgentCrash } from "../agents/agent-crash.ts";
import { isForNewer, type Handler } from "./handlers.ts";
import type { Source } from "./in-process-queues.ts";
import { returnedIn, returnSoon } from "./return-soon.ts";

export interface Pump {
  /** Something was sent: look at the queues again. */
  wake(): void;
  /** Work under way outside the queues, such as the relay's. */
  track<T>(work: Promise<T>): Promise<T>;
  /** Resolves when no batch runs and no message can be delivered now; what waits for its time does not count. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** Feeds queues' messages to their functions as Lambda's pollers do, as fast as they can be taken. */
export function createPump(
  sources: readonly Source[],
  handlerOf: (source: Source) => Handler,
  clock: Clock,
): Pump {
  const handlers = new Map(sources.map((source) => [source, handlerOf(source)]));
  /** Queues may come to a spine that runs. */
  const handlerFor = (source: Source): Handler => {
    const known = handlers.get(source) ?? handlerOf(source);
    handlers.set(source, known);
    return known;
  };
  const idlers: (() => void)[] = [];
  let running = 0;
  let scheduled = false;
  let stopped = false;
  let timerAt = Infinity;
  let timer: ReturnType<Clock["alarm"]> | undefined;

  const resolveIdle = () => {
    if (running === 0 && !scheduled) for (const resolve of idlers.splice(0)) resolve();
  };

  const run = async (source: Source, batch: Batch): Promise<void> => {
    try {
      const response = await handlerFor(source)(batch);
      returnSoon(source, clock.now(), returnedIn(batch, response), (id) => isForNewer(batch, id));
      source.mapping.complete(clock.now(), batch, { type: "ok", response });
    } catch (error) {
      // What had a function that died stays hidden as long as its queue says.
      if (!(error instanceof AgentCrash)) returnSoon(source, clock.now(), batch.messages);
      source.mapping.complete(clock.now(), batch, { type: "error" });
    }
  };

  const track = async <T>(work: Promise<T>): Promise<T> => {
    running += 1;
    try {
      return await work;
    } finally {
      running -= 1;
      wake();
    }
  };

  const drain = () => {
    scheduled = false;
    if (stopped) return resolveIdle();
    for (const source of sources) {
      for (
        let batch = source.mapping.poll(clock.now());
        batch !== undefined;
        batch = source.mapping.poll(clock.now())
      ) {
        void track(run(source, batch));
      }
    }
    armTimer();
    resolveIdle();
  };

  /** Wakes up when the next delayed message becomes visible, or one that was not deleted becomes so again. */
  const armTimer = () => {
    const next = Math.min(...sources.map(({ queue }) => queue.nextEventAt(clock.now()) ?? Infinity));
    if (next === Infinity || next >= timerAt) return;
    timerAt = next;
    timer?.cancel();
    // Whoever waits for a reply has a timer of its own: a deadline that nobody waits for keeps no process up.
    timer = clock.alarm(Math.max(next, clock.now() + 1), { background: true });
    timer.signal.addEventListener(
      "abort",
      () => {
        if (timerAt === next) timerAt = Infinity;
        wake();
      },
      { once: true },
    );
  };

  function wake(): void {
    if (scheduled) return;
    scheduled = true;
    queueMicrotask(drain);
  }

  return {
    wake,
    track,
    idle: () =>
      new Promise((resolve) => {
        idlers.push(resolve);
        wake();
      }),
    stop: () => {
      stopped = true;
      timer?.cancel();
      return new Promise((resolve) => {
        idlers.push(resolve);
        wake();
      });
    },
  };
}
