import { createHttpCall, type Call } from "#client/call.ts";
import type { Operate } from "#client/operate.ts";
import { reaching } from "#client/reaching.ts";
import { textOf } from "#console/model/sse-reader.ts";

/** Opens a stream of server-sent events; `undefined` for a spine that has none. */
export type OpenStream = (request: {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}) => Promise<StreamAnswer | undefined>;

export interface StreamAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<string>;
}

/** The spine that a console shows. */
export interface ConsoleSource {
  /** In words, for the page's head. */
  readonly where: string;
  readonly call: Call;
  /** Opens streams of sessions' events. @default it has none: the log is read again and again */
  readonly stream?: OpenStream;
  /** Answers `/health` and `/dead-letters`, where another function does so. @default as all else */
  readonly operator?: Call;
  /** Redrives and discards dead letters, with the rights of who serves the console. @default the page shows the commands only */
  readonly operate?: Operate;
  /** What the commands that the page shows say of it, such as ` --prefix spine`. */
  readonly options: string;
}

const PRODUCER = { "x-producer": "console" };

/** A spine that listens on this machine without signatures. */
export function loopbackSource(url: string, options: string, operate?: Operate): ConsoleSource {
  return {
    where: url,
    call: reaching(
      `The spine at ${url}`,
      createHttpCall(url, () => Promise.resolve(PRODUCER)),
    ),
    async stream({ path, headers, signal }) {
      const response = await fetch(url + path, { headers: { ...headers, ...PRODUCER }, signal });
      if (response.body === null) return undefined;
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: textOf(response.body),
      };
    },
    options,
    ...(operate !== undefined && { operate }),
  };
}
