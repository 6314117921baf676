import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { messageOf } from "#core/errors.ts";
import { MAX_INPUT_BYTES } from "#core/session/limits.ts";
import { ApiError } from "#client/api-error.ts";
import { listenOnLoopback } from "#local/http/listening.ts";
import { readBody } from "#local/http/request-body.ts";
import type { HttpResponse } from "#runtime/doors/http/http-message.ts";
import { problemOf, problemResponse } from "#runtime/doors/http/problem.ts";
import type { ConsoleAssets } from "./console-assets.ts";
import { createConsoleApi, type ConsoleApi } from "./console-api.ts";
import { foreign, startToken, tooLarge, unknownCaller } from "./console-guards.ts";
import type { ConsoleSource } from "./console-source.ts";
import { guardedListener } from "./guarded-listener.ts";

export interface ConsoleOptions {
  readonly source: ConsoleSource;
  readonly assets: ConsoleAssets;
  /** 0 takes any free port. @default 8788 */
  readonly port?: number;
}

export interface RunningConsole {
  /** The page's address with this start's token: whoever knows it may do what the console may. */
  readonly address: string;
  readonly url: string;
  readonly token: string;
  close(): Promise<void>;
}

export const CONSOLE_PORT = 8788;

/** Serves the console to this machine alone. Throws when the port is taken. */
export async function startConsole({
  source,
  assets,
  port = CONSOLE_PORT,
}: ConsoleOptions): Promise<RunningConsole> {
  const token = startToken();
  const api = createConsoleApi(source);
  const server = createServer(
    guardedListener({
      url: () => url,
      problemFor,
      async respond(asked, incoming, outgoing) {
        const refused = foreign(incoming.headers, listening.port);
        if (refused !== undefined) return refused;
        if (!asked.pathname.startsWith("/api/")) return assets.read(asked.pathname);
        return unknownCaller(incoming.headers, token) ?? called(api, asked, incoming, outgoing);
      },
    }),
  );
  const listening = await listenOnLoopback(server, port);
  const url = listening.url;

  return {
    address: `${url}/#token=${token}`,
    url,
    token,
    close: () => listening.close(),
  };
}

async function called(
  api: ConsoleApi,
  url: URL,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<HttpResponse | undefined> {
  const body = await readBody(incoming, MAX_INPUT_BYTES);
  if (body === undefined) return tooLarge();
  const gone = new AbortController();
  outgoing.once("close", () => gone.abort());
  const { method = "GET", headers } = incoming;
  return api({ method, url, headers, body: body.toString("utf8"), gone: gone.signal }, outgoing);
}

/** What the spine refuses keeps its status; whom nobody answers hears why. */
function problemFor(error: unknown): HttpResponse {
  if (error instanceof ApiError)
    return problemResponse(error.status, { code: "spine.refused", detail: error.message });
  if (error instanceof Error && error.name === "TargetError")
    return problemResponse(502, { code: "spine.unreachable", detail: messageOf(error) });
  return problemOf(error);
}
