import { SpineError } from "#core/errors.ts";
import { parseSessionKey } from "#core/ids.ts";
import { isJsonObject, type JsonObject } from "#core/json.ts";
import type { CommitRef, RelayPart } from "#ports/queues.ts";
import { parseJson } from "../session/parse-json.ts";
import { RELAY_PARTS } from "./relay-work.ts";

/** Reads a message of the retry queue. Throws `input.malformed` or `id.invalid`. */
export function parseCommitRef(body: string): CommitRef {
  const ref = parseJson(body, "input.malformed");
  const { tenant, session, first, left, again }: JsonObject = isJsonObject(ref) ? ref : {};
  if (typeof first !== "number") throw new SpineError("input.malformed", 'The body has no number "first".');
  return {
    ...parseSessionKey({ tenant, session }),
    first,
    ...(Array.isArray(left) && { left: left.filter(isPart) }),
    ...(again === true && { again }),
  };
}

const isPart = (value: unknown): value is RelayPart => RELAY_PARTS.some((part) => part === value);
