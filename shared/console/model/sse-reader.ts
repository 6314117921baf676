import { sseFrames } from "#core/sse-frames.ts";

/** A message of a stream of server-sent events. */
export interface StreamMessage {
  readonly id?: string;
  readonly event: string;
  readonly data: string;
}

/** All messages of a text, as it comes. What only tells its reader how to read is dropped. */
export async function* messagesOf(parts: AsyncIterable<string>): AsyncGenerator<StreamMessage> {
  for await (const { id, event = "message", data } of sseFrames(parts))
    if (data !== undefined) yield { event, data, ...(id !== undefined && { id }) };
}

/** The text of a body, as it comes. Whoever stops reading ends the connection. */
export async function* textOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read())
      yield decoder.decode(part.value, { stream: true });
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
