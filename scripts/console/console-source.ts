import { createHttpCall, type Call } from "#client/call.ts";
import { reaching } from "#client/reaching.ts";

/** The spine that a console shows. */
export interface ConsoleSource {
  /** In words, for the page's head. */
  readonly where: string;
  readonly call: Call;
  /**
   * Opens a stream of server-sent events; what answers with anything else is read page by page.
   *
   * @default it has none
   */
  readonly openStream?: (
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ) => Promise<Response>;
  /** What the commands that the page shows say of it, such as ` --prefix spine`. */
  readonly options: string;
}

const PRODUCER = { "x-producer": "console" };

/** A spine that listens on this machine without signatures. */
export function loopbackSource(url: string, options: string): ConsoleSource {
  return {
    where: url,
    call: reaching(
      `The spine at ${url}`,
      createHttpCall(url, () => Promise.resolve(PRODUCER)),
    ),
    openStream: (path, headers, signal) =>
      fetch(url + path, { headers: { ...headers, ...PRODUCER }, signal }),
    options,
  };
}
