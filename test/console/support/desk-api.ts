import { isoTime } from "#core/session/iso-time.ts";
import type { HandleHttp } from "#local/http/http-server.ts";
import { createMemoryWaitRoom } from "#memory/memory-wait-room.ts";
import type { LetterBox } from "#ports/blobs.ts";
import type { LiveOutput } from "#ports/live-output.ts";
import type { AgentRecord } from "#ports/agents.ts";
import { createHttpIngress } from "#runtime/doors/create-http-ingress.ts";
import { jsonResponse } from "#runtime/doors/http/http-message.ts";
import { createListedReads } from "#runtime/doors/http/listed-reads.ts";
import { createScoreReads } from "#runtime/doors/http/score-reads.ts";
import { createEventStreams } from "#runtime/doors/stream/create-event-streams.ts";
import { createLimitsReport } from "#runtime/health/create-limits-report.ts";
import { deskMonitoring } from "./desk-monitoring.ts";
import { createHealthReport } from "#runtime/health/create-health-report.ts";
import { listLetters } from "#runtime/letters/list-letters.ts";
import type { InProcessSpine } from "#testing/index.ts";
import { MORNING } from "./desk.ts";

/** As on this machine. */
const MOST_STREAMS = { total: 8, perTenant: 8 };

/** A spine's API without lists, health, letters and streams, as a deployment may have it. */
export const bareApi = (spine: InProcessSpine): HandleHttp => createHttpIngress(spine.engine);

/** A spine's whole API, in this process. Its agents' health and its letters are made up, and told as the operator function tells them. */
export function deskApi(spine: InProcessSpine, box: LetterBox, live?: LiveOutput): HandleHttp {
  const { engine, sessionIndex } = spine;
  const listed = createListedReads(engine, sessionIndex);
  const ingress = createHttpIngress(engine, {
    listed: () => Promise.resolve(listed),
    scores: () => Promise.resolve(createScoreReads(engine, spine.scores)),
  });
  const room = createMemoryWaitRoom(MOST_STREAMS, engine.clock);
  const streams = createEventStreams(engine, { room, ...(live !== undefined && { live }) });
  const health = createHealthReport({
    agents: Object.keys(RECORDS).map((agent) => ({ agent, host: agent })),
    records: { lately: () => Promise.resolve(Object.values(RECORDS)) },
    depths: { measure: () => Promise.resolve(QUEUES) },
    monitoring: deskMonitoring(engine.clock),
    clock: engine.clock,
    onTrouble: (error) => {
      throw error;
    },
  });
  const limits = createLimitsReport({
    quotas: { "*": { perSecond: 20, burst: 40 } },
    bounds: {
      tasksInFlight: 10,
      waits: { total: 200, perTenant: 50 },
      streams: { total: 100, perTenant: 25 },
    },
    buckets: { fullAt: () => Promise.resolve(engine.clock.now() + 1_400) },
    clock: engine.clock,
  });
  const { tenant } = spine.key("any");
  return async (request, gone) => {
    const { path, query, headers } = request;
    if (path === "/health") return jsonResponse(200, { ...(await health()), limits: await limits(tenant) });
    if (path === "/dead-letters") {
      const { day = isoTime(engine.clock.now()).slice(0, 10), after } = query;
      return jsonResponse(200, await listLetters(box, day, after));
    }
    return headers["accept"] === "text/event-stream" ? streams(request, gone) : ingress(request);
  };
}

const minute = (after: number): number => MORNING + after * 60_000;
const CALENDAR = [{ at: minute(-2), to: "open" }] as const;
const QUOTES = [
  { at: minute(-11), to: "open" },
  { at: minute(-47), to: "closed" },
  { at: minute(-52), to: "open" },
] as const;
const RECORDS: Readonly<Record<string, AgentRecord>> = {
  triage: { answers: 412, failures: 0, breaker: "closed", changes: [] },
  calendar: { answers: 198, failures: 7, breaker: "half-open", changes: CALENDAR },
  quotes: { answers: 160, failures: 61, breaker: "open", changes: QUOTES },
};
const empty = { visible: 0, inFlight: 0, deadLetters: 0 };
const QUEUES = [
  { ...empty, name: "inbox.fifo" },
  { ...empty, name: "answers.fifo", visible: 1 },
  { ...empty, name: "deadlines", visible: 41 },
  { ...empty, name: "agent-triage.fifo", agent: "triage", inFlight: 2 },
  { ...empty, name: "agent-calendar.fifo", agent: "calendar", visible: 3, inFlight: 1 },
  { ...empty, name: "agent-quotes.fifo", agent: "quotes", visible: 9, inFlight: 1, deadLetters: 2 },
  { ...empty, name: "agent-quotes-express.fifo", agent: "quotes", visible: 3 },
];
