import type { StreamEventRecord } from "../dynamodb/table-stream.ts";

/**
 * Reads a ReportBatchItemFailures answer: the place of the earliest record that failed, the number of records where none
 * did. An answer that cannot be used, or that names a record which is not of the batch, fails all of it.
 */
export function readStreamAnswer(
  records: readonly StreamEventRecord[],
  payload: string,
): number | "everything" {
  let answer: unknown;
  try {
    answer = JSON.parse(payload);
  } catch {
    return "everything";
  }
  if (answer === null) return records.length;
  if (typeof answer !== "object") return "everything";
  const failures = "batchItemFailures" in answer ? answer.batchItemFailures : undefined;
  if (failures === undefined || failures === null) return records.length;
  if (!Array.isArray(failures)) return "everything";
  const places = (failures as readonly ({ readonly itemIdentifier?: unknown } | null)[]).map((failure) =>
    records.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === failure?.itemIdentifier),
  );
  return places.includes(-1) ? "everything" : Math.min(records.length, ...places);
}
