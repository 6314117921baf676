import type { SendInput, SendResult } from "./message.ts";
import { MAX_MESSAGE_BYTES } from "./queue-config.ts";
import { isQueueError, QueueError, type QueueErrorCode } from "./queue-error.ts";
import { messageBytes } from "./send-rules.ts";

export interface SendBatchEntry extends SendInput {
  /** Distinct within the batch: 1 to 80 letters, digits, - and _. */
  readonly id: string;
}

export interface SendBatchResult {
  readonly successful: readonly (SendResult & { readonly id: string })[];
  readonly failed: readonly {
    readonly id: string;
    readonly code: QueueErrorCode;
    readonly message: string;
  }[];
}

const ENTRY_ID = /^[A-Za-z0-9_-]{1,80}$/;
const MAX_ENTRIES = 10;

/** The rules that send, delete and visibility batches share. */
export function checkBatchIds(ids: readonly string[]): void {
  if (ids.length === 0) throw new QueueError("EmptyBatchRequest", "A batch needs at least one entry.");
  if (ids.length > MAX_ENTRIES) {
    throw new QueueError(
      "TooManyEntriesInBatchRequest",
      `${ids.length} entries; a batch has at most ${MAX_ENTRIES}.`,
    );
  }
  const invalid = ids.find((id) => !ENTRY_ID.test(id));
  if (invalid !== undefined) {
    throw new QueueError(
      "InvalidBatchEntryId",
      `${JSON.stringify(invalid)}: use 1 to 80 letters, digits, - and _.`,
    );
  }
  if (new Set(ids).size < ids.length) {
    throw new QueueError("BatchEntryIdsNotDistinct", "Two entries of the batch share an id.");
  }
}

export function sendBatch(
  entries: readonly SendBatchEntry[],
  send: (entry: SendBatchEntry) => SendResult,
): SendBatchResult {
  checkBatchIds(entries.map((entry) => entry.id));
  const bytes = entries.reduce((sum, entry) => sum + messageBytes(entry), 0);
  if (bytes > MAX_MESSAGE_BYTES) {
    throw new QueueError(
      "BatchRequestTooLong",
      `The batch has ${bytes} bytes; at most ${MAX_MESSAGE_BYTES} are allowed.`,
    );
  }
  const successful: (SendResult & { readonly id: string })[] = [];
  const failed: { id: string; code: QueueErrorCode; message: string }[] = [];
  for (const entry of entries) {
    try {
      successful.push({ id: entry.id, ...send(entry) });
    } catch (error) {
      if (!isQueueError(error)) throw error;
      failed.push({ id: entry.id, code: error.code, message: error.message });
    }
  }
  return { successful, failed };
}
