import type { RunId } from "../../ids.ts";
import type { Failure } from "../input.ts";
import { SHEET_FORM } from "../sheet.ts";
import { isLive, type SessionState } from "../state.ts";
import { emit, type Draft } from "./draft.ts";

/** Tells whoever sent the trigger of a run that it failed, unless it has had its reply. */
export function replyFailure(draft: Draft, id: RunId, { code, message }: Failure): void {
  const run = draft.state.runs[id];
  if (run === undefined || (isLive(run) ? run.replied : !repliesToAll(draft))) return;
  emit(draft, "ReplySent", { run: id, to: run.trigger, body: { code, message }, failed: true });
}

/** Tells those whose numbered events wait for a predecessor that none of them becomes a run. */
export function replyToHeld(draft: Draft, { code, message }: Failure): void {
  if (!repliesToAll(draft)) return;
  for (const sequence of heldIn(draft.state)) {
    emit(draft, "ReplySent", { to: sequence, body: { code, message }, failed: true });
  }
}

/** Tells the sender of the numbered event that was just released. */
export function replyToReleased(draft: Draft, { code, message }: Failure): void {
  const to = draft.state.trigger?.sequence;
  if (to === undefined || !repliesToAll(draft)) return;
  emit(draft, "ReplySent", { to, body: { code, message }, failed: true });
}

/** Under form 1 only runs that had begun replied: a version that reads no more knows no other reply. */
const repliesToAll = ({ seen }: Draft): boolean => (seen.form ?? 1) >= SHEET_FORM;

function heldIn({ ordinals }: SessionState): readonly number[] {
  const held = Object.values(ordinals).flatMap((source) => Object.values(source.held));
  return held.map(({ sequence }) => sequence).toSorted((a, b) => a - b);
}
