import { valueAt } from "#core/context/document.ts";
import { sameJson, type Json } from "#core/json.ts";
import type { Disposition } from "#core/session/events.ts";
import { isIdle } from "#core/session/state.ts";
import type { History } from "./history.ts";
import type { Report } from "./violation.ts";

/** An event when its turn came, and what became of it. */
interface Offered {
  /** Sequence by which the log speaks of it. */
  readonly place: number;
  /** When it was decided about. */
  readonly at: number;
  readonly type: string;
  readonly data: Json;
  readonly disposition: Disposition;
  triggered: number;
  awaited: number;
  kept: number;
  taken: number;
  dropped: number;
}

const CHECK = "dispositions add up";

/**
 * Every event that was taken ends in exactly one of these: it starts runs, steps that waited take it, it is kept until a wait takes it
 * or none does, nothing takes it. What is kept is kept for who may wait for it, and what a wait takes is what was sent.
 */
export function checkDispositions(history: History, report: Report): void {
  const { events, contexts, final, record } = history;
  const offered = new Map<number, Offered>();
  const held = new Map<string, { readonly place: number; readonly type: string; readonly data: Json }>();
  const queued = new Map<string, number>();
  const own = new Set<string>();
  const ignored: Offered[] = [];
  const formOf = formsOf(history);
  const wrong = (problem: string): void => report("Nothing lost", CHECK, problem);

  const offer = (place: number, at: number, type: string, data: Json, disposition: Disposition): void => {
    const one = { place, at, type, data, disposition };
    const counted = { ...one, triggered: 0, awaited: 0, kept: 0, taken: 0, dropped: 0 };
    offered.set(place, counted);
    if (disposition === "ignored" && formOf(at) > 1) ignored.push(counted);
  };
  const of = (place: number, what: string): Offered | undefined => {
    const one = offered.get(place);
    if (one === undefined) wrong(`${what} speaks of the event ${place}, which was not offered`);
    return one;
  };

  for (const { type, data, sequence } of events) {
    switch (type) {
      case "InputAccepted":
        offer(sequence, sequence, data.input.type, data.input.data, data.disposition);
        break;
      case "InputHeld":
        held.set(`${data.input.source} ${data.input.ordinal}`, { place: sequence, ...data.input });
        break;
      case "InputReleased": {
        const input = held.get(`${data.source} ${data.ordinal}`);
        if (input === undefined) wrong(`number ${data.ordinal} is released, and was not held`);
        else offer(input.place, sequence, input.type, input.data, data.disposition);
        break;
      }
      case "EventEmitted":
        if (data.disposition !== undefined) offer(sequence, sequence, data.type, data.data, data.disposition);
        break;
      case "RunQueued": {
        queued.set(data.run, sequence);
        const one = offered.get(data.trigger);
        if (one !== undefined) one.triggered += 1;
        break;
      }
      case "RunStarted":
        if (data.sheet !== undefined) own.add(data.run);
        break;
      case "WaitStarted":
        for (const one of ignored)
          if (one.type === data.event && own.has(data.run) && (queued.get(data.run) ?? Infinity) < one.at)
            wrong(`${one.type} at ${one.place} was ignored, and ${data.run} waits for it at ${sequence}`);
        break;
      case "WaitSatisfied": {
        const one = offered.get(data.by);
        if (one === undefined) break;
        if (!data.kept) one.awaited += 1;
        else if (one.dropped > 0 || one.kept === 0)
          wrong(`${one.type} at ${one.place} is taken, and was not kept`);
        if (data.into !== undefined && !isSame(valueAt(contexts[sequence] ?? {}, data.into), one.data))
          wrong(`what ${data.step} took at ${sequence} is not what came at ${one.place}`);
        break;
      }
      case "EventKept": {
        const one = of(data.event, type);
        if (one !== undefined) one.kept += 1;
        for (const run of data.runs)
          if ((queued.get(run) ?? Infinity) > (one?.at ?? 0))
            wrong(`${data.event} is kept for the later run ${run}`);
        break;
      }
      case "KeptEventTaken": {
        const one = of(data.event, type);
        if (one !== undefined) one.taken += 1;
        break;
      }
      case "KeptEventDropped": {
        const one = of(data.event, type);
        if (one !== undefined) one.dropped += 1;
        break;
      }
      default:
    }
  }
  for (const one of offered.values()) {
    const problem = problemOf(one, isIdle(final));
    if (problem !== undefined) wrong(`${one.type} at ${one.place} is ${one.disposition}, and ${problem}`);
  }
  for (const { source, id, saw } of record.requests) {
    if (saw.type !== "accepted" || saw.disposition === undefined) continue;
    const event = events[saw.sequence - 1];
    if (event?.type !== "InputAccepted" || event.data.input.id !== id || event.data.input.source !== source)
      continue;
    if (event.data.disposition !== saw.disposition)
      wrong(`${id} is ${event.data.disposition}, and who sent it was told that it is ${saw.disposition}`);
  }
}

/** The form that the writer of each event might write. */
function formsOf({ commits }: History): (sequence: number) => number {
  return (sequence) =>
    commits.find(({ first, last }) => first <= sequence && sequence <= last)?.seen.form ?? 1;
}

/** A value that stands in the context after an event. */
const isSame = (stands: Json | undefined, sent: Json): boolean => sameJson(stands ?? null, sent);

/** What does not fit an event's disposition; nothing if all does. */
function problemOf(one: Offered, atRest: boolean): string | undefined {
  const { disposition, triggered, awaited, kept, taken, dropped } = one;
  const meant: Readonly<Record<Disposition, boolean>> = {
    triggers: triggered > 0 && awaited + kept === 0,
    awaited: awaited > 0 && triggered + kept === 0,
    kept: kept === 1 && triggered + awaited === 0,
    ignored: triggered + awaited + kept === 0,
    rejected: triggered + awaited + kept === 0,
  };
  if (!meant[disposition])
    return `${triggered} runs were queued for it, ${awaited} waits took it at once, it was kept ${kept} times`;
  if (taken > 0 && dropped > 0) return "a wait took it, and it was given up";
  if (dropped > 1) return `it was given up ${dropped} times`;
  return disposition === "kept" && atRest && taken + dropped === 0
    ? "no wait took it, and nothing says so"
    : undefined;
}
