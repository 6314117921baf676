import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";
import type { HttpRequest, HttpResponse } from "#runtime/doors/http/http-message.ts";
import { userArn } from "#local/local-spine.ts";

/** Reads the API of one session. */
export type Read = (path: string, query?: HttpRequest["query"]) => Promise<HttpResponse>;

export interface SentEvent {
  /** The producer, as the front knows it. */
  readonly source: string;
  readonly body: Json;
}

/** Events that record an input whole. */
const RECORDS_INPUT: ReadonlySet<Json | undefined> = new Set(["InputAccepted", "InputHeld"]);
const NEXT = /[?&]after=(\d+)>; rel="next"/;

/** The input that a session's log holds under a producer's id, as it was when it was taken. */
export async function takenEvent(
  read: Read,
  session: string,
  { source, body }: SentEvent,
): Promise<JsonObject | undefined> {
  const id = isJsonObject(body) ? body["id"] : undefined;
  if (typeof id !== "string") return undefined;
  let after: string | undefined = "0";
  while (after !== undefined) {
    const page: HttpResponse = await read(`/sessions/${encodeURIComponent(session)}/events`, { after });
    if (page.status !== 200) return undefined;
    const found = inputsOf(page.body).find(
      (input) => input["source"] === userArn(source) && input["id"] === id,
    );
    if (found !== undefined) return found;
    after = NEXT.exec(page.headers["link"] ?? "")?.[1];
  }
  return undefined;
}

function inputsOf(page: string): readonly JsonObject[] {
  const events = parsed(page);
  if (!Array.isArray(events)) return [];
  return events.flatMap((event: Json) => {
    if (!isJsonObject(event) || !RECORDS_INPUT.has(event["type"])) return [];
    const { data } = event;
    return isJsonObject(data) && isJsonObject(data["input"]) ? [data["input"]] : [];
  });
}

export function parsed(text: string): Json | undefined {
  try {
    // Whatever parses is JSON.
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
