import * as z from "zod/mini";
import { problemError } from "#core/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";
import { json, nameText, parseWith } from "./messages.ts";

const PATH = /^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$/;

const forkSchema = z.strictObject({
  session: z.string(),
  at: z.exactOptional(z.int().check(z.positive())),
  set: z.exactOptional(
    z.custom<JsonObject>(isJsonObject, "Invalid input: expected an object of values by paths"),
  ),
  answer: z.exactOptional(z.strictObject({ ask: nameText(256), value: json })),
  flow: z.exactOptional(nameText(256)),
  repeatEffects: z.exactOptional(z.boolean()),
  preview: z.exactOptional(z.boolean()),
});
export type ForkRequest = z.infer<typeof forkSchema>;

/** Reads what a fork is asked to be. Throws `input.malformed`, naming field, problem and repair. */
export function readForkRequest(body: Json): ForkRequest {
  const request = parseWith(forkSchema, body, "input.malformed", "The fork");
  checkPaths(request.set);
  return request;
}

function checkPaths(set: JsonObject | undefined): void {
  for (const [path, value] of Object.entries(set ?? {})) {
    if (!PATH.test(path))
      throw problemError("input.malformed", {
        field: `set "${path}"`,
        problem: "is no path of the context",
        repair: "Write a path such as inquiry.intent, input.text or confidence.inquiry.",
      });
    if (
      path === "session" || path === "constraints"
        ? !isJsonObject(value)
        : isConfidence(path) && typeof value !== "number"
    )
      throw problemError("input.malformed", {
        field: `set "${path}"`,
        problem: isConfidence(path) ? "is not a number" : "is not an object",
        repair: isConfidence(path)
          ? "Give a confidence from 0 to 1."
          : "Set a path below it, or give an object.",
      });
  }
}

const isConfidence = (path: string): boolean => path === "confidence" || path.startsWith("confidence.");
