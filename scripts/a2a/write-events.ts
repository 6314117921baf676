import type { ServerResponse } from "node:http";
import type { JsonObject } from "#core/json.ts";

/** Something is written at least so often, ms: what stands between takes silence for the end. */
const KEEP_ALIVE_MS = 15_000;

/** Writes JSON as Server-Sent Events as it comes, and ends the response with it. */
export async function writeEvents(
  outgoing: ServerResponse,
  values: AsyncIterable<JsonObject>,
): Promise<void> {
  outgoing.writeHead(200, { "content-type": "text/event-stream" });
  const beating = setInterval(() => outgoing.write(": still open\n\n"), KEEP_ALIVE_MS);
  try {
    for await (const value of values) outgoing.write(`data: ${JSON.stringify(value)}\n\n`);
  } finally {
    clearInterval(beating);
    outgoing.end();
  }
}
