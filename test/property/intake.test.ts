import { SQSClient, type SendMessageBatchRequest } from "@aws-sdk/client-sqs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSqsInbox } from "#aws/sqs/sqs-inbox.ts";
import { reply } from "#core/flow/build.ts";
import { utf8Length } from "#core/json.ts";
import { RIGHTS } from "#core/rights.ts";
import { createSeededIds } from "#memory/seeded-ids.ts";
import { createCoordinator } from "#runtime/doors/create-coordinator.ts";
import { createIntake } from "#runtime/intake/create-intake.ts";
import type { RefusedEvent } from "#runtime/intake/refused-event.ts";
import { inputsOf, mockedClient } from "../aws/aws-mock.ts";
import { createBench, flowOf, sessionKey, typesOf } from "../unit/runtime/engine.ts";

const MAX_MESSAGE_BYTES = 1_048_576;
/** A trace is the only attribute that an event may bring. */
const ATTRIBUTES_BYTES = 100;
const KEY = sessionKey("s-1");

/** What has other bytes when it is written again: numbers are written out, texts are escaped only where they must be. */
const PIECES = ["1e15", "1e-7", "-0.0", '"\\u00e9"', '"\\ud800"', '"\\u0001"', '"\\/"', '"é"', '"x"', "{}"];

interface Shape {
  readonly piece: string;
  readonly times: number;
  readonly resources: number;
  readonly facts: boolean;
}

/** An event as the bus delivers it. */
function eventOf({ piece, times, resources, facts }: Shape): string {
  const data = `[${Array.from({ length: times }, () => piece).join(",")}]`;
  const paths = JSON.stringify(Array.from({ length: resources }, () => "r".repeat(1_000)));
  const detail = `{"session":"s-1","data":${data}${facts ? ',"facts":{"a":1e15}' : ""}}`;
  return `{"id":"e","account":"1","source":"com.shop","detail-type":"Asked","resources":${paths},"detail":${detail}}`;
}

/** Of these some lie beyond each of the bounds. */
const shape = fc.record({
  piece: fc.constantFrom(...PIECES),
  times: fc.integer({ min: 1, max: 90_000 }),
  resources: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 900 })),
  facts: fc.boolean(),
});
const LARGEST: Shape = { piece: '"x"', times: 63_950, resources: 60, facts: true };

const sqs = mockedClient(SQSClient);

/** Takes an event of spine-in: the messages that the inbox was sent, and what was refused. */
async function takeOne(text: string) {
  sqs.reset();
  sqs.onAnyCommand().resolves({});
  const bench = createBench({ flows: [flowOf(reply("'done'"))] });
  const refused: RefusedEvent[] = [];
  const { digest } = bench.engine;
  const ids = createSeededIds("intake");
  const take = createIntake({
    ...bench.engine,
    ids,
    callerOf: () => ({ tenant: KEY.tenant, source: "shop", rights: RIGHTS }),
    inbox: createSqsInbox({ client: new SQSClient({}), queuePrefix: "https://sqs/1/spine-", digest, ids }),
    putOff: () => Promise.resolve(),
    refuse: (events) => Promise.resolve(void refused.push(...events)),
    count: () => undefined,
  });
  const returned = await take([{ id: "m", body: text }]);
  const sent = inputsOf(sqs).flatMap((input) => (input as SendMessageBatchRequest).Entries ?? []);
  return { bench, returned, refused, sent };
}

describe("an event that the intake accepts", () => {
  it("fits a message of the inbox with its envelope, and a commit", { timeout: 60_000 }, async () => {
    let accepted = 0;
    const rule = async (given: Shape) => {
      const { bench, returned, refused, sent } = await takeOne(eventOf(given));
      expect(returned.length).toBe(0);
      expect(refused.length + sent.length).toBe(1);
      for (const { cause } of refused) expect(cause.slice(0, 17)).toBe("input.too-large: ");
      for (const { MessageBody = "" } of sent) {
        accepted += 1;
        expect(utf8Length(MessageBody) + ATTRIBUTES_BYTES).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
        const coordinator = createCoordinator(bench.engine);
        expect((await coordinator.inbox([{ id: "m", body: MessageBody }])).length).toBe(0);
        const types = await typesOf(bench, KEY);
        expect([types[0], types.at(-1)]).toEqual(["InputAccepted", "RunCompleted"]);
      }
    };
    await rule(LARGEST);
    expect(accepted).toBe(1);
    await fc.assert(fc.asyncProperty(shape, rule), { numRuns: 40 });
    expect(accepted).toBeGreaterThan(5);
  });
});
