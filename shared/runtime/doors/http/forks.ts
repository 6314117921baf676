import type { Json } from "#core/json.ts";
import { isJsonObject } from "#core/json.ts";
import { contentionPauseMs } from "../../session/contention-pause.ts";
import type { Engine } from "../../session/engine.ts";
import { createForkSession } from "../../session/fork-session.ts";
import { jsonResponse, type HttpResponse } from "./http-message.ts";
import { notAllowed } from "./problem.ts";
import type { Handled } from "./session-reads.ts";

/** Lost races until whoever forks is asked to come again. */
const TRIES = 5;

/** Begins a session with what another one had, or says what that would do. It copies what it reads: both rights are needed. */
export async function postFork(engine: Engine, { key, request }: Handled, body: Json): Promise<HttpResponse> {
  const { caller } = request;
  if (!caller.rights.includes("read")) return notAllowed(caller, "read");
  const forks = createForkSession(engine, async (lost) => {
    if (lost >= TRIES) return false;
    await engine.clock.sleep(contentionPauseMs(lost, engine.ids.next()));
    return true;
  });
  const isPreview = isJsonObject(body) && body["preview"] === true;
  const { sequence, ...forked } = await (isPreview ? forks.preview : forks.fork)(key, body, caller);
  if (isPreview) return jsonResponse(200, { preview: true, ...forked });
  const location = `/sessions/${encodeURIComponent(forked.session)}/events`;
  return jsonResponse(202, { ...forked, sequence }, { location });
}
