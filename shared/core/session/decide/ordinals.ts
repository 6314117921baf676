import type { EventInput } from "../input.ts";
import { deliver, disposedOf, matchUnrefusable } from "./deliver.ts";
import { ordinalsOf } from "../state.ts";
import { emit, type Draft } from "./draft.ts";
import { replyToReleased } from "./send-reply.ts";

const REJECTED = {
  code: "input.rejected",
  message: "When its turn had come, its flow took none while the session was busy.",
};

/** Runs the held inputs of a producer whose turn has come. */
export function releaseNext(draft: Draft, source: string): void {
  for (;;) {
    const known = ordinalsOf(draft.state, source);
    const held = known?.held[String(known.next)];
    if (held === undefined) return;
    release(draft, held.input);
  }
}

/** Held inputs whose predecessor did not come in time run all the same, in order, with the gap recorded. */
export function releaseOverdue(draft: Draft): void {
  for (const source of Object.keys(draft.state.ordinals)) {
    for (;;) {
      const known = ordinalsOf(draft.state, source);
      const late = Object.values(known?.held ?? {}).some(({ dueAt }) => dueAt <= draft.now);
      if (known === undefined || !late) break;
      const first = Math.min(...Object.keys(known.held).map(Number));
      emit(draft, "OrdinalGapRecorded", { source, from: known.next, to: first - 1 });
      releaseNext(draft, source);
    }
  }
}

function release(draft: Draft, input: EventInput): void {
  const match = matchUnrefusable(draft, input.type, input.data);
  const disposed = disposedOf(match);
  const { disposition, reason } = disposed;
  emit(draft, "InputReleased", { source: input.source, ordinal: input.ordinal ?? 0, ...disposed });
  deliver(draft, match);
  // Its sender was told that it is taken, and may still wait.
  if (disposition === "rejected")
    replyToReleased(draft, { ...REJECTED, message: reason ?? REJECTED.message });
}
