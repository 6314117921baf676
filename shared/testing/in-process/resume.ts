import { isSpineError } from "#core/errors.ts";
import type { SessionKey } from "#core/ids.ts";
import { nextDue } from "#core/session/decide/due.ts";
import type { SessionState } from "#core/session/state.ts";
import type { Deadlines } from "#ports/clock.ts";
import type { EnumerableSessionLog } from "#ports/session-log.ts";
import type { Engine } from "#runtime/session/engine.ts";
import { loadSession } from "#runtime/session/load-session.ts";
import { ordersOf, taskMessages } from "#runtime/session/perform.ts";
import { readCommit } from "#runtime/session/read-commit.ts";

/**
 * Takes up the sessions of a log whose queues are gone with their process: live attempts are dispatched once more and
 * the next deadline is armed. Gives the number of sessions that go on.
 */
export async function resumeSessions(
  engine: Engine & { readonly log: EnumerableSessionLog },
  deadlines: Deadlines,
): Promise<number> {
  let resumed = 0;
  for (const key of await engine.log.sessions()) {
    const state = await liveState(engine, key);
    if (state === undefined) continue;
    const due = nextDue(state);
    if (due === undefined) continue;
    resumed += 1;
    await deadlines.arm(key, due);
    try {
      await dispatchAgain(engine, key, state);
    } catch (error) {
      if (engine.onTrouble === undefined) throw error;
      // Such as an agent that is gone: the step's deadline decides.
      engine.onTrouble(error, `tasks of ${key.session}`);
    }
  }
  return resumed;
}

/** None where only a tombstone is left. */
async function liveState(engine: Engine, key: SessionKey): Promise<SessionState | undefined> {
  try {
    return (await loadSession(engine, key)).state;
  } catch (error) {
    if (isSpineError(error, "session.expired")) return undefined;
    throw error;
  }
}

async function dispatchAgain(engine: Engine, key: SessionKey, state: SessionState): Promise<void> {
  for (const { id, attempt, phase } of Object.values(state.tasks)) {
    if (phase.name !== "dispatched") continue;
    const stored = (await engine.log.readUpTo(key, phase.asOf + 1)).at(-1);
    if (stored === undefined) continue;
    const commit = readCommit(engine.log, key, stored);
    const orders = ordersOf(commit).filter((order) => order.task === id && order.attempt === attempt);
    await engine.dispatch.send(await taskMessages(engine, commit, orders));
  }
}
