import { givenTo, type ByTenant } from "#core/by-tenant.ts";
import { isSpineError } from "#core/errors.ts";
import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import { expiryOf, type Tombstone } from "#core/session/tombstone.ts";
import type { Clock } from "#ports/clock.ts";
import type { DueSession, RetentionIndex } from "#ports/retention.ts";
import type { Engine } from "../session/engine.ts";
import { purge, type PurgePorts } from "./purge.ts";
import { endSession } from "./end-session.ts";
import { isTombstone, readEnd } from "./read-end.ts";

export interface SweepPorts extends PurgePorts, Pick<Engine, "digest" | "onTrouble"> {
  readonly index: RetentionIndex;
  readonly clock: Pick<Clock, "now">;
  readonly times: ByTenant<number>;
}

/**
 * What became of a session that was looked at: a tombstone was put on it (`expired`), what it stands for was removed
 * (`purged`), its time is not over (`kept`), nothing is left to look at (`forgotten`), or it cannot be read (`unreadable`).
 */
export type Looked = "expired" | "purged" | "kept" | "forgotten" | "unreadable";
export type Swept = Readonly<Record<Looked, number>> & {
  /** Could not be looked at now. */
  readonly failed: number;
  /** Whether all that was due has been looked at. */
  readonly done: boolean;
};

/**
 * How long after the tombstone the rest goes: longer than any function runs. A writer that read the session before has lost
 * its race for the next sequence by then, so that what it stored meanwhile is removed with the rest.
 */
export const PURGE_AFTER_MS = 20 * 60_000;
/** A session that cannot be read is looked at again. */
const UNREADABLE_AGAIN_MS = 86_400_000;
const SIDE_BY_SIDE = 10;

/**
 * Looks at every session whose time may be over, until `giveUpAt`. First the tombstone, at the next sequence and by the same
 * conditional put as any commit: whatever arrives at this moment either comes before it, and the session lives on, or finds it.
 * Only then, and later, the rest is removed. Two sweeps at once, or one after a crash, do the same once more.
 */
export function createSweep(ports: SweepPorts): (giveUpAt: number) => Promise<Swept> {
  const { log, index, clock, times, onTrouble } = ports;

  /** The new note before the old one is forgotten: in between the session has two. */
  const again = async (due: DueSession, at: number): Promise<void> => {
    await index.note(due, at);
    if (at !== due.at) await index.forget(due);
  };

  const finish = async (due: DueSession, tombstone: Tombstone): Promise<Looked> => {
    const purgeAt = tombstone.expiredAt + PURGE_AFTER_MS;
    if (clock.now() < purgeAt) {
      await ports.rows?.close(tombstone);
      await ports.scores?.erase(tombstone);
      await again(due, purgeAt);
      return "expired";
    }
    await purge(ports, tombstone);
    await index.forget(due);
    return "purged";
  };

  const look = async (due: DueSession): Promise<Looked> => {
    const key: SessionKey = { tenant: due.tenant, session: due.session };
    const found = await readEnd(ports, key);
    if (isTombstone(found)) return finish(due, found);
    const { state } = found;
    const retentionMs = givenTo(times, key.tenant);
    if (state.sequence === 0 || retentionMs === undefined) {
      await index.forget(due);
      return "forgotten";
    }
    const now = clock.now();
    const expiresAt = expiryOf(state, retentionMs, now);
    if (expiresAt > now) {
      await again(due, expiresAt);
      return "kept";
    }
    const tombstone = await endSession(log, key, found, now);
    // Somebody was faster, or a lost acknowledgement: it is looked at anew, as it is now.
    return tombstone === undefined ? look(due) : finish(due, tombstone);
  };

  const lookSafely = async (due: DueSession): Promise<Looked | "failed"> => {
    try {
      return await look(due);
    } catch (error) {
      onTrouble?.(error, `ending ${sessionKeyText(due)} by its retention`);
      if (!isSpineError(error, "session.unreadable")) return "failed";
      await again(due, clock.now() + UNREADABLE_AGAIN_MS);
      return "unreadable";
    }
  };

  return async (giveUpAt) => {
    const swept = { expired: 0, purged: 0, kept: 0, forgotten: 0, unreadable: 0, failed: 0 };
    const lookAt = async (some: readonly DueSession[]): Promise<void> => {
      for (const looked of await Promise.all(some.map(lookSafely))) swept[looked] += 1;
    };
    let some: DueSession[] = [];
    for await (const due of index.due(clock.now())) {
      some.push(due);
      if (some.length < SIDE_BY_SIDE) continue;
      await lookAt(some);
      some = [];
      if (clock.now() >= giveUpAt) return { ...swept, done: false };
    }
    await lookAt(some);
    return { ...swept, done: true };
  };
}
