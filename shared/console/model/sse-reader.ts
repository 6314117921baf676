/** A message of a stream of server-sent events. */
export interface StreamMessage {
  readonly id?: string;
  readonly event: string;
  readonly data: string;
}

/** Reads a stream of server-sent events piece by piece: gives the messages that a piece completes. Comments are dropped. */
export function createEventStreamReader(): (piece: string) => readonly StreamMessage[] {
  let rest = "";
  return (piece) => {
    const blocks = (rest + piece).split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? "";
    return blocks.flatMap(messageIn);
  };
}

function messageIn(block: string): readonly StreamMessage[] {
  const fields = block.split(/\r?\n/).flatMap((line) => {
    const [, name, value = ""] = /^([a-z]+)(?:: ?(.*))?$/s.exec(line) ?? [];
    return name === undefined ? [] : [[name, value] as const];
  });
  const data = fields.filter(([name]) => name === "data").map(([, value]) => value);
  if (data.length === 0) return [];
  const last = (wanted: string): string | undefined => fields.findLast(([name]) => name === wanted)?.[1];
  const id = last("id");
  return [{ event: last("event") ?? "message", data: data.join("\n"), ...(id !== undefined && { id }) }];
}

/** All messages of a text, as it comes. */
export async function* messagesOf(parts: AsyncIterable<string>): AsyncGenerator<StreamMessage> {
  const read = createEventStreamReader();
  for await (const part of parts) yield* read(part);
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
