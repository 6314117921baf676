import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectionTo } from "#local/connection-to.ts";
import { getAtt, startCloud, writeAssembly, type Resources } from "./fixture/assembly.ts";

const queue = (QueueName: string) => ({ Type: "AWS::SQS::Queue", Properties: { QueueName } });
const RESOURCES: Resources = {
  Bus: { Type: "AWS::Events::EventBus", Properties: { Name: "in" } },
  Shut: queue("shut"),
  Letters: queue("letters"),
  LettersPolicy: {
    Type: "AWS::SQS::QueuePolicy",
    Properties: {
      Queues: [{ Ref: "Letters" }],
      PolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: "sqs:SendMessage",
            Resource: getAtt("Letters"),
            Principal: { Service: "events.amazonaws.com" },
          },
        ],
      },
    },
  },
  Rule: {
    Type: "AWS::Events::Rule",
    Properties: {
      EventBusName: { Ref: "Bus" },
      EventPattern: { source: ["shop"] },
      Targets: [{ Id: "T", Arn: getAtt("Shut"), DeadLetterConfig: { Arn: getAtt("Letters") } }],
    },
  },
};

let clients: { readonly events: EventBridgeClient; readonly sqs: SQSClient; readonly url: string };
beforeAll(async () => {
  const { environment } = await startCloud({ templateDir: writeAssembly(RESOURCES) });
  const connection = (service: string) => connectionTo(environment, service);
  clients = {
    events: new EventBridgeClient(connection("EVENTBRIDGE")),
    sqs: new SQSClient(connection("SQS")),
    url: `${environment["AWS_ENDPOINT_URL_SQS"]}/000000000000/letters`,
  };
});
afterAll(() => {
  clients.events.destroy();
  clients.sqs.destroy();
});

it("a rule adds the reason and the number of tries to an event that it cannot deliver", async () => {
  const entry = { EventBusName: "in", Source: "shop", DetailType: "Ordered", Detail: `{"amount":5}` };
  await clients.events.send(new PutEventsCommand({ Entries: [entry] }));
  const { Messages: [letter] = [] } = await clients.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: clients.url,
      WaitTimeSeconds: 5,
      MessageAttributeNames: ["All"],
    }),
  );
  expect(JSON.parse(letter?.Body ?? "")).toMatchObject({ source: "shop", detail: { amount: 5 } });
  expect(letter?.MessageAttributes).toMatchObject({
    RULE_ARN: { StringValue: expect.stringMatching(/^arn:aws:events:.*:rule\/in\//) as string },
    TARGET_ARN: { StringValue: "arn:aws:sqs:us-east-1:000000000000:shut" },
    ERROR_CODE: { StringValue: "NO_PERMISSIONS" },
    ERROR_MESSAGE: { StringValue: expect.stringContaining("the policy of shut") as string },
  });
});
