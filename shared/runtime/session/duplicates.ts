import type { Verdict } from "#core/session/decide/verdict.ts";
import { isIdentified, type IdentifiedInput, type Input } from "#core/session/input.ts";
import type { SessionState } from "#core/session/state.ts";
import type { SessionLog } from "#ports/session-log.ts";
import { hasBody } from "./keyed-inputs.ts";

export interface DuplicateQuestion {
  /** The state as it was loaded. */
  readonly loaded: SessionState;
  /** After what of its batch comes before the input. */
  readonly now: SessionState;
  readonly input: Input;
  /** The hash of its body as it was sent, where it was keyed since. */
  readonly sent?: string | undefined;
}

/**
 * Whether an input is in the log already. The id window is looked at first and the marker after it: an id leaves the
 * window only in a commit whose writer has written its marker before, so one of the two looks finds it. The state may be an old one that
 * this process kept: what was in the log at its sequence is found all the same, since the marker is looked for now. What came later may
 * not be; then the input is committed, and loses its race.
 */
export async function findDuplicate(
  log: Pick<SessionLog, "readMarker">,
  { loaded, now, input, sent }: DuplicateQuestion,
): Promise<Verdict | undefined> {
  if (!isIdentified(input)) return undefined;
  const known = now.ids.find(({ source, id }) => source === input.source && id === input.id);
  if (known !== undefined) return verdictOn(input, sent, known);
  if (!loaded.evicted) return undefined;
  const { tenant, session } = loaded;
  const marker = await log.readMarker({ tenant, session }, input.source, input.id);
  return marker === undefined ? undefined : verdictOn(input, sent, marker);
}

function verdictOn(
  input: IdentifiedInput,
  sent: string | undefined,
  known: { readonly hash: string; readonly sequence: number },
): Verdict {
  if (hasBody({ hash: input.hash, sent }, known.hash)) return { type: "duplicate", sequence: known.sequence };
  const message = `Input "${input.id}" of "${input.source}" was committed at sequence ${known.sequence} with another body.`;
  return { type: "refused", code: "input.conflict", message, retryable: false };
}
