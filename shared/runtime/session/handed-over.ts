import type { SessionKey } from "#core/ids.ts";
import { handedBy } from "#core/session/decide/hand-over.ts";
import type { SessionState, TaskState } from "#core/session/state.ts";
import type { TaskMessage } from "#core/session/task-messages.ts";
import type { Engine } from "./engine.ts";
import { ordersOf, taskMessages } from "./perform.ts";
import { readCommit } from "./read-commit.ts";

type Reading = Pick<Engine, "log" | "heartbeats" | "tokens" | "blobs" | "clock">;

/**
 * The task that an attempt's answer handed over, for a host that asks again: its first message came once more, or the door's answer was
 * lost. None where somebody has begun it.
 */
export async function handedOver(
  engine: Reading,
  key: SessionKey,
  state: SessionState,
  ref: { readonly task: string; readonly attempt: number },
): Promise<TaskMessage | undefined> {
  const task = handedBy(state, ref);
  if (task?.phase.name !== "dispatched" || (await hasBegun(engine, key, task))) return undefined;
  const stored = (await engine.log.readUpTo(key, task.phase.asOf + 1)).at(-1);
  if (stored === undefined) return undefined;
  const commit = readCommit(engine.log, key, stored);
  const orders = ordersOf(commit).filter(
    ({ task: id, attempt }) => id === task.id && attempt === task.attempt,
  );
  return (await taskMessages(engine, commit, orders))[0];
}

/** Whether the host of an attempt that was handed over has been heard of: it calls the door once it has worked for a while. */
export async function hasBegun(
  { heartbeats }: Pick<Engine, "heartbeats">,
  { tenant, session }: SessionKey,
  { id: task, attempt }: Pick<TaskState, "id" | "attempt">,
): Promise<boolean> {
  const [heard] = await heartbeats.last([{ tenant, session, task, attempt }]);
  return heard !== undefined;
}
