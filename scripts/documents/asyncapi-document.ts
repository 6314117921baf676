import { agentQueueSuffix, DEFAULT_PREFIX, QueueSuffix, queueName, spineOutName } from "#aws/names.ts";
import { protocolSchema } from "#aws/lambda/protocol-schema.ts";
import type { Contract } from "#core/contract.ts";
import type { JsonObject } from "#core/json.ts";
import type { ApplicationFacts, EventFact } from "./application-facts.ts";
import { answerMessage, eventMessage } from "./event-message.ts";
import { componentName, SchemaShelf } from "./schema-shelf.ts";

/** What a document is called. */
export interface DocumentTitle {
  readonly title: string;
  readonly version: string;
}

interface Draft {
  readonly shelf: SchemaShelf;
  readonly channels: Record<string, JsonObject>;
  readonly operations: Record<string, JsonObject>;
  readonly messages: Record<string, JsonObject>;
}

/**
 * An application as an AsyncAPI 3.0 document, from the spine's side: it receives events and people's answers, replies, sends tasks to agents and
 * receives their answers, and publishes what it commits.
 */
export function asyncApiDocument(facts: ApplicationFacts, { title, version }: DocumentTitle): JsonObject {
  const draft: Draft = { shelf: new SchemaShelf("draft-07"), channels: {}, operations: {}, messages: {} };
  addEvents(draft, facts.events);
  addQuestions(draft, facts);
  const protocol = protocolOf(draft.shelf);
  for (const contract of facts.agents) addAgent(draft, contract, protocol);
  addPublications(draft);
  return {
    asyncapi: "3.0.0",
    info: { title, version, description: ABOUT },
    defaultContentType: "application/json",
    channels: draft.channels,
    operations: draft.operations,
    components: { messages: draft.messages, schemas: draft.shelf.all() },
  };
}

const ABOUT = `Written by \`event-spine documents\`. Queues and buses are named for the prefix "${DEFAULT_PREFIX}".`;
const SESSION = { session: { description: "The session's name: 1 to 128 characters." } };

const inChannel = (channel: string, message: string): JsonObject => ({
  $ref: `#/channels/${channel}/messages/${message}`,
});

/** Adds messages to a channel, and gives references to them as operations name them. */
function addMessages(
  draft: Draft,
  channel: string,
  about: JsonObject,
  messages: Readonly<Record<string, JsonObject>>,
): readonly JsonObject[] {
  Object.assign(draft.messages, messages);
  const names = Object.keys(messages);
  const known = draft.channels[channel]?.["messages"] as JsonObject | undefined; // written here
  const references = names.map((name) => [name, { $ref: `#/components/messages/${name}` }] as const);
  draft.channels[channel] = { ...about, messages: { ...known, ...Object.fromEntries(references) } };
  return names.map((name) => inChannel(channel, name));
}

const EVENTS = {
  address: "/sessions/{session}/events",
  description:
    "POST over HTTP, or put on the bus spine-in with the type as DetailType (docs/http.md, docs/bus.md).",
  parameters: SESSION,
};
const REPLIES = {
  address: null,
  description:
    "The answer to the HTTP request that waits, or the session's log; on spine-out with what was committed.",
};

function addEvents(draft: Draft, events: readonly EventFact[]): void {
  for (const { type, schema, flows, awaitedBy } of events) {
    const name = componentName(type);
    const data = schema === undefined ? undefined : draft.shelf.put(`${name}.data`, schema);
    const payload = draft.shelf.putJson(name, eventMessage(type, data));
    const messages = addMessages(draft, "events", EVENTS, { [name]: { name: type, payload } });
    const replies = flows.flatMap((flow) =>
      addMessages(draft, "replies", REPLIES, {
        [`${componentName(flow.name)}.reply`]: {
          title: `What the flow ${flow.name} replies`,
          payload: draft.shelf.put(`${componentName(flow.name)}.reply`, flow.replies),
        },
      }),
    );
    draft.operations[`receive.${name}`] = {
      action: "receive",
      channel: { $ref: "#/channels/events" },
      description: eventText(flows, awaitedBy),
      messages,
      ...(replies.length > 0 && { reply: { channel: { $ref: "#/channels/replies" }, messages: replies } }),
    };
  }
}

function eventText(flows: EventFact["flows"], awaitedBy: readonly string[]): string {
  const starts = flows.length === 0 ? [] : [`Starts ${flows.map(({ name }) => name).join(", ")}.`];
  const awaited = awaitedBy.length === 0 ? [] : [`Awaited by ${awaitedBy.join(", ")}.`];
  return [...starts, ...awaited].join(" ") || "No flow uses it now.";
}

function addQuestions(draft: Draft, { questions }: ApplicationFacts): void {
  for (const [at, { wording, schema }] of questions.entries()) {
    const name = `question-${at + 1}.answer`;
    const payload = draft.shelf.putJson(name, answerMessage(draft.shelf.put(`${name}.value`, schema)));
    const about = {
      address: "/sessions/{session}/asks/{ask}",
      description: "A person's answer to an open question, over HTTP.",
      parameters: { ...SESSION, ask: { description: "The question's id." } },
    };
    const messages = addMessages(draft, "people", about, { [name]: { title: wording, payload } });
    draft.operations[`receive.${name}`] = {
      action: "receive",
      channel: { $ref: "#/channels/people" },
      description: `The answer to: ${wording}`,
      messages,
    };
  }
}

function addAgent(
  { shelf, ...draft }: Draft,
  { spec, input, output }: Contract,
  { task, answer }: Protocol,
): void {
  const { name } = spec;
  const view = input === undefined ? {} : shelf.put(`${name}.view`, input);
  const result = shelf.put(`${name}.result`, output);
  const all = { shelf, ...draft };
  const asked = addMessages(
    all,
    `tasks.${name}`,
    {
      address: queueName(DEFAULT_PREFIX, agentQueueSuffix(name, "normal")),
      description: `Tasks of ${name}, which reads ${spec.reads.join(", ")} and writes ${spec.writes}; urgent ones in the queue of the lane express.`,
    },
    {
      [`${name}.task`]: {
        payload: shelf.putJson(`${name}.task`, { allOf: [task, { type: "object", properties: { view } }] }),
      },
    },
  );
  const ok = {
    type: "object",
    required: ["outcome"],
    properties: { outcome: { if: IS_OK, then: { type: "object", properties: { result } } } },
  };
  const answered = addMessages(
    all,
    `answers.${name}`,
    {
      address: queueName(DEFAULT_PREFIX, QueueSuffix.answers),
      description: "Or an invocation of the door's function, which answers what became of it.",
    },
    { [`${name}.answer`]: { payload: shelf.putJson(`${name}.answer`, { allOf: [answer, ok] }) } },
  );
  draft.operations[`send.${name}.task`] = {
    action: "send",
    channel: { $ref: `#/channels/tasks.${name}` },
    messages: asked,
    reply: { channel: { $ref: `#/channels/answers.${name}` }, messages: answered },
  };
}

const IS_OK = { type: "object", required: ["status"], properties: { status: { const: "ok" } } };

/** References to what a task and an answer of any agent are. */
interface Protocol {
  readonly task: JsonObject;
  readonly answer: JsonObject;
}

/** As docs/task.schema.json has them. */
function protocolOf(shelf: SchemaShelf): Protocol {
  const { $defs } = JSON.parse(JSON.stringify(protocolSchema())) as { readonly $defs: Protocol };
  return { task: shelf.putJson("Task", $defs.task), answer: shelf.putJson("Answer", $defs.answer) };
}

function addPublications(draft: Draft): void {
  const payload = draft.shelf.putJson("SessionAdvanced", {
    type: "object",
    required: ["tenant", "session", "first", "last", "types", "hash", "time", "correlation", "events"],
    description: "What a commit appended to a session's log (docs/subscriptions.md).",
    properties: {
      ...Object.fromEntries(["tenant", "session", "hash"].map((name) => [name, { type: "string" }])),
      ...Object.fromEntries(["first", "last", "time", "evicted"].map((name) => [name, { type: "integer" }])),
      ...Object.fromEntries(
        ["types", "correlation"].map((name) => [name, { type: "array", items: { type: "string" } }]),
      ),
      events: { type: "array", items: { type: "object" } },
    },
  });
  const about = {
    address: spineOutName(DEFAULT_PREFIX),
    description: "The bus on which every commit is published.",
  };
  const messages = addMessages(draft, "publications", about, {
    SessionAdvanced: { name: "SessionAdvanced", payload },
  });
  draft.operations["send.SessionAdvanced"] = {
    action: "send",
    channel: { $ref: "#/channels/publications" },
    messages,
  };
}
