import type { Context } from "aws-lambda";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createObserver } from "#aws/observe/observe.ts";
import { createTenants } from "#aws/lambda/tenants.ts";
import { human, reply, sequence, step, transform } from "#core/flow/build.ts";
import { parseTenantId } from "#core/ids.ts";
import { MAX_DEPTH } from "#core/json-form.ts";
import type { Json } from "#core/json.ts";
import { RIGHTS } from "#core/rights.ts";
import { openAskIds } from "#core/session/decide/asked.ts";
import { createResponder } from "#functions/door/respond.ts";
import { createSeededIds } from "#memory/seeded-ids.ts";
import type { InboxMessage } from "#ports/queues.ts";
import { createCoordinator } from "#runtime/doors/create-coordinator.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import { createHttpIngress } from "#runtime/doors/create-http-ingress.ts";
import { createIngress } from "#runtime/doors/create-ingress.ts";
import { parseInboxMessage } from "#runtime/doors/inbox-message.ts";
import { createIntake } from "#runtime/intake/create-intake.ts";
import type { RefusedEvent } from "#runtime/intake/refused-event.ts";
import { hostOf, outcomesOf, TASK } from "../unit/runtime/agent-host.ts";
import {
  answerOf,
  commitsOf,
  contractOf,
  createBench,
  eventInput,
  flowOf,
  KEY,
  lastSent,
  ok,
  proofOf,
  tell,
  type Bench,
} from "../unit/runtime/engine.ts";

const SHOP = { tenant: parseTenantId("acme"), source: "shop", rights: RIGHTS };
const ASKED = { type: "Asked", id: "1" };
const any = contractOf("any");

/** Lists and objects one in another, around a number or around nothing. */
const nestedTo = (most: number) =>
  fc
    .record({
      levels: fc.array(fc.boolean(), { minLength: most - 4, maxLength: most + 4 }),
      hollow: fc.boolean(),
    })
    .map(({ levels, hollow }) => {
      let text = hollow ? (levels.at(-1) === true ? "[]" : "{}") : levels.at(-1) === true ? "[1]" : '{"x":1}';
      for (const isList of levels.slice(1)) text = isList ? `[${text}]` : `{"x":${text}}`;
      return { depth: levels.length, text };
    });

const http = async (bench: Bench, path: string, body: string) => {
  const { status, body: said = "" } = await createHttpIngress(bench.engine)({
    method: "POST",
    path: `/sessions/visit-1/${path}`,
    query: {},
    headers: { "content-type": "application/json" },
    caller: SHOP,
    body,
  });
  if (status < 300) return undefined;
  expect(status).toBe(400);
  return (JSON.parse(said) as { readonly problems: Json }).problems;
};

const refusedBy = (taking: Promise<unknown>): Promise<unknown> =>
  taking.then(
    () => undefined,
    (error: unknown) => (error as { readonly problems: unknown }).problems,
  );

/** Dispatched to the agent of one step. */
async function working(): Promise<Bench> {
  const bench = createBench({ agents: [any], flows: [flowOf(step(any))] });
  await tell(bench, [eventInput("1")]);
  return bench;
}

async function asking(): Promise<{ readonly bench: Bench; readonly ask: string }> {
  const bench = createBench({ flows: [flowOf(human({ ask: "Why?", into: "why" }))] });
  await tell(bench, [eventInput("1")]);
  return { bench, ask: openAskIds(await bench.reader.current(KEY))[0] ?? "" };
}

const toDoor = createObserver("door", { write: () => undefined });

/** Ways into a session, each with what it says of a value that it does not take: nothing where it takes it. */
const ways: Readonly<Record<string, (text: string) => Promise<unknown>>> = {
  "an event over HTTP": async (text) =>
    http(createBench({ flows: [flowOf(reply("1"))] }), "events", `{"type": "Asked", "data": ${text}}`),
  "an event of another program": (text) =>
    refusedBy(
      createIngress(createBench().engine).send(SHOP, "visit-1", { ...ASKED, data: JSON.parse(text) as Json }),
    ),
  "a person's answer over HTTP": async (text) => {
    const { bench, ask } = await asking();
    return http(bench, `asks/${ask}`, `{"value": ${text}}`);
  },
  "an agent's result at the door": async (text) => {
    const bench = await working();
    const answer = answerOf(lastSent(bench), ok(JSON.parse(text) as Json));
    return refusedBy(createDoor(bench.engine).answer(answer));
  },
  "an agent's result over the queue": async (text) => {
    const bench = await working();
    const body = JSON.stringify(answerOf(lastSent(bench), ok(null))).replace(
      '"result":null',
      `"result":${text}`,
    );
    expect(await createCoordinator(bench.engine).answers([{ id: "m", body }])).toEqual([]);
    // What cannot be read is reported and dropped.
    return (await commitsOf(bench)).length === 2
      ? undefined
      : [{ field: "outcome.result", problem: bench.troubles.join(), repair: "reported" }];
  },
  "a result of an agent's host": async (text) => {
    const { host, door } = hostOf(() => JSON.parse(text) as never);
    await host(TASK, 1);
    const [outcome] = outcomesOf(door);
    return outcome?.status === "ok"
      ? undefined
      : [{ field: "result", problem: outcome?.error.message, repair: "said in it" }];
  },
  "an event of the bus": async (text) => {
    const bench = createBench();
    const dead: RefusedEvent[] = [];
    const sent: InboxMessage[] = [];
    await createIntake({
      ...bench.engine,
      ids: createSeededIds("intake"),
      callerOf: createTenants({}).ofBus,
      inbox: { send: (...all) => Promise.resolve(void sent.push(...all)) },
      putOff: () => Promise.resolve(),
      refuse: (events) => Promise.resolve(void dead.push(...events)),
      count: () => undefined,
    })([
      {
        id: "m1",
        body: `{"id": "e", "account": "111122223333", "source": "shop", "detail-type": "Asked", "detail": {"session": "s", "data": ${text}}}`,
      },
    ]);
    // What it took must be readable for whoever reads the inbox.
    for (const message of sent)
      expect(parseInboxMessage(JSON.stringify({ ...message.key, ...message }))).toBeDefined();
    return dead.length === 0 ? undefined : [{ field: "data", problem: dead[0]?.cause, repair: "said in it" }];
  },
  "a message of the inbox": (text) =>
    refusedBy(
      (async () => {
        await Promise.resolve();
        parseInboxMessage(
          JSON.stringify({ ...KEY, input: eventInput("1", null) }).replace('"data":null', `"data":${text}`),
        );
      })(),
    ),
  "the value of a transform": async (text) => {
    const bench = createBench({ flows: [flowOf(sequence(transform({ note: "[input]" })))] });
    // One level less comes in.
    const [inner = null] = Object.values(JSON.parse(text) as object) as readonly Json[];
    await tell(bench, [eventInput("1", inner)]);
    const failed = (await bench.reader.events(KEY)).find(({ type }) => type === "StepFailed");
    if (failed === undefined) return undefined;
    expect(failed.data).toMatchObject({ error: { code: "condition.failed" } });
    return [{ field: "note", problem: JSON.stringify(failed.data), repair: "Flatten it" }];
  },
};

describe("a value of any depth", () => {
  it.each(Object.entries(ways))(
    "is accepted up to the common depth limit, and rejected beyond it: %s",
    async (_way, take) => {
      await fc.assert(
        fc.asyncProperty(nestedTo(MAX_DEPTH), async ({ depth, text }) => {
          const problems = await take(text);
          if (depth <= MAX_DEPTH) expect(problems).toBeUndefined();
          else
            expect(problems).toMatchObject([
              {
                field: expect.stringMatching(
                  /^(body|data|value|input|result|outcome\.result|note)$/,
                ) as string,
                problem: expect.stringContaining(`nested deeper than ${MAX_DEPTH} levels`) as string,
                repair: expect.stringMatching(/./) as string,
              },
            ]);
        }),
        { numRuns: 30, seed: 64 },
      );
    },
  );

  const DEEP = "[".repeat(100_000) + "]".repeat(100_000);
  it.each(Object.entries(ways).filter(([way]) => !/transform|program/.test(way)))(
    "is checked without recursion on the stack: %s",
    async (_way, take) =>
      expect(await take(DEEP)).toMatchObject([
        { problem: expect.stringContaining("nested deeper") as string },
      ]),
  );

  it("is rejected in every request to the door", async () => {
    const bench = await working();
    const respond = createResponder(createDoor(bench.engine), toDoor);
    // Only these fields are read from it.
    const context = { awsRequestId: "1", getRemainingTimeInMillis: () => 30_000 } as Context;
    for (const op of ["look", "claim", "answer"]) {
      const proof = { ...proofOf(lastSent(bench)), more: JSON.parse(DEEP) as Json };
      expect(await respond({ op, proof, execution: "e", answer: proof }, context)).toMatchObject({
        ok: false,
        error: { code: "answer.malformed", retryable: false, problems: [{ field: "request" }] },
      });
    }
  });
});
