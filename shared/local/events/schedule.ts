import type { Clock } from "#ports/clock.ts";
import { startTimer } from "../timer.ts";

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** The milliseconds of a rule's `rate(N unit)`. Other schedules are not understood here. */
export function parseRate(expression: string, owner: string): number {
  const [, count = "", unit = ""] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const ms = Number(count) * (UNIT_MS[unit] ?? 0);
  if (ms > 0) return ms;
  throw new Error(
    `${owner}: the schedule ${expression} is not supported here, only rate(N minutes|hours|days).`,
  );
}

/** Fires every `everyMs` of the clock; once, when the clock was moved past several times. Gives the way to stop. */
export function startSchedule(clock: Clock, everyMs: number, fire: () => void): () => void {
  let cancel = () => undefined as void;
  const arm = () => {
    cancel = startTimer(clock, clock.now() + everyMs, () => {
      arm();
      fire();
    });
  };
  arm();
  return () => cancel();
}
