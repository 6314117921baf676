import type { Call } from "#client/call.ts";

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

const PRODUCER = "console";

/** A spine that listens on this machine without signatures. */
export function loopbackSource(url: string, call: Call, options = ""): ConsoleSource {
  return {
    where: url,
    call: (request) => call({ ...request, headers: { ...request.headers, "x-producer": PRODUCER } }),
    openStream: (path, headers, signal) =>
      fetch(url + path, { headers: { ...headers, "x-producer": PRODUCER }, signal }),
    options,
  };
}
