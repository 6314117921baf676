import { createMemoryLetterBox } from "#memory/memory-letter-box.ts";
import type { LetterBox } from "#ports/blobs.ts";
import type { Deadlines, Executions } from "#ports/clock.ts";
import type { Inbox } from "#ports/queues.ts";
import { createLetterConfirmer } from "#runtime/letters/create-letter-confirmer.ts";
import { createRecovery, type Recovery } from "#runtime/letters/create-recovery.ts";
import { createFiling } from "#runtime/letters/filing.ts";
import { createWatchLetter, readWatch, type Watch } from "#runtime/letters/watch.ts";
import type { Engine } from "#runtime/session/engine.ts";

export interface InProcessRecoveryPorts {
  readonly inbox: Inbox;
  readonly deadlines: Deadlines;
  /** Work under way outside the queues. */
  readonly track: <T>(work: Promise<T>) => Promise<T>;
}

export interface InProcessRecovery {
  readonly recovery: Recovery;
  readonly box: LetterBox;
  /** Stops watching letters. */
  stop(): void;
}

const CONFIRM_AGAIN_SECONDS = 5;

/** Recovery as it is deployed, on letters in memory; an execution of Step Functions is a timer here. */
export function createInProcessRecovery(
  engine: Engine,
  { inbox, deadlines, track }: InProcessRecoveryPorts,
): InProcessRecovery {
  const { clock, digest, onTrouble, tokens } = engine;
  const box = createMemoryLetterBox();
  const filing = createFiling({ box, clock });
  const common = { stores: engine, box, filing, inbox, digest, tokens };
  const confirm = createLetterConfirmer(common);
  const started = new Set<string>();
  const timers = new Set<() => void>();
  let stopped = false;

  const plan = (watch: Watch, seconds = watch.waitSeconds): void => {
    if (stopped) return;
    const { signal, cancel } = clock.alarm(clock.now() + seconds * 1_000);
    timers.add(cancel);
    const round = (): void => {
      timers.delete(cancel);
      void track(confirmRound(watch));
    };
    signal.addEventListener("abort", round, { once: true });
  };

  const confirmRound = async (watch: Watch): Promise<void> => {
    try {
      const { next, ...further } = await confirm(watch);
      if (next === "page") await confirmRound(further);
      else if (next === "round") plan(further);
    } catch (error) {
      onTrouble?.(error, "confirming letters");
      plan(watch, CONFIRM_AGAIN_SECONDS);
    }
  };

  const executions: Executions = {
    start: (name, watch) => {
      if (!started.has(name)) {
        started.add(name);
        plan(readWatch(watch));
      }
      return Promise.resolve("running");
    },
  };

  const recovery = createRecovery({
    ...common,
    clock,
    deadlines,
    watch: createWatchLetter({ box, executions, clock }),
    ...(onTrouble !== undefined && { onTrouble }),
    onKept: ({ queue, body }, kept) => {
      if (kept === "sent") return;
      const what = kept === "lost" ? `nobody's: ${body}` : kept;
      onTrouble?.(new Error(`a letter of ${queue} is ${what}`), "recovery");
    },
  });
  return {
    recovery,
    box,
    stop: () => {
      stopped = true;
      for (const cancel of timers) cancel();
      timers.clear();
    },
  };
}
