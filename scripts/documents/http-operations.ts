import type { JsonObject } from "#core/json.ts";

/** What a request with this method to this resource does, in a line. */
export const SUMMARIES: Readonly<Record<string, string>> = {
  "post events": "Accepts an event; a session begins with its first",
  "get events": "The log after an event, a page of CloudEvents; as a stream with Accept: text/event-stream",
  "get state": "The state, now or after an event",
  "get explanation": "What the session waits for, and its open questions",
  "get decision": "Why the input that an event belongs to led to what it did",
  "get view": "What an agent saw beside what is true now",
  "get commits": "The log as it was committed: all that it takes to decide the session again",
  "get scores": "What scorers said of the session's replies, a page of it",
  "post ask": "A person's answer to an open question",
  "post signals": "Tells agents at work something",
  "post commands": "Stops the session, or cancels a run",
  "post forks": "Begins another session with what this one had as of an event",
  "post correlations": "A correlation's digests in the functions' logs",
  "get sessions": "The list of sessions, the newest first",
  "get questions": "Open questions over all sessions",
};

const query = (name: string, description: string, schema: JsonObject = { type: "string" }): JsonObject => ({
  name,
  in: "query",
  description,
  schema,
});
const SEQUENCE = { type: "integer", minimum: 0 };

/** The parameters of a request beside those in its path. */
export const PARAMETERS: Readonly<Record<string, readonly JsonObject[]>> = {
  "post events": [
    {
      name: "Prefer",
      in: "header",
      description: "wait=SECONDS holds the request until its reply, 60 s at most.",
      schema: { type: "string", pattern: "^wait=[0-9]+$" },
    },
  ],
  "post ask": [
    {
      name: "Prefer",
      in: "header",
      description: "wait=SECONDS holds the request until the reply of the run that asked.",
      schema: { type: "string", pattern: "^wait=[0-9]+$" },
    },
  ],
  "get events": [
    query("after", "The event after which it begins.", SEQUENCE),
    query("live", "Of streams: show what agents say while they work.", { type: "boolean" }),
    query("as", "Of streams: the words of another protocol.", { enum: ["ag-ui", "ui-messages"] }),
  ],
  "get state": [query("at", "The event after which it was so.", SEQUENCE)],
  "get view": [query("attempt", "The attempt; without it the newest.", { type: "integer", minimum: 1 })],
  "get commits": [
    query("after", "The event after which it begins.", SEQUENCE),
    query("values", "plain: with personal values.", { const: "plain" }),
  ],
  "get sessions": [
    query("state", "States, with commas between them."),
    query("flow", "A flow that the sessions ran."),
    query("problem", "Kinds of problems, with commas between them, or any."),
    query("filter", "A condition in CEL over a row."),
    query("limit", "At most so many.", { type: "integer", minimum: 1, maximum: 200 }),
    query("cursor", "From the link of the page before."),
  ],
  "get scores": [query("cursor", "From the link of the page before.")],
  "get questions": [query("cursor", "From the link of the page before.")],
};

const id: JsonObject = {
  type: "string",
  maxLength: 256,
  description: "The same id with the same body is accepted once.",
};

/** The bodies of requests that do not depend on the application. */
export const BODIES: Readonly<Record<string, JsonObject>> = {
  "post signals": {
    type: "object",
    required: ["to", "name"],
    properties: {
      id,
      to: { type: "string", maxLength: 512, description: "An agent, a step and all in it, or a task." },
      name: { type: "string", maxLength: 64, description: "One that the agent's contract declares." },
      data: { description: "At most 4,096 bytes as JSON." },
    },
  },
  "post commands": {
    type: "object",
    required: ["type", "reason"],
    properties: {
      id,
      type: { enum: ["stop", "cancel"] },
      run: { type: "string", description: "Of cancel." },
      reason: { type: "string" },
      compensate: { type: "boolean", description: "false: nothing is undone." },
    },
  },
  "post forks": {
    type: "object",
    required: ["session"],
    properties: {
      session: { type: "string", description: "The new session." },
      at: { type: "integer", minimum: 1 },
      set: { type: "object" },
      answer: {
        type: "object",
        required: ["ask", "value"],
        properties: { ask: { type: "string" }, value: {} },
      },
      flow: { type: "string" },
      repeatEffects: { type: "boolean" },
      preview: { type: "boolean" },
    },
  },
  "post correlations": {
    type: "object",
    required: ["correlation"],
    properties: { correlation: { type: "string" } },
  },
};

const problem: JsonObject = {
  type: "object",
  required: ["field", "problem", "repair"],
  properties: Object.fromEntries(["field", "problem", "repair"].map((name) => [name, { type: "string" }])),
};

/** Schemas that responses have, by their names in the document. */
export const SCHEMAS: Readonly<Record<string, JsonObject>> = {
  Problem: {
    type: "object",
    description: "A problem of RFC 9457: the spine's codes are in docs/errors.md.",
    required: ["type", "title", "status", "detail", "problems"],
    properties: {
      type: { type: "string", description: "urn:event-spine:problem:CODE" },
      title: { type: "string" },
      status: { type: "integer" },
      detail: { type: "string" },
      problems: { type: "array", items: problem },
    },
  },
  Accepted: {
    type: "object",
    required: ["session", "id", "sequence"],
    properties: {
      session: { type: "string" },
      id: { type: "string" },
      sequence: { type: "integer", minimum: 1 },
      disposition: { enum: ["triggers", "held", "awaited", "kept", "ignored", "rejected", "signalled"] },
      reason: { type: "string", description: "Why a signal is ignored." },
      asks: { type: "array", items: { $ref: "#/components/schemas/OpenQuestion" } },
    },
  },
  OpenQuestion: {
    type: "object",
    required: ["ask", "question", "dueAt"],
    properties: {
      ask: { type: "string" },
      question: { type: "string" },
      dueAt: { type: "number", description: "From then on an answer comes too late, ms since the epoch." },
    },
  },
  Failure: {
    type: "object",
    required: ["code", "message"],
    properties: { code: { type: "string" }, message: { type: "string" } },
  },
  CloudEvent: {
    type: "object",
    required: ["specversion", "id", "source", "type", "sequence"],
    properties: {
      ...Object.fromEntries(
        ["specversion", "id", "source", "type", "sequence", "tenant", "session", "causationid"].map(
          (name) => [name, { type: "string" }],
        ),
      ),
      time: { type: "string", format: "date-time" },
      data: {},
    },
  },
};
