import { QueueError } from "./queue-error.ts";

export function formatReceiptHandle(queue: string, serial: number, receive: number): string {
  return `${queue}:${serial}:${receive}`;
}

/** The serial number that a handle of this queue carries; not a check that the handle was ever given out. */
export function serialOf(queue: string, handle: string): number {
  return Number.parseInt(handle.slice(queue.length + 1), 10);
}

/** Refuses what no receive of this queue can have given out. */
export function requireReceiptHandle(queue: string, handle: string, latestSerial: number): void {
  const [, serial = "", receive = ""] = handle.split(":");
  const wellFormed = handle === `${queue}:${Number(serial)}:${Number(receive)}`;
  if (wellFormed && Number(serial) >= 1 && Number(serial) <= latestSerial && Number(receive) >= 1) return;
  throw new QueueError(
    "ReceiptHandleIsInvalid",
    `${JSON.stringify(handle)} is not a receipt handle of ${queue}.`,
  );
}
