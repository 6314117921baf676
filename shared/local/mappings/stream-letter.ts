import type { StreamEventRecord } from "../dynamodb/table-stream.ts";
import type { StreamPollerOptions } from "./stream-poller.ts";

export interface StreamFailure extends Pick<StreamPollerOptions, "stream" | "target"> {
  readonly shard: number;
  /** How often the function was invoked with them. */
  readonly invocations: number;
  /** It threw or died, rather than reporting them as failed. */
  readonly functionFailed: boolean;
}

/** What an on-failure destination gets: where the records are in the stream, not the records. */
export function streamLetter(
  records: readonly StreamEventRecord[],
  { stream, target, shard, invocations, functionFailed }: StreamFailure,
): object {
  const [first] = records;
  const time = (seconds: number | undefined) => new Date((seconds ?? 0) * 1_000).toISOString();
  return {
    requestContext: {
      requestId: first?.eventID ?? "",
      functionArn: target.config.arn,
      condition: "RetryAttemptsExhausted",
      approximateInvokeCount: invocations,
    },
    ...(functionFailed && {
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    }),
    version: "1.0",
    timestamp: new Date().toISOString(),
    DDBStreamBatchInfo: {
      shardId: `shardId-${String(shard).padStart(20, "0")}-local`,
      startSequenceNumber: first?.dynamodb.SequenceNumber,
      endSequenceNumber: records.at(-1)?.dynamodb.SequenceNumber,
      approximateArrivalOfFirstRecord: time(first?.dynamodb.ApproximateCreationDateTime),
      approximateArrivalOfLastRecord: time(records.at(-1)?.dynamodb.ApproximateCreationDateTime),
      batchSize: records.length,
      streamArn: stream.arn,
    },
  };
}
