import type { Operate } from "#client/operate.ts";
import { isJsonObject } from "#core/json.ts";
import { jsonResponse, type HttpResponse } from "#runtime/doors/http/http-message.ts";
import { parseJson } from "#runtime/session/parse-json.ts";
import { refusal } from "./console-guards.ts";

/** Redrives or discards the letter that a request of the page names; the operator function judges the rest of it. */
export async function letterOperation(operate: Operate, body: string): Promise<HttpResponse> {
  const asked = parseJson(body, "input.malformed");
  const { op, letter, reason } = isJsonObject(asked) ? asked : {};
  if (typeof letter !== "string" || typeof reason !== "string")
    return refusal(400, "input.malformed", "letter", {
      problem: "or its reason is missing",
      repair: "Name a dead letter and say why.",
    });
  if (op === "redrive") return jsonResponse(200, await operate({ op, letter, reason }));
  if (op === "discard") return jsonResponse(200, await operate({ op, letter, reason }));
  return refusal(400, "input.malformed", "op", {
    problem: `"${String(op)}" is unknown`,
    repair: "Redrive or discard.",
  });
}
