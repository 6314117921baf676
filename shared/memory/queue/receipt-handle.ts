import { QueueError } from "./queue-error.ts";

/** Which receive of which message a handle stands for. */
export interface Receipt {
  readonly serial: number;
  readonly receive: number;
}

export function formatReceiptHandle(queue: string, serial: number, receive: number): string {
  return `${queue}:${serial}:${receive}`;
}

/** Reads a handle that this queue has given out; anything else is refused as invalid. */
export function parseReceiptHandle(queue: string, handle: string): Receipt {
  const start = queue.length + 1;
  const colon = handle.indexOf(":", start);
  const serial = Number(handle.slice(start, colon));
  const receive = Number(handle.slice(colon + 1));
  if (colon > start && handle === formatReceiptHandle(queue, serial, receive)) return { serial, receive };
  throw new QueueError(
    "ReceiptHandleIsInvalid",
    `${JSON.stringify(handle)} is no receipt handle of ${queue}.`,
  );
}
