import * as z from "zod/mini";
import type { Engine } from "../../session/engine.ts";
import { correlationDigests } from "../../session/correlation-digest.ts";
import { nameText, parseWith } from "../../session/messages.ts";
import { parseJson } from "../../session/parse-json.ts";
import { jsonResponse, type HttpRequest, type HttpResponse } from "./http-message.ts";

const MAX_CORRELATION = 256;
const bodySchema = z.strictObject({ correlation: nameText(MAX_CORRELATION) });

/** What log lines say in the place of a correlation of the caller's tenant: nobody else can tell, who has not got the secret. */
export async function postCorrelation({ digests }: Engine, request: HttpRequest): Promise<HttpResponse> {
  const body = parseJson(request.body ?? "", "input.malformed");
  const { correlation } = parseWith(bodySchema, body, "input.malformed", "The body");
  const shown =
    digests === undefined ? [] : await correlationDigests(digests, request.caller.tenant, correlation);
  return jsonResponse(200, { digests: shown });
}
