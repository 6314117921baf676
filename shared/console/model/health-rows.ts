import type { AlarmHealth, BreakerChange, Limits, QueueHealth } from "../api/spine-health.ts";
import { ago, counted, span } from "./texts.ts";

/** What a breaker did, the newest first: `opened 2 min ago`, `closed 47 min ago, after 5 min`. */
export const breakerTexts = (changes: readonly BreakerChange[], now: number): readonly string[] =>
  changes.map(({ at, to }, index) => {
    if (to === "open") return `opened ${ago(at, now)}`;
    const opened = changes[index + 1];
    return `closed ${ago(at, now)}${opened === undefined ? "" : `, after ${span(at - opened.at)}`}`;
  });

const URGENCY = { alarm: 0, "insufficient-data": 1, ok: 2 } as const;

/** Alarms that ring on top, then those without data, each by name. */
export const alarmsInOrder = (alarms: readonly AlarmHealth[]): readonly AlarmHealth[] =>
  alarms.toSorted(
    (one, other) => URGENCY[one.state] - URGENCY[other.state] || (one.name < other.name ? -1 : 1),
  );

/** The alarm's row of docs/operations.md. */
export const alarmRow = (name: string): string =>
  name.replace(/^(agent|sub)-.+-(letters|stuck|throttled)$/, "$1-NAME-$2");

/** What an alarm's description says beside where it comes from and where to read on. */
export const alarmMeaning = (description: string): string =>
  description.replace(/^Event Spine: /, "").replace(/ See docs\/operations\.md\.$/, "");

/** A bound, and how much of it is used as far as that is known. */
export interface LimitRow {
  readonly name: string;
  readonly most: string;
  readonly used?: string;
  /** Nothing of it is left. */
  readonly isReached?: true;
}

/** What SQS lets be in flight in one FIFO queue. */
const FIFO_IN_FLIGHT = 120_000;

/** The deployment's bounds, then those of AWS that the queues show. */
export function limitRows(limits: Limits, queues: readonly QueueHealth[]): readonly LimitRow[] {
  const { events, tasksInFlight, waits, streams } = limits;
  const fullest = queues
    .filter(({ name }) => name.endsWith(".fifo"))
    .toSorted((one, other) => other.inFlight - one.inFlight)[0];
  return [
    ...events.map(({ tenant, perSecond, burst, left }): LimitRow => ({
      name: tenant === "*" ? "events of each other tenant" : `events of ${tenant}`,
      most: `${perSecond} a second, ${burst} at once`,
      ...(left !== undefined && { used: `${left} left` }),
      ...(left === 0 && { isReached: true }),
    })),
    ...(tasksInFlight === undefined
      ? []
      : [{ name: "tasks of one tenant in a lane of an agent", most: `${tasksInFlight} at once` }]),
    ...(waits === undefined ? [] : [{ name: "requests that wait for a reply", most: boundText(waits) }]),
    ...(streams === undefined ? [] : [{ name: "open streams of events", most: boundText(streams) }]),
    ...(fullest === undefined
      ? []
      : [
          {
            name: "SQS: messages in flight in one FIFO queue",
            most: FIFO_IN_FLIGHT.toLocaleString("en"),
            used: `${counted(fullest.inFlight, "message")}, ${fullest.name}`,
            ...(fullest.inFlight >= FIFO_IN_FLIGHT && { isReached: true as const }),
          },
        ]),
  ];
}

const boundText = ({ total, perTenant }: { readonly total: number; readonly perTenant: number }): string =>
  perTenant < total ? `${total} at once, ${perTenant} of a tenant` : `${total} at once`;

/** What an operator can still do something about. */
export const isOpenLetter = ({ state }: { readonly state: string }): boolean =>
  !["redriven", "discarded", "expired"].includes(state);
