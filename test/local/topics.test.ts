import { PublishCommand, SNSClient, type PublishCommandInput } from "@aws-sdk/client-sns";
import { beforeAll, describe, expect, it } from "vitest";
import { connectionTo } from "#local/connection-to.ts";
import type { LocalCloud } from "#local/cloud.ts";
import type { LogLine } from "#local/provision/site.ts";
import { functionResources, getAtt, startCloud, writeAssembly, type Resources } from "./fixture/assembly.ts";

const ARN = "arn:aws:sns:us-east-1:000000000000:open";
const ROOT = { AWS: "arn:aws:iam::000000000000:root" };
const TOPICS: Resources = {
  Open: { Type: "AWS::SNS::Topic", Properties: { TopicName: "open", KmsMasterKeyId: "alias/aws/sns" } },
  Closed: { Type: "AWS::SNS::Topic", Properties: { TopicName: "closed" } },
  ClosedPolicy: {
    Type: "AWS::SNS::TopicPolicy",
    Properties: {
      Topics: [{ Ref: "Closed" }],
      PolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          { Effect: "Deny", Principal: { AWS: "*" }, Action: "sns:Publish", Resource: { Ref: "Closed" } },
        ],
      },
    },
  },
  Key: {
    Type: "AWS::KMS::Key",
    Properties: {
      KeyPolicy: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: ROOT, Action: "kms:*", Resource: "*" }],
      },
    },
  },
  Sealed: { Type: "AWS::SNS::Topic", Properties: { TopicName: "sealed", KmsMasterKeyId: getAtt("Key") } },
};
const PUBLISHER = `
import { PublishCommand, SNSClient } from "${import.meta.resolve("@aws-sdk/client-sns")}";
const client = new SNSClient({ maxAttempts: 1 });
export const handler = ({ TopicArn }) =>
  client.send(new PublishCommand({ TopicArn, Message: "m" })).then(() => "taken", ({ name, message }) => name + ": " + message);
`;

describe("topics on the local runtime", () => {
  const lines: LogLine[] = [];
  let cloud: LocalCloud;
  let sns: SNSClient;
  beforeAll(async () => {
    const publish = {
      Effect: "Allow",
      Action: "sns:Publish",
      Resource: [ARN, ARN.replace("open", "sealed")],
    };
    const templateDir = writeAssembly(
      { ...TOPICS, ...functionResources("publisher", [publish]) },
      { publisher: PUBLISHER },
    );
    cloud = await startCloud({ templateDir, onLog: (line) => void lines.push(line) });
    sns = new SNSClient({ ...connectionTo(cloud.environment, "SNS"), maxAttempts: 1 });
    return () => sns.destroy();
  }, 60_000);

  const publish = (change: Partial<PublishCommandInput> = {}) =>
    sns.send(new PublishCommand({ TopicArn: ARN, Message: "A question <is> open & due", ...change }));
  const refusal = (change: Partial<PublishCommandInput>) =>
    publish(change).then(
      () => "taken",
      (error: unknown) => String(error),
    );
  const text = (StringValue: string) => ({ DataType: "String", StringValue });

  it("take a message with its subject and attributes", async () => {
    const { MessageId } = await publish({ Subject: "News", MessageAttributes: { tenant: text("shop") } });
    expect(MessageId).toMatch(/^[0-9a-f-]{36}$/);
    expect(lines).toContainEqual({ from: "topic open", kind: "output", text: "A question <is> open & due" });
  });

  it.each<readonly [string, Partial<PublishCommandInput>, RegExp]>([
    ["an empty message", { Message: "" }, /InvalidParameter.*Empty message/],
    ["a message above 256 KB", { Message: "x".repeat(262_145) }, /InvalidParameter.*Message too long/],
    ["a subject of two lines", { Subject: "a\nb" }, /InvalidParameter.*Subject/],
    ["a subject that is not ASCII", { Subject: "Über" }, /InvalidParameter.*Subject/],
    ["a subject of 101 characters", { Subject: "x".repeat(101) }, /InvalidParameter.*Subject/],
    ["an empty attribute", { MessageAttributes: { tenant: text("") } }, /InvalidParameter.*tenant is empty/],
    ["an attribute of AWS's", { MessageAttributes: { "AWS.x": text("a") } }, /InvalidParameter.*not allowed/],
    [
      "a group, which a standard topic has none of here",
      { MessageGroupId: "g" },
      /InvalidParameter.*MessageGroupId/,
    ],
    ["a topic that is not there", { TopicArn: ARN.replace("open", "none") }, /NotFound/],
    [
      "a topic whose policy denies it",
      { TopicArn: ARN.replace("open", "closed") },
      /AuthorizationError.*explicit deny/,
    ],
  ])("refuse %s", async (_what, change, error) => {
    expect(await refusal(change)).toMatch(error);
  });

  it("refuse a signature for another service", async () => {
    const { endpoint, ...rest } = connectionTo(cloud.environment, "SNS");
    const stranger = { ...rest.credentials, secretAccessKey: "wrong" };
    const other = new SNSClient({ ...rest, endpoint, credentials: stranger, maxAttempts: 1 });
    const said = await other.send(new PublishCommand({ TopicArn: ARN, Message: "m" })).catch(String);
    other.destroy();
    expect(said).toMatch(/SignatureDoesNotMatch/);
  });

  it("need a right of the role, and with a key of the customer's that of the key", async () => {
    const said = async (name: string) => {
      const TopicArn = ARN.replace("open", name);
      const outcome = await cloud.functions.get("publisher")?.invoke({ TopicArn });
      return outcome?.type === "ok" ? outcome.payload : "failed";
    };
    expect(await said("open")).toBe('"taken"');
    expect(await said("closed")).toMatch(/AuthorizationError/);
    expect(await said("sealed")).toMatch(/KMSAccessDenied.*kms:GenerateDataKey/);
  });
});
