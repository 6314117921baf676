/** The names that SQS itself gives these refusals, so that an adapter can send them on unchanged. */
export type QueueErrorCode =
  | "BatchEntryIdsNotDistinct"
  | "BatchRequestTooLong"
  | "EmptyBatchRequest"
  | "InvalidBatchEntryId"
  | "InvalidMessageContents"
  | "InvalidParameterValue"
  | "MessageNotInflight"
  | "MissingParameter"
  | "OverLimit"
  | "ReceiptHandleIsInvalid"
  | "TooManyEntriesInBatchRequest"
  | "UnsupportedOperation";

/** A call that the queue refuses. Nothing has changed when it is thrown. */
export class QueueError extends Error {
  override readonly name = "QueueError";
  readonly code: QueueErrorCode;

  constructor(code: QueueErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export function isQueueError(error: unknown, code?: QueueErrorCode): error is QueueError {
  if (!(error instanceof Error) || error.name !== "QueueError" || !("code" in error)) return false;
  return code === undefined || error.code === code;
}

/** Refuses a number outside its documented range. */
export function requireRange(parameter: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return;
  throw new QueueError(
    "InvalidParameterValue",
    `${parameter} is ${value}; it must be between ${least} and ${most}.`,
  );
}
