import type { ReceivedSignal, TaskSignals } from "#core/agent-task.ts";
import type { ContractSpec } from "#core/contract.ts";
import { problemError } from "#core/errors.ts";
import type { TaskMessage } from "#core/session/task-messages.ts";
import type { CoordinatorDoor } from "#ports/agents.ts";
import type { Clock } from "#ports/clock.ts";

export interface SignalPorts {
  readonly door: Pick<CoordinatorDoor, "signals">;
  readonly clock: Clock;
}

/** Between two questions to the door while an agent waits for signals: after one has come, and the longest. */
export const FIRST_WAIT_MS = 1_000;
export const LONGEST_WAIT_MS = 5_000;

/** What of the platform's signal is needed to end with it. */
interface Ending {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void, options: { readonly once: true }): void;
}

/**
 * What an agent is told while it works, asked of the door when the agent asks. A door that cannot be reached has told nothing yet: the next question gets
 * it all. Throws `contract.invalid` where the contract takes no signals.
 */
export function createSignals(
  { door, clock }: SignalPorts,
  { name, signals: declared }: Pick<ContractSpec, "name" | "signals">,
  { tenant, session, task, attempt, token }: TaskMessage,
  ending: Ending,
): TaskSignals {
  const proof = { tenant, session, task, attempt, token };
  const waiting: ReceivedSignal[] = [];
  let last = 0;
  let over = false;
  let asking: Promise<void> | undefined;

  const ask = async (): Promise<void> => {
    try {
      const told = await door.signals(proof, last);
      over = !told.go;
      for (const signal of told.signals) {
        if (signal.number <= last) continue;
        last = signal.number;
        // Another agent of the step's chain may take others.
        if (declared?.includes(signal.name)) waiting.push(signal);
      }
    } catch {
      // Asked again later.
    }
  };
  /** Who asks meanwhile gets the same answer: two questions would bring a signal twice. */
  const fetch = (): Promise<void> =>
    (asking ??= ask().finally(() => {
      asking = undefined;
    }));

  const check = (): void => {
    if (declared !== undefined) return;
    throw problemError("contract.invalid", {
      field: "signals",
      problem: `is missing from the contract of ${name}`,
      repair: "Declare the signals that it takes, each with a schema.",
    });
  };

  const pause = async (ms: number): Promise<void> => {
    const alarm = clock.alarm(clock.now() + ms);
    await new Promise<void>((resolve) => {
      alarm.signal.addEventListener("abort", () => resolve(), { once: true });
      ending.addEventListener("abort", () => resolve(), { once: true });
      if (ending.aborted) resolve();
    });
    alarm.cancel();
  };

  const signals = async (): Promise<readonly ReceivedSignal[]> => {
    check();
    if (!ending.aborted) await fetch();
    return waiting.splice(0);
  };

  async function* each(): AsyncGenerator<ReceivedSignal, void, undefined> {
    check();
    for (let ms = FIRST_WAIT_MS; !ending.aborted; ms = Math.min(LONGEST_WAIT_MS, 1.5 * ms)) {
      await fetch();
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        ms = FIRST_WAIT_MS;
        yield next;
      }
      if (over) return;
      await pause(ms);
    }
  }

  return Object.assign(signals, { [Symbol.asyncIterator]: each });
}
