import { utf8Length, type Json } from "../json.ts";
import type { KeptEvent, RunState, SessionState } from "./state.ts";

/** The form of commits from which on events are kept for waits that are not open yet. */
export const KEPT_FORM = 2;

/** What an event takes of what a run may keep. */
export const keptBytes = (data: Json): number => utf8Length(JSON.stringify(data));

/** Events that are kept for a run. */
export const keptFor = ({ kept = [] }: SessionState, { id }: RunState): readonly KeptEvent[] =>
  kept.filter(({ runs }) => runs.includes(id));
