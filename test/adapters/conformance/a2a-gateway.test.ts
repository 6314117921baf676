import {
  Role,
  TaskState,
  type Part,
  type SendMessageRequest,
  type StreamResponse,
  type Task,
} from "@a2a-js/sdk";
import {
  ClientFactory,
  ClientFactoryOptions,
  createAuthenticatingFetchWithRetry,
  DefaultAgentCardResolver,
  JsonRpcTransportFactory,
  type Client,
} from "@a2a-js/sdk/client";
import { defineAgent, defineFlow, human, reply, sequence, step, waitFor } from "event-spine";
import { defineInterruptible, withApproval } from "event-spine/adapters";
import { a2aAgent } from "event-spine/adapters/a2a";
import { inProcessCall, inProcessSpine } from "event-spine/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { a2aOffer } from "../../../scripts/a2a/a2a-skills.ts";
import { startA2aGateway } from "../../../scripts/a2a/a2a-server.ts";

const pricer = defineAgent({
  name: "pricer",
  input: z.object({ input: z.object({ pieces: z.number() }) }),
  reads: ["input"],
  output: z.object({ total: z.number() }),
});
const greeter = defineAgent({
  name: "greeter",
  input: z.object({ input: z.object({ text: z.string() }) }),
  reads: ["input"],
  output: z.string(),
});
const application = {
  flows: [
    defineFlow({
      name: "quoting",
      on: "QuoteAsked",
      plan: sequence(
        step(pricer),
        human({ ask: "Who signs?", answer: z.object({ name: z.string() }), into: "signed" }),
        reply(`{"total": pricer.total, "by": signed.name}`),
      ),
    }),
    defineFlow({ name: "greeting", on: "GreetingAsked", plan: sequence(step(greeter), reply("greeter")) }),
    defineFlow({ name: "waiting", on: "WaitAsked", plan: waitFor("Never") }),
  ],
  events: { QuoteAsked: z.object({ pieces: z.number() }), GreetingAsked: z.object({ text: z.string() }) },
};

/** A spine as an agent of A2A, and the SDK's own client that knows it by its card. */
async function open() {
  const agents = [
    pricer.implement(({ context: { input } }) => ({ total: input.pieces * 10 })),
    greeter.implement(({ context: { input } }) => `Hello ${input.text}`),
  ];
  const spine = inProcessSpine({ ...application, agents });
  const gateway = await startA2aGateway({
    target: { call: inProcessCall(spine, "gateway") },
    offer: a2aOffer(application),
    name: "shop",
    version: "1",
    port: 0,
    onTrouble: (error) => {
      throw error;
    },
  });
  const headers = { Authorization: `Bearer ${gateway.token}` };
  const fetchImpl = createAuthenticatingFetchWithRetry(fetch, {
    headers: () => Promise.resolve(headers),
    shouldRetryWithHeaders: () => Promise.resolve(undefined),
  });
  const factory = new ClientFactory(
    ClientFactoryOptions.createFrom(ClientFactoryOptions.default, {
      transports: [new JsonRpcTransportFactory({ fetchImpl })],
      cardResolver: new DefaultAgentCardResolver({ fetchImpl }),
    }),
  );
  const client = await factory.createFromUrl(new URL(gateway.url).origin);
  const close = async () => {
    await gateway.close();
    await spine.close();
  };
  return { spine, gateway, headers, client, close };
}

let shop: Awaited<ReturnType<typeof open>>;
let client: Client;
beforeAll(async () => {
  shop = await open();
  ({ client } = shop);
});
afterAll(() => shop.close());

const part = (content: Part["content"]): Part => ({
  content,
  metadata: undefined,
  filename: "",
  mediaType: "",
});
const data = (value: unknown): Part => part({ $case: "data", value });
const text = (value: string): Part => part({ $case: "text", value });

interface Sent {
  readonly id: string;
  readonly parts: Part[];
  readonly skill?: string;
  readonly taskId?: string;
  readonly returnImmediately?: boolean;
}

const request = ({ id, parts, skill, taskId = "", returnImmediately = false }: Sent): SendMessageRequest => ({
  tenant: "",
  message: {
    messageId: id,
    contextId: "",
    taskId,
    role: Role.ROLE_USER,
    parts,
    metadata: skill === undefined ? undefined : { skill },
    extensions: [],
    referenceTaskIds: [],
  },
  configuration: {
    acceptedOutputModes: [],
    taskPushNotificationConfig: undefined,
    returnImmediately,
  },
  metadata: undefined,
});

async function send(sent: Sent): Promise<Task> {
  const result = await client.sendMessage(request(sent));
  if (!("status" in result)) throw new Error("It answered with a message.");
  return result;
}

const valuesOf = (parts: readonly Part[] = []) => parts.map(({ content }) => content?.value);
const repliesOf = ({ artifacts }: Task) => artifacts.flatMap(({ parts }) => valuesOf(parts));

/** States and artifacts in the order in which a stream told of them. */
function toldOf({ payload }: StreamResponse): unknown {
  switch (payload?.$case) {
    case "task":
      return payload.value.status?.state;
    case "statusUpdate":
      return payload.value.status?.state;
    case "artifactUpdate":
      return valuesOf(payload.value.artifact?.parts);
    default:
      throw new Error("A stream told nothing.");
  }
}

async function read(stream: AsyncIterable<StreamResponse>): Promise<readonly unknown[]> {
  const told = [];
  for await (const one of stream) told.push(toldOf(one));
  return told;
}

describe("A2A's own client, of a spine", () => {
  it("knows it by its card", async () => {
    const card = await client.getAgentCard();
    expect(card).toMatchObject({ name: "shop", capabilities: { streaming: true, pushNotifications: false } });
    expect(card.skills.map(({ id }) => id)).toEqual(["GreetingAsked", "QuoteAsked", "WaitAsked"]);
    expect(card.securitySchemes["token"]?.scheme).toMatchObject({
      $case: "httpAuthSecurityScheme",
      value: { scheme: "Bearer" },
    });
  });

  it("sends a text and has the reply, and the same task for the same message", async () => {
    const sent = { id: "m1", parts: [text("Ada")], skill: "GreetingAsked" };
    const task = await send(sent);
    expect(task.status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
    expect(repliesOf(task)).toEqual(["Hello Ada"]);
    expect(await send(sent)).toEqual(task);
    expect(await client.getTask({ tenant: "", id: task.id })).toEqual(task);
    const page = await client.listTasks({
      tenant: "",
      contextId: task.contextId,
      status: TaskState.TASK_STATE_COMPLETED,
      pageToken: "",
      statusTimestampAfter: undefined,
      includeArtifacts: true,
    });
    expect(page).toMatchObject({ totalSize: 1, nextPageToken: "" });
    expect(page.tasks.map(repliesOf)).toEqual([["Hello Ada"]]);
  });

  it("is asked for input, answers, and has the reply", async () => {
    const asked = await send({ id: "q1", parts: [data({ pieces: 4 })], skill: "QuoteAsked" });
    expect(asked.status?.state).toBe(TaskState.TASK_STATE_INPUT_REQUIRED);
    expect(valuesOf(asked.status?.message?.parts)).toMatchObject(["Who signs?", { question: "Who signs?" }]);
    const done = await send({ id: "q2", parts: [data({ name: "Ada" })], taskId: asked.id });
    expect(done).toMatchObject({ id: asked.id, contextId: asked.contextId });
    expect(done.status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
    expect(repliesOf(done)).toEqual([{ total: 40, by: "Ada" }]);
  });

  it("follows a task as a stream, over the question and after coming back", async () => {
    const states = await read(
      client.sendMessageStream(request({ id: "s1", parts: [data({ pieces: 2 })], skill: "QuoteAsked" })),
    );
    expect(states.at(-1)).toBe(TaskState.TASK_STATE_INPUT_REQUIRED);
    const { id } = await send({ id: "s1", parts: [data({ pieces: 2 })], skill: "QuoteAsked" });
    const told: unknown[] = [];
    for await (const one of client.resubscribeTask({ tenant: "", id })) {
      told.push(toldOf(one));
      if (told.length > 1) continue;
      const answer = request({ id: "s2", parts: [data({ name: "Ada" })], taskId: id });
      expect((await read(client.sendMessageStream(answer))).at(-1)).toBe(TaskState.TASK_STATE_COMPLETED);
    }
    expect(told).toEqual([
      TaskState.TASK_STATE_INPUT_REQUIRED,
      TaskState.TASK_STATE_WORKING,
      [{ total: 20, by: "Ada" }],
      TaskState.TASK_STATE_COMPLETED,
    ]);
  });

  it("cancels a task, and is told that it cannot a second time", async () => {
    const sent = { id: "w1", parts: [text("Wait.")], skill: "WaitAsked", returnImmediately: true };
    const { id, status } = await send(sent);
    expect(status?.state).toBe(TaskState.TASK_STATE_WORKING);
    const cancelled = await client.cancelTask({ tenant: "", id, metadata: undefined });
    expect(cancelled.status?.state).toBe(TaskState.TASK_STATE_CANCELED);
    await expect(client.cancelTask({ tenant: "", id, metadata: undefined })).rejects.toThrow(/ended already/);
  });

  it("has the protocol's errors", async () => {
    await expect(client.getTask({ tenant: "", id: "nobody~1" })).rejects.toMatchObject({
      name: "TaskNotFoundError",
    });
    await expect(send({ id: "e1", parts: [text("x")] })).rejects.toThrow(/Name one of GreetingAsked/);
  });
});

const quoter = defineInterruptible({
  name: "quoter",
  output: z.object({ total: z.number(), by: z.string() }),
});

describe("a spine as an agent of another spine", () => {
  it.each([true, false])(
    "asks a person there, and its reply is the step's result (as a stream: %s)",
    async (streaming) => {
      const agent = a2aAgent(quoter, {
        url: shop.gateway.url,
        headers: () => shop.headers,
        metadata: { skill: "QuoteAsked" },
        streaming,
        prompt: ({ input }) => [{ data: input }],
      });
      const name = z.object({ name: z.string() });
      const plan = sequence(withApproval(quoter, { ask: "Who signs there?", answer: name }), reply("quoter"));
      const flows = [defineFlow({ name: "buying", on: "BuyAsked", plan })];
      const outer = inProcessSpine({ flows, agents: [agent] });
      const { tenant } = outer.key("one");
      const session = `one-${String(streaming)}`;
      await outer.send("BuyAsked", { pieces: streaming ? 3 : 5 }, { session });
      await outer.idle();
      const asked = (await outer.reader.events(outer.key(session))).find(({ type }) => type === "HumanAsked");
      const { ask } = asked?.data as { readonly ask: string };
      const caller = { tenant, source: "test", rights: ["answer"] };
      await outer.ingress.answerHuman(caller as never, session, ask, { value: { name: "Grace" } });
      await outer.idle();
      const sent = (await outer.reader.events(outer.key(session))).find(({ type }) => type === "ReplySent");
      expect(sent?.data).toMatchObject({ body: { total: streaming ? 30 : 50, by: "Grace" } });
      await outer.close();
    },
  );
});
