import { isoTime } from "#core/session/iso-time.ts";
import type { HandleHttp } from "#local/http/http-server.ts";
import { createMemoryMonitoring } from "#memory/memory-monitoring.ts";
import type { QueueDepth } from "#ports/queues.ts";
import type { HttpIngress } from "#runtime/doors/create-http-ingress.ts";
import { jsonResponse } from "#runtime/doors/http/http-message.ts";
import type { EventStreams } from "#runtime/doors/stream/create-event-streams.ts";
import { createHealthReport } from "#runtime/health/create-health-report.ts";
import { listLetters } from "#runtime/letters/list-letters.ts";
import { asksForStream } from "../start/forward-streams.ts";
import type { ExchangeableSpine } from "#testing/in-process/in-process-spine.ts";

export interface DevHttpPorts {
  readonly ingress: HttpIngress;
  readonly streams: EventStreams;
  readonly spine: Pick<ExchangeableSpine, "application" | "engine" | "letters" | "queues" | "records">;
}

const DAY_LENGTH = "YYYY-MM-DD".length;

/** The API as a deployment serves it at three URLs: of the ingress, of streams, and what can be read of the function for operators. */
export function devHttp({ ingress, streams, spine }: DevHttpPorts): HandleHttp {
  const { clock } = spine.engine;
  const depths = { measure: () => Promise.resolve(depthsOf(spine, clock.now())) };
  const health = () =>
    createHealthReport({
      agents: [...spine.application.contracts.keys()].map((agent) => ({ agent, host: agent })),
      records: spine.records,
      depths,
      // One process: nothing measures it from outside.
      monitoring: createMemoryMonitoring(clock),
      clock,
      onTrouble: () => undefined,
    })();

  return async (request, gone) => {
    const { method, path, query } = request;
    if (asksForStream(request)) return streams(request, gone);
    if (method === "GET" && path === "/health") return jsonResponse(200, await health());
    if (method === "GET" && path === "/dead-letters") {
      const day = query["day"] ?? isoTime(clock.now()).slice(0, DAY_LENGTH);
      return jsonResponse(200, await listLetters(spine.letters, day, query["after"]));
    }
    return ingress(request);
  };
}

function depthsOf({ queues }: DevHttpPorts["spine"], now: number): readonly QueueDepth[] {
  return queues.sources.flatMap(({ duty, queue }) => {
    if (duty.type === "dead-letters") return [];
    const { visible, inFlight } = queue.counts(now);
    const deadLetters = queue.config.deadLetterQueue?.counts(now).visible ?? 0;
    const agent = duty.type === "agent" ? { agent: duty.agent } : {};
    return [{ name: queue.name, ...agent, visible, inFlight, deadLetters }];
  });
}
