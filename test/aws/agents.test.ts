import { BedrockRuntimeClient, ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createBedrockModel } from "#aws/bedrock/bedrock-model.ts";
import type { InquiryView } from "#contracts/inquiry.ts";
import type { ReplyView } from "#contracts/reply.ts";
import { understandBy } from "#functions/agents/inquiry/model-inquiry.ts";
import { composeBy } from "#functions/agents/reply/model-reply.ts";
import { createDynamoCalendar } from "#functions/agents/scheduling/dynamo-calendar.ts";
import { acceptanceCases } from "../acceptance/cases.ts";
import { awsError, inputsOf, mockedClient } from "./aws-mock.ts";

const bedrock = mockedClient(BedrockRuntimeClient);
const { signal } = new AbortController();
const model = createBedrockModel({
  client: new BedrockRuntimeClient({ region: "eu-west-1" }),
  modelId: "model-1",
  pauseMs: 0,
});
const says = (text: string) => ({
  output: { message: { role: "assistant" as const, content: [{ text }] } },
  usage: { inputTokens: 100, outputTokens: 20, totalTokens: 120 },
  stopReason: "end_turn" as const,
  metrics: { latencyMs: 1 },
});

beforeEach(() => bedrock.reset());

/** The first case's view; its file is checked against the contract elsewhere. */
const viewOf = (agent: "inquiry" | "reply") => acceptanceCases(agent)[0]?.view;

describe("inquiry on a model", () => {
  // See viewOf.
  const context = viewOf("inquiry") as unknown as InquiryView;
  const reading = { intent: "book", confidence: 0.9, ambiguous: false, slots: { service: "plumbing" } };
  const understand = () => understandBy(model)({ context, signal });

  it("calls Converse with a token limit, and separates the message from the instructions", async () => {
    bedrock.on(ConverseCommand).resolves(says(JSON.stringify(reading)));
    expect(await understand()).toMatchObject({
      result: reading,
      confidence: 0.9,
      usage: { inputTokens: 100, outputTokens: 20, provider: "aws.bedrock", model: "model-1" },
    });
    const system = expect.stringContaining('"intent"') as string;
    expect(inputsOf(bedrock)).toEqual([
      {
        modelId: "model-1",
        system: [{ text: system }],
        messages: [
          {
            role: "user",
            content: [{ text: JSON.stringify({ message: context.input, session: context.session }) }],
          },
        ],
        inferenceConfig: { maxTokens: 600, temperature: 0 },
      },
    ]);
  });

  it("reads an answer in a code fence", async () => {
    bedrock.on(ConverseCommand).resolves(says(`\`\`\`json\n${JSON.stringify(reading)}\n\`\`\`\n`));
    expect(await understand()).toMatchObject({ result: reading });
  });

  it.each([
    ["is no JSON", "I think the customer wants to book."],
    ["breaks the contract", JSON.stringify({ ...reading, intent: "fly" })],
    ["is empty", ""],
  ])("fails, to be retried by the coordinator, when the answer %s", async (_, text) => {
    bedrock.on(ConverseCommand).resolves(says(text));
    await expect(understand()).rejects.toMatchObject({ code: "agent.failed", retryable: true });
    expect(inputsOf(bedrock)).toHaveLength(1);
  });

  it.each(["ThrottlingException", "ModelTimeoutException", "TimeoutError"])(
    "retries after %s, three times at most",
    async (name) => {
      bedrock
        .on(ConverseCommand)
        .rejectsOnce(awsError(name))
        .resolves(says(JSON.stringify(reading)));
      expect(await understand()).toMatchObject({ result: reading });
      bedrock.reset();
      bedrock.on(ConverseCommand).rejects(awsError(name));
      await expect(understand()).rejects.toMatchObject({ retryable: true });
      expect(inputsOf(bedrock)).toHaveLength(3);
    },
  );

  it.each(["ValidationException", "AccessDeniedException", "ModelErrorException"])(
    "does not retry after %s",
    async (name) => {
      bedrock.on(ConverseCommand).rejects(awsError(name));
      await expect(understand()).rejects.toMatchObject({ code: "agent.failed", retryable: false });
      expect(inputsOf(bedrock)).toHaveLength(1);
    },
  );
});

describe("reply on a model", () => {
  it("returns a result that fits the contract, with its usage", async () => {
    // See viewOf.
    const context = viewOf("reply") as unknown as ReplyView;
    bedrock.on(ConverseCommand).resolves(says('{"text":"Hello.","status":"settled"}'));
    expect(await composeBy(model)({ context, signal })).toMatchObject({
      result: { text: "Hello.", status: "settled" },
      usage: { inputTokens: 100, outputTokens: 20, provider: "aws.bedrock", model: "model-1" },
    });
  });
});

describe("the agents' choice of a model", () => {
  beforeEach(() => {
    vi.stubEnv("QUEUE_PREFIX", "https://sqs.eu-west-1.amazonaws.com/1/spine-");
    vi.stubEnv("DOOR_FUNCTION", "spine-door");
  });
  afterEach(() => vi.unstubAllEnvs());

  it("uses their own logic without BEDROCK_MODEL_ID", async () => {
    const { chooseAgent } = await import("#functions/agents/inquiry/handler.ts");
    const { agent } = await import("#functions/agents/inquiry/inquiry-agent.ts");
    expect(await chooseAgent()).toBe(agent);
  });

  it("uses the model with BEDROCK_MODEL_ID", async () => {
    vi.stubEnv("BEDROCK_MODEL_ID", "model-1");
    const { chooseAgent } = await import("#functions/agents/reply/handler.ts");
    const { agent } = await import("#functions/agents/reply/reply-agent.ts");
    const chosen = await chooseAgent();
    expect(chosen.contract).toBe(agent.contract);
    expect(chosen).not.toBe(agent);
  });
});

describe("the calendar on DynamoDB", () => {
  const dynamo = mockedClient(DynamoDBClient);
  const calendar = createDynamoCalendar({ client: new DynamoDBClient({}), table: "calendar" });
  const slot = { crew: "Amber", date: "2027-03-01", start: "08:00", end: "10:00" };
  const order = { idempotencyKey: "task-1", who: "Ada", service: "plumbing" as const, slot };
  let item: Record<string, { readonly S?: string; readonly N?: string }> | undefined;
  let lose = 0;

  beforeEach(() => {
    item = undefined;
    lose = 0;
    dynamo.reset();
    // These fakes keep one item as the table would.
    dynamo.on(GetItemCommand).callsFake(() => ({ Item: item }));
    dynamo.on(PutItemCommand).callsFake((input: PutInput) => {
      const expected = input.ExpressionAttributeValues[":version"].N;
      lose -= 1;
      if (lose >= 0 || (item !== undefined && item["version"]?.N !== expected))
        throw awsError("ConditionalCheckFailedException");
      item = input.Item;
      return {};
    });
  });

  it("books a slot once, and once per key", async () => {
    const booked = await calendar.book(order);
    expect(booked).toMatchObject({ act: "booked", booking: { reference: "HS-2001", slot } });
    expect(await calendar.book({ ...order, slot: { ...slot, start: "10:00", end: "12:00" } })).toEqual(
      booked,
    );
    expect(await calendar.book({ ...order, idempotencyKey: "task-2" })).toEqual({
      act: "refused",
      reason: "taken",
    });
    expect(await calendar.doneUnder("task-1")).toEqual(booked);
    expect(await calendar.bookingsOf("Ada")).toHaveLength(1);
    expect(dynamo.commandCalls(PutItemCommand)).toHaveLength(1);
  });

  it("writes only over the version that it read, and starts again when it lost the race", async () => {
    lose = 2;
    expect(await calendar.book(order)).toMatchObject({ act: "booked" });
    expect(dynamo.commandCalls(PutItemCommand).at(-1)?.args[0].input).toMatchObject({
      TableName: "calendar",
      ConditionExpression: "attribute_not_exists(pk) OR version = :version",
      ExpressionAttributeValues: { ":version": { N: "0" } },
    });
  });

  it("gives up after repeated conflicts, having changed nothing", async () => {
    lose = Infinity;
    await expect(calendar.book(order)).rejects.toThrow("changed by others");
    expect(await calendar.bookingsOf("Ada")).toEqual([]);
  });

  it("moves and cancels, and never reuses a reference", async () => {
    await calendar.book(order);
    const later = { ...slot, start: "10:00", end: "12:00" };
    await calendar.move({ idempotencyKey: "task-2", reference: "HS-2001", slot: later });
    await calendar.cancel({ idempotencyKey: "task-3", reference: "HS-2001" });
    expect(await calendar.bookingsOf("Ada")).toEqual([]);
    expect(await calendar.book({ ...order, idempotencyKey: "task-4" })).toMatchObject({
      booking: { reference: "HS-2002" },
    });
    const free = await calendar.free({ service: "plumbing", from: slot.date, until: slot.date });
    expect(free).not.toContainEqual(slot);
    expect(free).toContainEqual(later);
  });
});

interface PutInput {
  readonly Item: Record<string, { readonly S?: string; readonly N?: string }>;
  readonly ExpressionAttributeValues: { readonly ":version": { readonly N: string } };
}
