import type { StreamSink } from "./lambda-function.ts";

/** A streamed response for who waits for the whole of it: as Invoke gives it. */
export interface CollectedParts {
  readonly sink: StreamSink;
  readonly text: () => string;
}

export function collectParts(): CollectedParts {
  const parts: Buffer[] = [];
  return {
    sink({ bytes }) {
      parts.push(bytes);
      return Promise.resolve();
    },
    text: () => Buffer.concat(parts).toString("utf8"),
  };
}
