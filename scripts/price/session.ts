import { setTimeout as pause } from "node:timers/promises";
import type { LocalCloud } from "#local/cloud.ts";
import { countsSince, type RequestCount } from "#local/request-counts.ts";
import { begin, WHOLE, type Way } from "../requests/play.ts";
import type { Meter, Reading } from "./meter.ts";

/** What a session took, from its request until the last deadline that was armed for it has fired. */
export interface SessionUse extends Reading {
  readonly counts: readonly RequestCount[];
}

const LOOK_MS = 10;

/** Plays the five-agent message in a new session, then moves the clock until nothing of it is left on its way. */
export async function playSession(
  cloud: LocalCloud,
  meter: Meter,
  session: string,
  way: Way,
): Promise<SessionUse> {
  await untilIdle(cloud);
  meter.reset();
  const before = cloud.counts();
  await begin(cloud, session, WHOLE, way);
  await untilIdle(cloud);
  return { counts: countsSince(before, cloud.counts()), ...meter.read() };
}

async function untilIdle(cloud: LocalCloud): Promise<void> {
  for (;;) {
    while (cloud.busy() > 0) await pause(LOOK_MS);
    const next = cloud.nextMessageAt();
    if (next === undefined) return;
    cloud.clock.skipTo(next);
    // The poller takes what fell due in a turn of its own.
    do await pause(LOOK_MS);
    while (cloud.busy() > 0);
  }
}
