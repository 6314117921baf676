import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { QueueSuffix } from "#aws/names.ts";
import type { Observer } from "#aws/observe/observe.ts";
import type { ProveReceived } from "#aws/sqs/sqs-proof.ts";
import type { ReturnSoon } from "#aws/sqs/sqs-returns.ts";
import { batchResponse, batchSpan, queueOf, toMessage } from "#aws/sqs/sqs-records.ts";
import type { Coordinator } from "#runtime/doors/create-coordinator.ts";
import { unprovenOf } from "#runtime/doors/proven-messages.ts";

export interface ReceiverPorts {
  readonly coordinator: Coordinator;
  readonly prove: ProveReceived;
  readonly observer: Observer;
  readonly returnSoon: ReturnSoon;
}

/**
 * Takes a batch of the inbox or of the answers queue. What a queue carries follows from its name, never from the body. An input of the
 * inbox is believed only where the inbox gave it out; an answer has a token, and a deadline says nothing that the state does not know.
 */
export function createReceiver({ coordinator, prove, observer, returnSoon }: ReceiverPorts) {
  return (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const { given, span } = batchSpan("coordinator", event.Records);
    const work = async (): Promise<SQSBatchResponse> => {
      const inbox = event.Records.filter((record) => isFrom(record, QueueSuffix.inbox)).map(givenBy);
      const answers = event.Records.filter((record) => isFrom(record, QueueSuffix.answers));
      if (inbox.length + answers.length < event.Records.length)
        throw new Error("A record from an unknown queue.");
      const unproven = await unprovenOf(inbox, async (asked) => {
        const unknown = await prove(
          asked.map(({ record }) => record),
          "inputs",
        );
        return asked.filter(({ record }) => unknown.has(record));
      });
      const proven = inbox.flatMap((given) => (unproven.has(given) ? [] : [given.record]));
      const newer = new Set<string>();
      const awaitsNewer = (id: string): void => void newer.add(id);
      const failed = [
        ...(proven.length > 0 ? await coordinator.inbox(proven.map(toMessage), awaitsNewer) : []),
        ...(answers.length > 0 ? await coordinator.answers(answers.map(toMessage), awaitsNewer) : []),
      ];
      const isNewer = (id: string): boolean => newer.has(id);
      await returnSoon(
        event.Records,
        failed.filter((id) => !isNewer(id)),
        "inputs",
      );
      await returnSoon(event.Records, failed.filter(isNewer), "newer");
      return batchResponse([...[...unproven].map(({ record }) => record.messageId), ...failed]);
    };
    return observer.invocation(context, given, work, span);
  };
}

/** As the queue gave it, with its record. */
const givenBy = (record: SQSRecord) => ({
  record,
  body: record.body,
  group: record.attributes.MessageGroupId,
});

const isFrom = (record: SQSRecord, suffix: QueueSuffix): boolean => queueOf(record).endsWith(`-${suffix}`);
