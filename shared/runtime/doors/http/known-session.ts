import { SpineError } from "#core/errors.ts";
import type { SessionKey } from "#core/ids.ts";
import type { SessionState } from "#core/session/state.ts";
import type { Engine } from "../../session/engine.ts";
import { loadSession } from "../../session/load-session.ts";

/** The newest state of a session. Throws `session.unknown` where it has no events, and `session.expired` where it has ended. */
export async function knownSession(
  engine: Pick<Engine, "log" | "blobs" | "digest">,
  key: SessionKey,
): Promise<SessionState> {
  const { state } = await loadSession(engine, key);
  if (state.sequence > 0) return state;
  throw new SpineError("session.unknown", `Session ${key.session} has received no events.`, {
    problems: [{ field: "session", problem: "has no events", repair: "Send it an event first." }],
  });
}
