import { isQueueError, type QueueErrorCode } from "#memory/queue/queue-error.ts";
import { AwsError } from "../http/service-error.ts";
import type { LocalResponse } from "../http/loopback-server.ts";

/** The shapes and the older query protocol's codes; SDK clients take the latter from `x-amzn-query-error`. */
const SHAPES: Readonly<Record<string, { readonly shape?: string; readonly query: string }>> = {
  BatchEntryIdsNotDistinct: { query: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct" },
  BatchRequestTooLong: { query: "AWS.SimpleQueueService.BatchRequestTooLong" },
  EmptyBatchRequest: { query: "AWS.SimpleQueueService.EmptyBatchRequest" },
  InvalidBatchEntryId: { query: "AWS.SimpleQueueService.InvalidBatchEntryId" },
  MessageNotInflight: { query: "AWS.SimpleQueueService.MessageNotInflight" },
  QueueDoesNotExist: { query: "AWS.SimpleQueueService.NonExistentQueue" },
  TooManyEntriesInBatchRequest: { query: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest" },
  UnsupportedOperation: { query: "AWS.SimpleQueueService.UnsupportedOperation" },
  AccessDeniedException: { shape: "com.amazon.coral.service#AccessDeniedException", query: "AccessDenied" },
  UnrecognizedClientException: {
    shape: "com.amazon.coral.service#UnrecognizedClientException",
    query: "InvalidClientTokenId",
  },
  ...signing("MissingAuthenticationToken", "IncompleteSignature", "ExpiredToken"),
  InvalidSignatureException: {
    shape: "com.amazon.coral.service#InvalidSignatureException",
    query: "SignatureDoesNotMatch",
  },
  InvalidParameterValue: {
    shape: "com.amazon.coral.service#InvalidParameterValueException",
    query: "InvalidParameterValue",
  },
  MissingParameter: {
    shape: "com.amazon.coral.service#MissingRequiredParameterException",
    query: "MissingParameter",
  },
};

function signing(...codes: readonly string[]) {
  return Object.fromEntries(
    codes.map((query) => [
      `${query}Exception`,
      { shape: `com.amazon.coral.service#${query}Exception`, query },
    ]),
  );
}

export function sqsRefusal({ code, message, status }: AwsError): LocalResponse {
  const { shape = `com.amazonaws.sqs#${code}`, query } = SHAPES[code] ?? { query: code };
  return {
    status,
    headers: { "content-type": "application/x-amz-json-1.0", "x-amzn-query-error": `${query};Sender` },
    body: JSON.stringify({ __type: shape, message }),
  };
}

/** The code by which a failed entry of a batch is listed. */
export const entryCode = (code: string): string => SHAPES[code]?.query ?? code;

/** Runs a call on the model; its refusals are the service's. */
export function onModel<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (isQueueError(error)) throw new AwsError(error.code satisfies QueueErrorCode, error.message);
    throw error;
  }
}
