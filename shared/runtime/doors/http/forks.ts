import { isJsonObject, type Json } from "#core/json.ts";
import { contentionPauseMs } from "../../session/contention-pause.ts";
import type { Engine } from "../../session/engine.ts";
import { createForkSession } from "../../session/fork-session.ts";
import { jsonResponse, type HttpResponse } from "./http-message.ts";
import { notAllowed } from "./problem.ts";
import type { Handled } from "./session-reads.ts";

/** Lost races until whoever forks is asked to come again. */
const TRIES = 5;

/** Begins sessions with what others had, over HTTP. */
export interface Forks {
  /** Forks a session, or says what that would do. It copies what it reads: both rights are needed. */
  post(handled: Handled, body: Json): Promise<HttpResponse>;
}

export function createForks(engine: Engine): Forks {
  const forks = createForkSession(engine, async (lost) => {
    if (lost >= TRIES) return false;
    await engine.clock.sleep(contentionPauseMs(lost, engine.ids.next()));
    return true;
  });
  return {
    async post({ key, request: { caller } }, body) {
      if (!caller.rights.includes("read")) return notAllowed(caller, "read");
      const isPreview = isJsonObject(body) && body["preview"] === true;
      const { sequence, ...forked } = await (isPreview ? forks.preview : forks.fork)(key, body, caller);
      if (isPreview) return jsonResponse(200, { preview: true, ...forked });
      const location = `/sessions/${encodeURIComponent(forked.session)}/events`;
      return jsonResponse(202, { ...forked, sequence }, { location });
    },
  };
}
