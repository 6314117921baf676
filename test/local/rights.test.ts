import { afterEach, describe, expect, it, vi } from "vitest";
import { readReports, RIGHTS_FOLDER } from "#local/iam/kept-reports.ts";
import { judge } from "../../scripts/prove-iam/judge.ts";
import {
  allow,
  functionResources,
  getAtt,
  startCloud,
  temporaryFolder,
  writeAssembly,
} from "./fixture/assembly.ts";

/** Sends with the signer of the SDK that every function of Lambda finds. */
const SENDER = `
import { createRequire } from "node:module";
const { SQSClient, SendMessageCommand } = createRequire(${JSON.stringify(import.meta.url)})("@aws-sdk/client-sqs");
export const handler = async () => {
  const sqs = new SQSClient({ maxAttempts: 1 });
  await sqs.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE_URL, MessageBody: "hello" }));
};`;

/** What comes of a function that sends to a queue, with these rights to it. */
async function proofWith(actions: readonly string[], ...more: readonly object[]) {
  const folder = temporaryFolder();
  vi.stubEnv(RIGHTS_FOLDER, folder);
  const templateDir = writeAssembly(
    {
      Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "work" } },
      ...functionResources("sender", [allow(actions, getAtt("Queue")), ...more], {
        Environment: { Variables: { QUEUE_URL: { Ref: "Queue" } } },
      }),
    },
    { sender: SENDER },
  );
  const cloud = await startCloud({ templateDir });
  await cloud.functions.get("sender")?.invoke({}, {});
  await cloud.stop();
  return judge(readReports(folder), []);
}

describe("the comparison of a template's rights with the functions' use", () => {
  afterEach(() => void vi.unstubAllEnvs());
  const resource = "arn:aws:sqs:us-east-1:000000000000:work";

  it("passes when each right is used and none is missing", async () => {
    expect(await proofWith(["sqs:SendMessage"])).toMatchObject({ sound: true, granted: 1 });
  });

  it("fails with an additional right", async () => {
    expect(await proofWith(["sqs:SendMessage", "sqs:PurgeQueue"])).toMatchObject({
      sound: false,
      unused: [{ role: "senderRole", action: "sqs:PurgeQueue", resource }],
    });
  });

  it("fails with a right that is wider than another", async () => {
    const wider = await proofWith(["sqs:SendMessage"], allow(["sqs:SendMessage"], "*"));
    expect(wider).toMatchObject({
      sound: false,
      unused: [
        { action: "sqs:SendMessage", resource },
        { action: "sqs:SendMessage", resource: "*" },
      ],
    });
  });

  it("fails with a missing right", async () => {
    expect(await proofWith(["sqs:PurgeQueue"])).toMatchObject({
      sound: false,
      refused: [{ role: "senderRole", action: "sqs:SendMessage", resource }],
    });
  });
});
