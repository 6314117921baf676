import { setTimeout as pause } from "node:timers/promises";
import type { RecordedEvent } from "#core/session/events.ts";
import { untilIdle } from "#local/faults/until-idle.ts";
import { HELP_ASKED, WORK_ASKED } from "../app/application.ts";
import type { FaultySpine } from "../faulty-spine.ts";
import { send } from "../producer.ts";
import { openGate } from "./gate.ts";

/** From the urgent event's request to the start of its run's first agent. */
export const MOST_MS = 250;
const WAIT_SECONDS = 25;

export interface UrgentReport {
  /** From the producer's request to the start of the urgent run's first agent, which works on the long task already. */
  readonly startedAfterMs: number;
  readonly longTaskMs: number;
  readonly problems: readonly string[];
}

/** What the agent answers. */
interface Work {
  readonly for: string;
  readonly startedAt: number;
}

/**
 * Sends an urgent event while an agent works on a long task of the same session, then lets the long task end, and looks
 * whether its late result changed anything. `longTaskMs` is how long it works at least.
 */
export async function preEmpt(spine: FaultySpine, session: string, longTaskMs = 0): Promise<UrgentReport> {
  const gate = await openGate();
  const started = Date.now();
  try {
    await send(spine, session, { id: "work", type: WORK_ASKED, data: { subject: "long", gate: gate.url } });
    await gate.reached;
    // The agent tells the time of the local runtime, which may be ahead.
    const asked = spine.cloud.clock.now();
    const help = { id: "help", type: HELP_ASKED, data: { subject: "urgent" }, lane: "express" } as const;
    const told = await send(spine, session, help, WAIT_SECONDS);
    // What the worker's schema let through.
    const urgent = told.reply?.body as Work | undefined;
    await pause(Math.max(0, started + longTaskMs - Date.now()));
    gate.open();
    await untilIdle(spine.cloud);
    const { commits } = await spine.readLog(session);
    const now = await workIn(spine, session);
    return {
      startedAfterMs: (urgent?.startedAt ?? Infinity) - asked,
      longTaskMs: Date.now() - started,
      problems: [
        ...(urgent?.for === "urgent"
          ? []
          : ["no reply to the urgent event arrived while the long task was running"]),
        ...lateProblems(
          commits.flatMap(({ events }) => events),
          now,
        ),
      ],
    };
  } finally {
    gate.open();
    await gate.stop();
  }
}

/** The fenced attempt's answer is in the log as a late one; what stands in the context is a later attempt's. */
export function lateProblems(events: readonly RecordedEvent[], now: Work): readonly string[] {
  const fenced = events.filter(({ type }) => type === "AttemptFenced").length;
  const late = events.flatMap((event) =>
    event.type === "AnswerLate" && event.data.outcome.status === "ok" ? [event.data.outcome.result] : [],
  ) as unknown as readonly Work[]; // what the worker's schema let through
  return [
    ...(fenced === 1 ? [] : [`${fenced} attempts were fenced instead of one`]),
    ...(late.length === 1 ? [] : [`${late.length} late results are recorded instead of one`]),
    ...(now.for === "long" && late.every(({ startedAt }) => startedAt < now.startedAt)
      ? []
      : ["the late result is in the context"]),
  ];
}

async function workIn({ cloud, ingressUrl }: FaultySpine, session: string): Promise<Work> {
  const response = await cloud.fetch(`${ingressUrl}/sessions/${session}/state`);
  const { context } = (await response.json()) as { readonly context: { readonly worker: Work } };
  return context.worker;
}
