import { readFile } from "node:fs/promises";
import type { HandleHttp } from "#local/http/http-server.ts";

/** The page and its modules, which stand in docs/examples. */
const FILES: Readonly<Record<string, string>> = {
  "chat.html": "text/html; charset=utf-8",
  "chat.js": "text/javascript; charset=utf-8",
  "chat-messages.js": "text/javascript; charset=utf-8",
};
const PREFIX = "/examples/";
const FOLDER = new URL("../../docs/examples/", import.meta.url);
/** The page talks to the front that it comes from, and to nobody else. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Serves the chat page of docs/examples; all other requests are handed on. */
export function withChatPage(handle: HandleHttp): HandleHttp {
  return async (request, gone) => {
    const { method, path } = request;
    const file = path.startsWith(PREFIX) ? path.slice(PREFIX.length) : "";
    const type = Object.hasOwn(FILES, file) ? FILES[file] : undefined;
    if (method !== "GET" || type === undefined) return handle(request, gone);
    const headers = {
      "content-type": type,
      "content-security-policy": POLICY,
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    };
    return { status: 200, headers, body: await readFile(new URL(file, FOLDER), "utf8") };
  };
}
