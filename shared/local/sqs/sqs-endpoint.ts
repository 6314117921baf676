import { checkBatchIds } from "#memory/queue/send-batch.ts";
import type { Access, Caller } from "../iam/access.ts";
import { AwsError } from "../http/service-error.ts";
import { jsonService, type JsonCall, type JsonOperation } from "../http/json-service.ts";
import { serveLoopback, type LoopbackServer } from "../http/loopback-server.ts";
import type { Throttling } from "../throttling/throttling.ts";
import { SQS } from "../signing/services.ts";
import type { HostedQueue, QueueHost } from "./queue-host.ts";
import { queueAttributes } from "./queue-attributes.ts";
import { entryCode, onModel, sqsRefusal } from "./sqs-refusal.ts";
import {
  chosenNames,
  md5,
  md5OfAttributes,
  pick,
  sendInputOf,
  type WireEntry,
  type WireInput,
} from "./wire.ts";
import { receive } from "./receive-message.ts";

export interface SqsEndpointOptions {
  readonly host: QueueHost;
  readonly access: Access;
  readonly account: string;
  readonly throttling: Throttling;
}

/** SQS's JSON protocol in front of the queue model. A queue is found by the last part of its URL. */
export async function serveSqs({
  host,
  access,
  account,
  throttling,
}: SqsEndpointOptions): Promise<LoopbackServer> {
  const now = () => host.clock.now();
  const inputOf = ({ input }: JsonCall): WireInput => input; // fields are checked where they are used
  const find = (input: WireInput): HostedQueue => {
    const name = input.QueueUrl?.split("/").at(-1) ?? "";
    const hosted = host.byName(name);
    if (hosted !== undefined) return hosted;
    throw new AwsError("QueueDoesNotExist", `The specified queue does not exist: ${name}.`);
  };
  const open = (
    call: JsonCall,
    operation: string,
    action = operation,
  ): { hosted: HostedQueue; input: WireInput } => {
    const input = inputOf(call);
    const hosted = find(input);
    access.check(call.caller, operation, `sqs:${action}`, hosted.arn);
    return { hosted, input };
  };

  /** Runs every entry of a delete or visibility batch by itself. */
  const eachEntry = (hosted: HostedQueue, entries: readonly WireEntry[], run: (entry: WireEntry) => void) => {
    onModel(() => checkBatchIds(entries.map(({ Id }) => Id ?? "")));
    const Successful: { readonly Id: string }[] = [];
    const Failed: object[] = [];
    for (const entry of entries) {
      const Id = entry.Id ?? "";
      try {
        onModel(() => run(entry));
        Successful.push({ Id });
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        Failed.push({ Id, Code: entryCode(error.code), Message: error.message, SenderFault: true });
      }
    }
    host.changed(hosted.queue);
    return { Successful, Failed };
  };

  const operations: Readonly<Record<string, JsonOperation>> = {
    SendMessage(call) {
      const { hosted, input } = open(call, "SendMessage");
      const message = onModel(() => sendInputOf(input));
      const sent = onModel(() => hosted.queue.send(now(), message));
      host.changed(hosted.queue);
      return {
        MessageId: sent.messageId,
        MD5OfMessageBody: md5(message.body),
        ...sentFields(message.attributes, sent.sequenceNumber),
      };
    },
    SendMessageBatch(call) {
      const { hosted, input } = open(call, "SendMessageBatch", "SendMessage");
      const entries = onModel(() =>
        (input.Entries ?? []).map((entry) => ({ id: entry.Id ?? "", ...sendInputOf(entry) })),
      );
      const admitted = entries.filter(() => !throttling.strikes("sqs entry"));
      const { successful, failed } =
        admitted.length === 0 && entries.length > 0
          ? { successful: [], failed: [] }
          : onModel(() => hosted.queue.sendBatch(now(), admitted));
      host.changed(hosted.queue);
      const byId = new Map(entries.map((entry) => [entry.id, entry]));
      return {
        Successful: successful.map(({ id, messageId, sequenceNumber }) => ({
          Id: id,
          MessageId: messageId,
          MD5OfMessageBody: md5(byId.get(id)?.body ?? ""),
          ...sentFields(byId.get(id)?.attributes, sequenceNumber),
        })),
        Failed: failed
          .map(({ id, code, message }) => ({
            Id: id,
            Code: entryCode(code),
            Message: message,
            SenderFault: true,
          }))
          .concat(
            entries
              .filter((entry) => !admitted.includes(entry))
              .map(({ id }) => ({
                Id: id,
                Code: "ThrottlingException",
                Message: "Rate exceeded",
                SenderFault: false,
              })),
          ),
      };
    },
    ReceiveMessage(call) {
      const { hosted, input } = open(call, "ReceiveMessage");
      return receive(host, hosted, input, call.gone);
    },
    DeleteMessage(call) {
      const { hosted, input } = open(call, "DeleteMessage");
      onModel(() => hosted.queue.delete(now(), input.ReceiptHandle ?? ""));
      host.changed(hosted.queue);
    },
    DeleteMessageBatch(call) {
      const { hosted, input } = open(call, "DeleteMessageBatch", "DeleteMessage");
      return eachEntry(hosted, input.Entries ?? [], ({ ReceiptHandle = "" }) =>
        hosted.queue.delete(now(), ReceiptHandle),
      );
    },
    ChangeMessageVisibility(call) {
      const { hosted, input } = open(call, "ChangeMessageVisibility");
      onModel(() => hosted.queue.changeVisibility(now(), input.ReceiptHandle ?? "", visibilityOf(input)));
      host.changed(hosted.queue);
    },
    ChangeMessageVisibilityBatch(call) {
      const { hosted, input } = open(call, "ChangeMessageVisibilityBatch", "ChangeMessageVisibility");
      return eachEntry(hosted, input.Entries ?? [], (entry) =>
        hosted.queue.changeVisibility(now(), entry.ReceiptHandle ?? "", visibilityOf(entry)),
      );
    },
    GetQueueAttributes(call) {
      const { hosted, input } = open(call, "GetQueueAttributes");
      const all = queueAttributes(hosted, now(), (queue) => host.byName(queue.name)?.arn ?? queue.name);
      return { Attributes: pick(all, chosenNames(Object.keys(all), input.AttributeNames ?? [])) };
    },
    GetQueueUrl(call) {
      const { QueueName = "" } = inputOf(call);
      const hosted = find({ QueueUrl: QueueName });
      access.check(call.caller, "GetQueueUrl", "sqs:GetQueueUrl", hosted.arn);
      return { QueueUrl: `${server.url}/${account}/${QueueName}` };
    },
    StartMessageMoveTask(call) {
      const input = inputOf(call);
      const from = findByArn(host, input.SourceArn);
      const to = input.DestinationArn === undefined ? undefined : findByArn(host, input.DestinationArn);
      checkMove(access, call.caller, from, to);
      onModel(() =>
        host.startMove({
          from: from.queue,
          ...(to !== undefined && { to: to.queue }),
          ...(input.MaxNumberOfMessagesPerSecond !== undefined && {
            messagesPerSecond: input.MaxNumberOfMessagesPerSecond,
          }),
        }),
      );
      return {
        TaskHandle: Buffer.from(JSON.stringify({ sourceArn: from.arn, startedAt: now() })).toString("base64"),
      };
    },
  };

  const server = await serveLoopback(
    jsonService({
      access,
      service: SQS,
      operations,
      refusal: sqsRefusal,
      contentType: "application/x-amz-json-1.0",
    }),
  );
  return server;
}

function checkMove(access: Access, caller: Caller, from: HostedQueue, to: HostedQueue | undefined): void {
  access.check(caller, "StartMessageMoveTask", "sqs:StartMessageMoveTask", from.arn);
  const needed = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"].map(
    (name) => [`sqs:${name}`, from.arn] as const,
  );
  for (const [action, arn] of [
    ...needed,
    ...(to === undefined ? [] : [["sqs:SendMessage", to.arn] as const]),
  ]) {
    if (access.isAllowed(caller, action, arn)) continue;
    throw new AwsError("AccessDeniedException", `A message move needs ${action} on ${arn}.`, 403);
  }
}

function findByArn(host: QueueHost, arn: string | undefined): HostedQueue {
  const hosted = arn === undefined ? undefined : host.byArn(arn);
  if (hosted === undefined)
    throw new AwsError("ResourceNotFoundException", `No queue has the ARN ${arn ?? "(none)"}.`, 404);
  return hosted;
}

function visibilityOf({ VisibilityTimeout }: WireEntry): number {
  if (VisibilityTimeout === undefined)
    throw new AwsError("MissingParameter", "VisibilityTimeout is missing.");
  return VisibilityTimeout * 1_000;
}

function sentFields(
  attributes: Parameters<typeof md5OfAttributes>[0] | undefined,
  sequenceNumber: string | undefined,
) {
  const attributesMd5 = md5OfAttributes(attributes ?? {});
  return {
    ...(attributesMd5 !== undefined && { MD5OfMessageAttributes: attributesMd5 }),
    ...(sequenceNumber !== undefined && { SequenceNumber: sequenceNumber }),
  };
}
