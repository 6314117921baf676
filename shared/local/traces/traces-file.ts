import { appendFileSync, writeFileSync } from "node:fs";
import { Env } from "#aws/config.ts";
import { serveLoopback, type LoopbackServer } from "../http/loopback-server.ts";

/** A collector that writes what it is sent into a file. */
export interface TracesFile {
  readonly server: LoopbackServer;
  /** By which functions find it. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Takes OTLP over HTTP with JSON, as a collector does, and writes each request as a line: the form of the collector's own file
 * exporter. What stood in the file is gone.
 */
export async function serveTracesFile(file: string): Promise<TracesFile> {
  writeFileSync(file, "");
  const server = await serveLoopback(({ method, target, headers, body }) => {
    if (method !== "POST" || target !== "/v1/traces") return Promise.resolve({ status: 404 });
    if (headers["content-type"]?.startsWith("application/json") !== true)
      return Promise.resolve({ status: 415 });
    try {
      // Parsed once, so that a line is JSON and nothing else.
      appendFileSync(file, `${JSON.stringify(JSON.parse(body.toString("utf8")))}\n`);
    } catch {
      return Promise.resolve({ status: 400 });
    }
    return Promise.resolve({ status: 200, headers: { "content-type": "application/json" }, body: "{}" });
  });
  return { server, environment: { [Env.otel]: "1", [Env.otlpEndpoint]: server.url } };
}
