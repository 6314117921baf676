import { isSpineError, SpineError } from "#core/errors.ts";
import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";
import { inOrder } from "#core/session/subscription.ts";
import { advanceOf } from "../session/advance-of.ts";
import type { Engine } from "../session/engine.ts";
import { createWholeCommits } from "../session/known-flows.ts";
import { readCommit } from "../session/read-commit.ts";

/** What somebody does with every commit of a session, in order and each once. */
export interface Subscriber<State extends { readonly sequence: number }> {
  /** What is kept of a session; `undefined` if nothing is. */
  load(key: SessionKey): Promise<State | undefined>;
  /** One more commit. Gives what to keep, whose `sequence` is the commit's last. */
  take(state: State | undefined, advance: SessionAdvanced): State;
  /** Keeps it, its sequence in the same write: that makes a commit that comes twice harmless. */
  store(key: SessionKey, state: State): Promise<void>;
}

/** Hands on what one batch brought of one session. One batch of a session at a time. */
export type Deliver = (key: SessionKey, advances: readonly SessionAdvanced[]) => Promise<void>;

const PAGE = 100;

/**
 * Gives a subscriber the commits of its sessions in order. One that it has is dropped. Where one is missing, the log is
 * read at once: what is published was committed, and so was all before it. So nothing is held from one batch to the next,
 * no gap is waited for, and what comes late is known already.
 */
export function createSubscriber<State extends { readonly sequence: number }>(
  subscriber: Subscriber<State>,
  { log, digest }: Pick<Engine, "log" | "digest">,
): Deliver {
  const whole = createWholeCommits({ log, digest });

  async function* missing(key: SessionKey, from: number) {
    for (let after = from; ;) {
      const page = await log.readAfter(key, after, PAGE);
      for (const stored of page)
        yield advanceOf({ digest }, await whole(readCommit(log, key, stored)), stored.text);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      after = last.last;
    }
  }

  return async (key, advances) => {
    const kept = await subscriber.load(key);
    let state = kept;
    const { due, ahead } = inOrder(kept?.sequence ?? 0, advances);
    for (const advance of due) state = subscriber.take(state, advance);
    const last = ahead.at(-1)?.last ?? 0;
    if (last > 0) {
      try {
        for await (const advance of missing(key, state?.sequence ?? 0))
          state = subscriber.take(state, advance);
      } catch (error) {
        // It comes so late that retention has removed what it missed: nobody can give it that any more.
        if (isSpineError(error, "session.expired")) return;
        throw error;
      }
    }
    if ((state?.sequence ?? 0) < last)
      throw new SpineError(
        "log.corrupt",
        `The log of ${sessionKeyText(key)} ends at ${state?.sequence ?? 0}, but ${last} was published.`,
      );
    if (state !== undefined && state !== kept) await subscriber.store(key, state);
  };
}
