import type { SQSRecord } from "aws-lambda";
import { afterEach, describe, expect, it } from "vitest";
import { commitItem } from "#aws/dynamo/log-items.ts";
import { CommitCodec } from "#aws/names.ts";
import { createObserver } from "#aws/observe/observe.ts";
import { sessionKeyText } from "#core/ids.ts";
import { createRelayReceiver } from "#functions/relay/relay-records.ts";
import { Queue } from "#memory/queue/queue.ts";
import type { CommitRef } from "#ports/queues.ts";
import { chance } from "#memory/seeded-chance.ts";
import { createTableStream, type Item } from "#local/dynamodb/table-stream.ts";
import type { Invocation } from "#local/lambda/lambda-function.ts";
import type { Poller } from "#local/mappings/queue-poller.ts";
import { startStreamPoller } from "#local/mappings/stream-poller.ts";
import { createBench, eventInput, sessionKey, START, tell, type Bench } from "../engine.ts";
import { down, noting, relayOn } from "./bench.ts";

const SESSIONS = ["a", "b", "c"];
const COMMITS = 12;
/** How often, of all, a message is refused and an invocation dies when it has done its work. */
const REFUSED = 0.15;
const DIED = 0.1;

const pollers: Poller[] = [];
afterEach(async () => {
  await Promise.all(pollers.splice(0).map((poller) => poller.stop()));
});

async function committed(): Promise<Bench> {
  const bench = createBench({ flows: [noting] });
  for (let at = 1; at <= COMMITS; at += 1)
    for (const session of SESSIONS)
      await tell(bench, [eventInput(String(at), { text: String(at) })], sessionKey(session));
  return bench;
}

/** Runs the relay's function on this machine's strict stream, with what goes wrong drawn from a seed. */
async function relayedBy(bench: Bench, parallelizationFactor: number, seed: number) {
  const queue = new Queue({ name: "spine-sub-crm.fifo", fifo: true });
  let sends = 0;
  const { relay } = relayOn(bench, {
    deliver: (_, advance) => {
      if (chance(seed, `send ${(sends += 1)}`) < REFUSED) throw down;
      const name = `${advance.session} ${advance.first}`;
      queue.send(START, { body: name, groupId: advance.session, deduplicationId: name.replace(" ", "-") });
    },
  });
  const later: CommitRef[] = [];
  const receive = createRelayReceiver({
    relay,
    log: bench.log,
    retries: { keep: (places) => (later.push(...places), Promise.resolve([])) },
    returnSoon: () => Promise.resolve(),
    clock: bench.clock,
    observer: createObserver("relay", { write: () => undefined }),
  });
  const context = { awsRequestId: "r", getRemainingTimeInMillis: () => 30_000 };

  const came: string[] = [];
  let calls = 0;
  const stream = createTableStream({
    arn: "arn:stream",
    region: "here",
    view: "NEW_IMAGE",
    partitionKey: "pk",
    now: () => START,
  });
  const poller = startStreamPoller({
    waitMs: [0, 12],
    stream,
    target: {
      config: {
        name: "relay",
        arn: "",
        file: "",
        exportName: "",
        environment: {},
        timeoutMs: 1,
        memoryMb: 1,
      },
      invoke: async (event): Promise<Invocation> => {
        const { Records } = event as { readonly Records: readonly { readonly dynamodb: object }[] };
        came.push(...Records.map((record) => nameOf(record)));
        const died = chance(seed, `call ${(calls += 1)}`) < DIED;
        // The stand-in's records are Lambda's.
        const answer = await receive({ Records } as never, context);
        if (died) return { type: "error", error: { errorType: "Error", errorMessage: "died" } };
        return { type: "ok", payload: JSON.stringify(answer) };
      },
    },
    batchSize: 4,
    parallelizationFactor,
    retryAttempts: 10,
    bisectOnError: true,
    reportBatchItemFailures: true,
    filters: [],
    onFailure: () => expect.fail("Nothing is given up."),
    counted: () => undefined,
    seed,
  });
  pollers.push(poller);
  for (const { commit, ...key } of bench.records) {
    const item = commitItem(key, commit, CommitCodec.plain) as unknown as Item;
    stream.append({ pk: item["pk"], sk: item["sk"] }, undefined, item);
  }
  await expect.poll(() => poller.busy, { interval: 5 }).toBe(0);
  while (later.length > 0) {
    const places = later.splice(0, 10);
    const records = places.map((place, at) => ({ messageId: String(at), body: JSON.stringify(place) }));
    const event = { Records: records as unknown as SQSRecord[] };
    const { batchItemFailures } = await receive(event, context);
    // What failed is received again.
    later.push(...batchItemFailures.flatMap(({ itemIdentifier }) => places[Number(itemIdentifier)] ?? []));
  }
  return { came, got: bodiesOf(queue) };
}

function nameOf({ dynamodb }: { readonly dynamodb: object }): string {
  const { pk, sk } = (dynamodb as { readonly Keys: Record<"pk" | "sk", Record<string, string>> }).Keys;
  return `${pk["S"]} ${sk["N"]}`;
}

/** What the subscriber receives, in order. */
function bodiesOf(queue: Queue): readonly string[] {
  const bodies: string[] = [];
  for (;;) {
    const some = queue.receive(START, { max: 10 });
    if (some.length === 0) return bodies;
    for (const { body, receiptHandle } of some) {
      bodies.push(body);
      queue.delete(START, receiptHandle);
    }
  }
}

const ofSession = (names: readonly string[], session: string) =>
  names.filter((name) => name.startsWith(session));

describe("an ordered subscription behind a stream that keeps the order of an item only", () => {
  it.each([1, 2, 10])(
    "gets each session's commits in order, each once, with a factor of %d",
    async (factor) => {
      let overtook = 0;
      for (const seed of [1, 2, 3]) {
        const bench = await committed();
        const { came, got } = await relayedBy(bench, factor, seed);
        for (const session of SESSIONS) {
          const key = sessionKey(session);
          const own = bench.records.filter((record) => record.session === key.session);
          expect(ofSession(got, session)).toEqual(own.map(({ commit }) => `${session} ${commit.first}`));
          const firsts = [...new Set(ofSession(came, sessionKeyText(key)))];
          const written = own.map(({ commit }) => `${sessionKeyText(key)} ${commit.first}`);
          if (firsts.join() !== written.join()) overtook += 1;
        }
      }
      // The stream itself is in no such order.
      expect(overtook > 0).toBe(factor > 1);
    },
  );
});
