import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { createMovableClock } from "#memory/movable-clock.ts";
import { createQueue } from "#memory/queue/queue.ts";
import { createThrottling } from "#local/throttling/throttling.ts";
import { createQueueHost } from "#local/sqs/queue-host.ts";
import { serveSqs } from "#local/sqs/sqs-endpoint.ts";
import { allowAll } from "../../local/fixture/allow-all.ts";
import {
  describeQueue,
  type HarnessMessage,
  type QueueHarness,
  type QueueSetup,
} from "../queue/describe-queue.ts";

const ACCOUNT = "000000000000";

/** The emulator through the SDK's own client, in a time that the test moves. */
async function emulatorHarness({ maxReceiveCount, ...setup }: QueueSetup): Promise<QueueHarness> {
  const clock = createMovableClock(1_000_000);
  const host = createQueueHost(clock);
  const server = await serveSqs({
    host,
    access: allowAll(),
    account: ACCOUNT,
    throttling: createThrottling(),
  });
  const suffix = setup.fifo ? ".fifo" : "";
  const letters = createQueue({ name: `letters${suffix}`, fifo: setup.fifo });
  const queue = createQueue({
    name: `queue${suffix}`,
    ...setup,
    ...(maxReceiveCount !== undefined && { maxReceiveCount, deadLetterQueue: letters }),
  });
  for (const each of [letters, queue]) host.add(each, `arn:aws:sqs:local:${ACCOUNT}:${each.name}`);
  const client = new SQSClient({
    region: "us-east-1",
    endpoint: server.url,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
  const urlOf = (name: string) => `${server.url}/${ACCOUNT}/${name}`;
  const QueueUrl = urlOf(queue.name);

  const receive = async (
    url: string,
    max?: number,
    visibilityTimeoutMs?: number,
  ): Promise<readonly HarnessMessage[]> => {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MessageSystemAttributeNames: ["All"],
        ...(max !== undefined && { MaxNumberOfMessages: max }),
        ...(visibilityTimeoutMs !== undefined && { VisibilityTimeout: visibilityTimeoutMs / 1_000 }),
      }),
    );
    return Messages.map(({ MessageId = "", ReceiptHandle = "", Body = "", Attributes = {} }) => ({
      messageId: MessageId,
      receiptHandle: ReceiptHandle,
      body: Body,
      receiveCount: Number(Attributes.ApproximateReceiveCount),
      ...(Attributes.MessageGroupId !== undefined && { groupId: Attributes.MessageGroupId }),
      ...(Attributes.MessageDeduplicationId !== undefined && {
        deduplicationId: Attributes.MessageDeduplicationId,
      }),
      ...(Attributes.SequenceNumber !== undefined && { sequenceNumber: Attributes.SequenceNumber }),
    }));
  };

  return {
    send: ({ body, groupId, deduplicationId, delayMs }) =>
      coded(async () => {
        const { MessageId = "", SequenceNumber } = await client.send(
          new SendMessageCommand({
            QueueUrl,
            MessageBody: body,
            ...(groupId !== undefined && { MessageGroupId: groupId }),
            ...(deduplicationId !== undefined && { MessageDeduplicationId: deduplicationId }),
            ...(delayMs !== undefined && { DelaySeconds: delayMs / 1_000 }),
          }),
        );
        return {
          messageId: MessageId,
          ...(SequenceNumber !== undefined && { sequenceNumber: SequenceNumber }),
        };
      }),
    receive: ({ max, visibilityTimeoutMs } = {}) => coded(() => receive(QueueUrl, max, visibilityTimeoutMs)),
    delete: (ReceiptHandle) =>
      coded(async () => void (await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle })))),
    changeVisibility: (ReceiptHandle, ms) =>
      coded(async () => {
        const input = { QueueUrl, ReceiptHandle, VisibilityTimeout: ms / 1_000 };
        await client.send(new ChangeMessageVisibilityCommand(input));
      }),
    receiveDeadLetters: (max = 10) => receive(urlOf(letters.name), max),
    counts: async () => {
      const { Attributes = {} } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
      );
      return {
        visible: Number(Attributes.ApproximateNumberOfMessages),
        inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible),
        delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed),
      };
    },
    advance: async (ms) => clock.advanceBy(ms),
    close: async () => {
      client.destroy();
      await server.stop();
      host.stop();
    },
  };
}

/** The SDK names its errors by class, some with "Exception" at the end; the suite by SQS's codes. */
async function coded<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw Object.assign(error, {
      code: error.name.replace(/^AWS\.SimpleQueueService\./, "").replace(/Exception$/, ""),
    });
  }
}

describeQueue("SQS emulator", emulatorHarness);
