import type { Context, DynamoDBRecord, DynamoDBStreamEvent, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { itemOfJson, readCommitRef } from "#aws/dynamo/log-items.ts";
import { ItemKind } from "#aws/names.ts";
import type { Observer } from "#aws/observe/observe.ts";
import { batchResponse } from "#aws/sqs/sqs-records.ts";
import type { ReturnSoon } from "#aws/sqs/sqs-returns.ts";
import { sessionKeyText } from "#core/ids.ts";
import type { Clock } from "#ports/clock.ts";
import {
  createRelayBatches,
  type StreamedRef,
  type RelayBatchesPorts,
} from "#runtime/relay/create-relay-batches.ts";

export interface RelayRecordsPorts extends Pick<RelayBatchesPorts, "relay" | "log" | "retries"> {
  readonly returnSoon: ReturnSoon;
  readonly clock: Pick<Clock, "now">;
  readonly observer: Observer;
}

/** The relay over the records of the table's stream, and of its retry queue. */
export function createRelayReceiver({ relay, log, retries, returnSoon, clock, observer }: RelayRecordsPorts) {
  const { onTrouble } = observer;
  const batches = createRelayBatches({
    relay,
    log,
    retries,
    onWork: (work) => observer.noteCommit(work, work.commit),
    onRetry: (commits) => observer.count("RelayRetries", commits),
    onMadeUp: ({ first, ...key }) => {
      observer.count("MadeUpRecords");
      onTrouble(new Error("The log has no such commit."), `commit ${first} of ${sessionKeyText(key)}`);
    },
    onTrouble,
  });

  return (
    event: DynamoDBStreamEvent | SQSEvent,
    context: Pick<Context, "awsRequestId" | "getRemainingTimeInMillis">,
  ): Promise<SQSBatchResponse> =>
    observer.invocation(context, {}, async () => {
      const endsAt = clock.now() + context.getRemainingTimeInMillis();
      const stream = event.Records.flatMap((record) => ("messageId" in record ? [] : refsIn(record)));
      const messages = event.Records.flatMap((record) => ("messageId" in record ? [record] : []));
      if (messages.length === 0) return batchResponse(await batches.stream(stream, endsAt));
      const retried = messages.map(({ messageId: id, body }) => ({ id, body }));
      const failed = await batches.retries(retried, endsAt);
      await returnSoon(messages, failed, "commits");
      return batchResponse(failed);
    });
}

/**
 * Where the commit of a stream record stands; none in a removal or in an item of another kind. Nothing else of it is believed: who may
 * invoke the function could have made it up.
 */
function refsIn({ eventName, dynamodb }: DynamoDBRecord): readonly StreamedRef[] {
  const image = dynamodb?.NewImage;
  if (eventName !== "INSERT" || image?.["kind"]?.S !== ItemKind.commit) return [];
  return [{ ref: readCommitRef(itemOfJson(image)), id: dynamodb?.SequenceNumber ?? "" }];
}
