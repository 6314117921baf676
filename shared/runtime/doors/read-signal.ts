import * as z from "zod/mini";
import { problemError } from "#core/errors.ts";
import { canonicalJson, utf8Length, type Json } from "#core/json.ts";
import type { SignalInput } from "#core/session/input.ts";
import { MAX_SIGNAL_BYTES } from "#core/session/signal/task-signal.ts";
import type { Engine } from "../session/engine.ts";
import { json, nameText, parseWith } from "../session/messages.ts";
import { checkBody, type Caller } from "./read-event.ts";

const signalSchema = z.strictObject({
  id: z.exactOptional(nameText(256)),
  to: nameText(512),
  name: nameText(64),
  data: z.optional(json),
});

/** Reads what somebody tells agents at work. Throws `input.malformed` or `input.too-large`, naming each field. */
export function readSignal(
  { ids, digest }: Pick<Engine, "ids" | "digest">,
  { source, person }: Caller,
  body: unknown,
): SignalInput {
  const given = checkBody(body);
  const {
    id = ids.next(),
    to,
    name,
    ...rest
  } = parseWith(signalSchema, given, "input.malformed", "The signal");
  const { data = null } = rest as { readonly data?: Json };
  const bytes = utf8Length(JSON.stringify(data));
  if (bytes > MAX_SIGNAL_BYTES) {
    const problem = `has ${bytes} bytes; at most ${MAX_SIGNAL_BYTES} are allowed`;
    const repair = "Store large values elsewhere and send a reference.";
    throw problemError("input.too-large", { field: "data", problem, repair });
  }
  return {
    kind: "signal",
    source,
    ...(person !== undefined && { by: person }),
    id,
    hash: digest.sha256(canonicalJson(["signal", to, name, data])),
    correlation: id,
    to,
    name,
    data,
  };
}
