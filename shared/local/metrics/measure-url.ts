import type { Clock } from "#ports/clock.ts";
import type { Handle } from "../http/loopback-server.ts";
import type { Recorder } from "./metric-store.ts";

/** The same function URL, whose answers are measured by the name of its function. */
export function measureUrl(
  functionName: string,
  handle: Handle,
  recorder: Recorder,
  clock: Pick<Clock, "now">,
): Handle {
  const record = (name: string, value: number) =>
    recorder.record(
      { namespace: "AWS/Lambda", name, dimensions: { FunctionName: functionName } },
      value,
      clock.now(),
    );
  return async (request) => {
    const started = performance.now();
    const response = await handle(request);
    const isOf = (hundreds: number) => (Math.floor(response.status / 100) === hundreds ? 1 : 0);
    record("UrlRequestCount", 1);
    record("Url4xxCount", isOf(4));
    record("Url5xxCount", isOf(5));
    record("UrlRequestLatency", performance.now() - started);
    return response;
  };
}
