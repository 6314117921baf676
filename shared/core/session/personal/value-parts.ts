import type { EventInput, Failure } from "../input.ts";
import type { RunEnding } from "../state.ts";
import type { Json, JsonObject } from "../../json.ts";
import { mapValues, type PersonalValues } from "./personal-values.ts";

/** An error's code says what went wrong; its message may quote what it went wrong with. */
export const failed = <Data extends { readonly error: Failure }>(
  data: Data,
  { text }: PersonalValues,
): Data => ({
  ...data,
  error: { ...data.error, message: text(data.error.message) },
});

/** An event becomes the input of its runs, and sets facts and limits. */
export function inputValues(input: EventInput, { at }: PersonalValues): EventInput {
  const { data, session, constraints } = input;
  return {
    ...input,
    data: at("input", data),
    ...(session !== undefined && { session: objectAt("session", session, at) }),
    ...(constraints !== undefined && { constraints: objectAt("constraints", constraints, at) }),
  };
}

/** What is merged into a section stays an object, whatever of it is personal. */
export const objectAt = (path: string, object: JsonObject, at: PersonalValues["at"]): JsonObject =>
  mapValues(object, (value: Json, key) => at(`${path}.${key}`, value));

/** How a run ends, in words that may quote a value. */
export const endingValues = (ending: RunEnding, personal: PersonalValues): RunEnding =>
  ending.how === "failed" ? failed(ending, personal) : { ...ending, reason: personal.text(ending.reason) };
