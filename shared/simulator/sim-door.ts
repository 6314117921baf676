import type { AnswerResult } from "#core/session/task-messages.ts";
import { FUNCTION_TIMEOUT_MS } from "#core/times.ts";
import type { CoordinatorDoor } from "#ports/agents.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import type { Records } from "./observations.ts";
import type { Engine } from "#runtime/session/engine.ts";
import { OFFERS, unavailable, Worker, type Ground } from "./worker.ts";

/** The door's function as agents' workers reach it: a synchronous invoke each, which goes on when its caller dies. */
export function createDoorCalls(
  ground: Ground,
  engineOf: (worker: Worker) => Engine,
  told: (answer: unknown) => void,
  records: Records,
): (caller: Worker) => CoordinatorDoor {
  const invoke = <T>(caller: Worker, use: (door: CoordinatorDoor) => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(`door ${caller.site("invoke")}`, ground);
      const limit = ground.scheduler.after(FUNCTION_TIMEOUT_MS.door, () => {
        worker.stop();
        reject(unavailable("The door ran out of time"));
      });
      worker.start(
        () => use(createDoor(engineOf(worker))),
        (outcome) => {
          limit.happening = undefined;
          told(outcome.type === "ok" ? outcome.value : outcome.error);
          if (outcome.type === "ok") resolve(outcome.value);
          else reject(outcome.error instanceof Error ? outcome.error : new Error(String(outcome.error)));
        },
      );
    });
  return (caller) => ({
    look: (proof) => caller.call("door.look", OFFERS.write, () => invoke(caller, (door) => door.look(proof))),
    beat: (proof) => caller.call("door.beat", OFFERS.write, () => invoke(caller, (door) => door.beat(proof))),
    claim: (proof, execution) =>
      caller.call("door.claim", OFFERS.write, () => invoke(caller, (door) => door.claim(proof, execution))),
    signals: (proof, after) =>
      caller.call("door.signals", OFFERS.write, () =>
        invoke(caller, async (door) => {
          const at = ground.scheduler.now;
          const verdict = await door.signals(proof, after);
          const { task, attempt, session } = proof;
          const numbers = verdict.signals.map(({ number }) => number);
          const said = verdict.signals.map(({ data }) => data);
          records.of(session).signals.push({ task, attempt, after, at, go: verdict.go, numbers, said });
          return verdict;
        }),
      ),
    answer: (answer) =>
      caller.call("door.answer", OFFERS.write, () => invoke(caller, (door) => door.answer(answer))),
  });
}

/** A task that is handed over carries its view, as a message of its agent's queue does. */
export function withoutView(answer: unknown): unknown {
  const { next, ...said } = answer as AnswerResult;
  if (next === undefined) return said;
  const { view: _, viewUrl: __, ...order } = next;
  return { ...said, next: order };
}
