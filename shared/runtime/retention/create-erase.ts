import * as z from "zod/mini";
import { SpineError } from "#core/errors.ts";
import { parseSessionKey, sessionKeyText, type SessionKey } from "#core/ids.ts";
import { isIdle } from "#core/session/state.ts";
import type { Tombstone } from "#core/session/tombstone.ts";
import type { KeyEraser } from "#ports/secrets.ts";
import type { LetterBox } from "#ports/blobs.ts";
import { concerns, type KnownOperator } from "../letters/known-operator.ts";
import { parseWith } from "../session/messages.ts";
import { MAX_STATE_AGE_MS } from "../session/session-cache.ts";
import { purge, purgeBlobs } from "./purge.ts";
import { PURGE_AFTER_MS, type SweepPorts } from "./create-sweep.ts";
import { endSession } from "./end-session.ts";
import { eraseLetters } from "./erase-letters.ts";
import { isTombstone, readEnd } from "./read-end.ts";

export type ErasePorts = Omit<SweepPorts, "times" | "onTrouble"> & {
  readonly box: LetterBox;
  readonly keys: KeyEraser;
};

export interface Erased {
  /** The last event of the session. */
  readonly last: number;
  /** Letters whose bodies were removed. */
  readonly letters: number;
  /** When its commits are removed at the earliest, ms. @default they are */
  readonly commitsAfter?: number;
  /** Sessions that were forked from it, each with a copy of what it held under a key of its own. @default none was */
  readonly forks?: readonly string[];
}

const forksOf = ({ forks = [] }: { readonly forks?: readonly string[] }): Pick<Erased, "forks"> =>
  forks.length === 0 ? {} : { forks };

/**
 * So long after a session's last commit a function may still go on from one before it: as long as a state is kept, and more than such a
 * function runs. Where a commit was removed by then its put would succeed.
 */
const OTHERS_MAY_GO_ON_MS = MAX_STATE_AGE_MS + 60_000;

const requestSchema = z.strictObject({
  tenant: z.string(),
  session: z.string(),
  reason: z.string().check(z.minLength(1), z.maxLength(1_000)),
  /** Only what its tenant declared as personal: the session lives on. */
  personal: z.optional(z.literal(true)),
});

/**
 * Makes the personal values of a session unreadable, wherever they are sealed: its key goes, and with it go views and bodies of
 * letters. Or ends a session that has come to rest at once, and removes all that the spine holds of it: commits, snapshots, views, markers
 * and the bodies of its letters; commits and markers only later where the last commit is younger than six minutes. A session of another tenant than the operator's is told like one that is not there. Doing it again does what is left, also where its retention has ended the session before.
 */
export function createErase(ports: ErasePorts): (request: unknown, who: KnownOperator) => Promise<Erased> {
  const { log, blobs, keys, index, clock, box } = ports;

  const end = async (key: SessionKey, reason: string): Promise<Tombstone> => {
    for (;;) {
      const found = await readEnd(ports, key);
      if (isTombstone(found)) return found;
      if (found.state.sequence === 0) throw unknown(key);
      if (!isIdle(found.state)) throw underWay(key);
      const tombstone = await endSession(log, key, found, clock.now(), reason);
      if (tombstone !== undefined) return tombstone;
    }
  };

  const erasePersonal = async (key: SessionKey, reason: string): Promise<Erased> => {
    const found = await readEnd(ports, key);
    const last = isTombstone(found) ? found.first - 1 : found.state.sequence;
    if (last === 0) throw unknown(key);
    await keys.erase(key, reason);
    // Agents read views without a key.
    await blobs.removeAll(`views/${sessionKeyText(key)}/`);
    const letters = await eraseLetters(box, key, clock.now());
    return { last, letters, ...forksOf(isTombstone(found) ? found : found.state) };
  };

  return async (request, who) => {
    const { reason, personal, ...given } = parseWith(
      requestSchema,
      request,
      "input.malformed",
      "The request",
    );
    const key = parseSessionKey(given);
    if (!concerns(who, key)) throw unknown(key);
    if (personal === true) return erasePersonal(key, reason);
    const tombstone = await end(key, reason);
    // Once more when every writer that read it before has ended: one may still store a text that nothing refers to.
    const again = clock.now() + PURGE_AFTER_MS;
    await index.note(key, again);
    const isYoung = clock.now() - tombstone.endedAt < OTHERS_MAY_GO_ON_MS;
    if (isYoung) {
      await ports.rows?.close(key);
      await ports.scores?.erase(key);
      await keys.erase(key, reason);
      await purgeBlobs(blobs, key);
    } else await purge(ports, tombstone);
    const letters = await eraseLetters(box, key, clock.now());
    const later = isYoung ? { commitsAfter: again } : {};
    return { last: tombstone.first - 1, letters, ...later, ...forksOf(tombstone) };
  };
}

const unknown = ({ session }: SessionKey): SpineError =>
  new SpineError("session.unknown", `Session ${session} does not exist.`);

const underWay = (key: SessionKey): SpineError =>
  new SpineError(
    "input.rejected",
    `${sessionKeyText(key)} is still active, and nothing is removed from an active session. Stop it, or wait for it to end.`,
  );
