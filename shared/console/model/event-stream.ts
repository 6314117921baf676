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

/** All messages of a body, as they come. */
export async function* messagesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamMessage> {
  const read = createEventStreamReader();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* read(decoder.decode(value, { stream: true }));
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
