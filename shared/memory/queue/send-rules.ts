import type { MessageAttributes, SendInput } from "./message.ts";
import { MAX_DELAY_MS, type ResolvedQueueConfig } from "./queue-config.ts";
import { QueueError, requireRange } from "./queue-error.ts";

// Letters, digits and ASCII punctuation, 1 to 128 characters: group ids and deduplication ids.
const ID = /^[\x21-\x7e]{1,128}$/;
// SQS takes what XML 1.0 allows. The first, cheaper test leaves few bodies to the second, which knows surrogate pairs.
const SUSPECT = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd]/;
const FOREIGN_CHARACTER = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const MAX_ATTRIBUTES = 10;

/** Refuses what SendMessage would refuse. */
export function checkSend(config: ResolvedQueueConfig, input: SendInput): void {
  if (input.body === "") throw new QueueError("MissingParameter", "A message needs a body.");
  if (SUSPECT.test(input.body) && FOREIGN_CHARACTER.test(input.body)) {
    throw new QueueError(
      "InvalidMessageContents",
      "The body contains a character that XML 1.0 does not allow.",
    );
  }
  checkId("groupId", input.groupId);
  checkId("deduplicationId", input.deduplicationId);
  if (config.fifo) checkFifo(config, input);
  else if (input.deduplicationId !== undefined) {
    throw new QueueError("InvalidParameterValue", "A standard queue takes no deduplicationId.");
  }
  if (input.delayMs !== undefined) requireRange("delayMs", input.delayMs, 0, MAX_DELAY_MS);
  if (input.attributes !== undefined && Object.keys(input.attributes).length > MAX_ATTRIBUTES) {
    throw new QueueError("InvalidParameterValue", `A message has at most ${MAX_ATTRIBUTES} attributes.`);
  }
  const bytes = messageBytes(input);
  if (bytes > config.maxMessageBytes) {
    const reason = `The message has ${bytes} bytes, attributes included; ${config.name} takes ${config.maxMessageBytes}.`;
    throw new QueueError("InvalidParameterValue", reason);
  }
}

function checkFifo(config: ResolvedQueueConfig, input: SendInput): void {
  if (input.groupId === undefined)
    throw new QueueError("MissingParameter", "A FIFO message needs a groupId.");
  if (input.deduplicationId === undefined && !config.contentBasedDeduplication) {
    const reason = "A FIFO message needs a deduplicationId, unless its queue deduplicates by content.";
    throw new QueueError("InvalidParameterValue", reason);
  }
  // An explicit 0 passes, and the queue's own delay still applies.
  if (input.delayMs !== undefined && input.delayMs !== 0) {
    throw new QueueError(
      "InvalidParameterValue",
      "A FIFO message cannot have its own delay; set the queue's delayMs.",
    );
  }
}

function checkId(parameter: string, value: string | undefined): void {
  if (value === undefined || ID.test(value)) return;
  const reason = `${parameter} is ${JSON.stringify(value)}; use 1 to 128 letters, digits and ASCII punctuation.`;
  throw new QueueError("InvalidParameterValue", reason);
}

/** The size that counts against the limits: body, and attributes with their names and types. */
export function messageBytes(input: SendInput): number {
  const body = Buffer.byteLength(input.body);
  return input.attributes === undefined ? body : body + attributeBytes(input.attributes);
}

function attributeBytes(attributes: MessageAttributes): number {
  let bytes = 0;
  for (const [name, { dataType, value }] of Object.entries(attributes)) {
    const base = dataType === "Binary" || dataType.startsWith("Binary.") ? "base64" : "utf8";
    bytes += Buffer.byteLength(name) + Buffer.byteLength(dataType) + Buffer.byteLength(value, base);
  }
  return bytes;
}
