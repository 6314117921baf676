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
}

/**
 * Whether an input is in the log already. The id window is looked at first and the marker after it: an id leaves the
 * window only in a commit whose writer has written its marker before, so one of the two looks finds it.
 */
export async function findDuplicate(
  log: Pick<SessionLog, "readMarker">,
  { loaded, now, input }: DuplicateQuestion,
): Promise<Verdict | undefined> {
  if (!isIdentified(input)) return undefined;
  const known = now.ids.find(({ source, id }) => source === input.source && id === input.id);
  if (known !== undefined) return verdictOn(input, known);
  if (!loaded.evicted) return undefined;
  const { tenant, session } = loaded;
  const marker = await log.readMarker({ tenant, session }, input.source, input.id);
  return marker === undefined ? undefined : verdictOn(input, marker);
}

function verdictOn(
  input: IdentifiedInput,
  known: { readonly hash: string; readonly sequence: number },
): Verdict {
  if (hasBody(input, known.hash)) return { type: "duplicate", sequence: known.sequence };
  const message = `Input "${input.id}" of "${input.source}" was committed at sequence ${known.sequence} with another body.`;
  return { type: "refused", code: "input.conflict", message, retryable: false };
}
