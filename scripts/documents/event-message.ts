import type { JsonObject } from "#core/json.ts";

const text = (description: string, most?: number): JsonObject => ({
  type: "string",
  description,
  ...(most !== undefined && { maxLength: most }),
});

/** An event of a type as producers send it over HTTP (docs/http.md). */
export function eventMessage(type: string, data: JsonObject | undefined): JsonObject {
  return {
    type: "object",
    required: data === undefined ? ["type"] : ["type", "data"],
    properties: {
      id: text("The producer's own: the same id with the same body is accepted once.", 256),
      type: { const: type },
      data: data ?? {},
      ordinal: { type: "integer", minimum: 1, description: "The producer's number in this session, from 1." },
      live: { type: "boolean", description: "Show what agents say while they work." },
      lane: { enum: ["normal", "express"] },
      session: { type: "object", description: "Facts to set in the context." },
      constraints: { type: "object", description: "Limits to set in the context." },
      correlation: text("Passed on to everything that the event causes."),
      traceparent: text("W3C trace context, passed on to everything that the event causes."),
    },
  };
}

/** What a person's answer is over HTTP. */
export const answerMessage = (value: JsonObject): JsonObject => ({
  type: "object",
  required: ["value"],
  properties: { id: text("The same id with the same value is accepted once.", 256), value },
});
