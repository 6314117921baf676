import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { QueueSuffix } from "#aws/names.ts";
import type { Observer } from "#aws/observe.ts";
import type { ReturnSoon } from "#aws/sqs-returns.ts";
import { batchResponse, batchSpan, queueOf, toMessage } from "#aws/sqs-records.ts";
import type { Coordinator } from "#runtime/create-coordinator.ts";

/** Takes a batch of the inbox or of the answers queue. What a queue carries follows from its name, never from the body. */
export function createReceiver(coordinator: Coordinator, observer: Observer, returnSoon: ReturnSoon) {
  return (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const { given, span } = batchSpan("coordinator", event.Records);
    const work = async (): Promise<SQSBatchResponse> => {
      const inbox = event.Records.filter((record) => isFrom(record, QueueSuffix.inbox));
      const answers = event.Records.filter((record) => isFrom(record, QueueSuffix.answers));
      if (inbox.length + answers.length < event.Records.length)
        throw new Error("A record of an unknown queue.");
      const failed = [
        ...(inbox.length > 0 ? await coordinator.inbox(inbox.map(toMessage)) : []),
        ...(answers.length > 0 ? await coordinator.answers(answers.map(toMessage)) : []),
      ];
      await returnSoon(event.Records, failed, "inputs");
      return batchResponse(failed);
    };
    return observer.invocation(context, given, work, span);
  };
}

const isFrom = (record: SQSRecord, suffix: QueueSuffix): boolean => queueOf(record).endsWith(`-${suffix}`);
