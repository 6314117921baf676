import type { Clock } from "#ports/clock.ts";
import type { AlarmReport, Measured, MeasuredNames, Monitoring } from "#ports/monitoring.ts";

/** What monitoring told, as far as it did. */
export interface MeasuredLately {
  /** ms */
  readonly at: number;
  readonly measured: Measured | undefined;
  readonly alarms: readonly AlarmReport[] | undefined;
}

export interface MeasuredLatelyPorts {
  readonly monitoring: Monitoring;
  readonly clock: Pick<Clock, "now">;
  readonly onTrouble: (error: unknown, what: string) => void;
}

/** Monitoring has a new figure each minute, and is paid for each that is asked for. */
const FRESH_MS = 60_000;
/** What failed is tried again by whoever asks so many ms later. */
const FAILED_MS = 10_000;

/**
 * Asks monitoring once a minute at most, however many look. Where it does not answer, the rest of a report is worth having: what failed is
 * missing, and told as trouble. The names are those of the first who asks.
 */
export function createMeasuredLately({ monitoring, clock, onTrouble }: MeasuredLatelyPorts) {
  let last: { readonly until: number; readonly lately: Promise<MeasuredLately> } | undefined;

  const attempt = <T>(what: string, look: () => Promise<T>): Promise<T | undefined> =>
    look().catch((error: unknown) => {
      onTrouble(error, what);
      return undefined;
    });

  const look = async (at: number, names: MeasuredNames): Promise<MeasuredLately> => {
    const [measured, alarms] = await Promise.all([
      attempt("reading metrics", () => monitoring.lately(names)),
      attempt("reading alarms", () => monitoring.alarms()),
    ]);
    if (measured === undefined || alarms === undefined) last = last && { ...last, until: at + FAILED_MS };
    return { at, measured, alarms };
  };

  return (names: MeasuredNames): Promise<MeasuredLately> => {
    const now = clock.now();
    if (last !== undefined && now < last.until) return last.lately;
    const lately = look(now, names);
    last = { until: now + FRESH_MS, lately };
    return lately;
  };
}
