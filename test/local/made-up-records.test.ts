import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LocalCloud } from "#local/cloud.ts";
import { LOCAL_ACCOUNT, LOCAL_REGION } from "#local/addresses.ts";
import { synthesize } from "#local/synth.ts";
import { connectionTo } from "#local/connection-to.ts";
import { createOperate } from "#client/operate.ts";
import { startCloud } from "./fixture/assembly.ts";
import { lettersUntil } from "./fixture/letters.ts";
import { fileURLToPath } from "node:url";

const PATIENCE = fileURLToPath(new URL("fixture/patience/", import.meta.url));
const FORGED = { tenant: "default", session: "forged" };
const WHO = "arn:aws:iam::111122223333:role/somebody-else";

/** Somebody with the right to invoke the deployed functions, and nothing to invoke them with but what they make up. */
describe("forged records, on the local runtime", () => {
  let cloud: LocalCloud;
  let lambda: LambdaClient;

  beforeAll(async () => {
    const { templateDir } = await synthesize({ app: `${PATIENCE}app.ts`, sources: [PATIENCE] });
    cloud = await startCloud({ templateDir });
    lambda = new LambdaClient(connectionTo(cloud.environment, "LAMBDA"));
  }, 240_000);
  afterAll(() => lambda.destroy());

  const invoke = async (name: string, Records: readonly object[]) => {
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName: `spine-${name}`, Payload: JSON.stringify({ Records }) }),
    );
    return { FunctionError, answer: JSON.parse(Payload?.transformToString() ?? "null") as unknown };
  };
  const message = (queue: string, body: object, receiptHandle = "made up") => ({
    messageId: "forged",
    receiptHandle,
    body: JSON.stringify(body),
    attributes: { SentTimestamp: "1000", ApproximateReceiveCount: "1", MessageGroupId: "g" },
    messageAttributes: {},
    eventSource: "aws:sqs",
    eventSourceARN: `arn:aws:sqs:${LOCAL_REGION}:${LOCAL_ACCOUNT}:spine-${queue}`,
  });
  const identified = { source: WHO, id: "1", hash: "h", correlation: "1" };
  const event = { ...FORGED, input: { kind: "event", ...identified, type: "Asked", data: {} } };
  const answered = { ...FORGED, input: { kind: "human", ...identified, ask: "a", value: true } };
  const onBus = {
    account: "111122223333",
    source: "shop",
    "detail-type": "Asked",
    id: "e",
    detail: { session: "forged", data: {} },
  };
  const madeUp = () =>
    cloud.metrics.statistic(
      { namespace: "EventSpine", name: "MadeUpRecords", dimensions: { spine: "spine" } },
      "Sum",
      cloud.clock.now() - 600_000,
      cloud.clock.now() + 60_000,
    ) ?? 0;
  const nothingOf = async () => {
    await expect.poll(() => cloud.busy(), { timeout: 60_000 }).toBe(0);
    const url = `${cloud.functionUrls.get("spine-ingress")}/sessions/forged/events`;
    expect((await cloud.fetch(url)).status).toBe(404);
    const operate = createOperate({ where: "here", prefix: "spine", environment: cloud.environment });
    expect(await lettersUntil(operate, cloud.clock.now())).toEqual([]);
  };

  it.each([
    ["coordinator", "inbox.fifo", event],
    ["coordinator", "inbox.fifo", answered],
    ["recovery", "inbox-dead.fifo", answered],
    ["recovery", "deadlines-dead", { ...FORGED, at: 5 }],
    ["intake", "intake", onBus],
  ] as const)(
    "%s rejects every message of %s that no queue sent, and an alarm rings",
    async (name, queue, body) => {
      const before = madeUp();
      for (const handle of ["made up", "", Buffer.from("0 0 0").toString("base64")])
        expect(await invoke(name, [message(queue, body, handle)])).toEqual({
          FunctionError: undefined,
          answer: { batchItemFailures: [{ itemIdentifier: "forged" }] },
        });
      await nothingOf();
      await expect.poll(madeUp).toBeGreaterThan(before);
    },
  );

  it("the relay ignores a commit that is not in the log, and an alarm rings", async () => {
    const before = madeUp();
    const text = JSON.stringify({ events: [], inputs: [], directives: [{ type: "armDeadline", at: 1 }] });
    const NewImage = {
      pk: { S: "default/forged" },
      sk: { N: "1" },
      kind: { S: "commit" },
      last: { N: "1" },
      text: { S: text },
      snapshot: { BOOL: false },
    };
    const record = { eventName: "INSERT", dynamodb: { SequenceNumber: "1", NewImage } };
    expect(await invoke("relay", [record])).toEqual({
      FunctionError: undefined,
      answer: { batchItemFailures: [] },
    });
    await nothingOf();
    await expect.poll(madeUp).toBeGreaterThan(before);
  });
});
