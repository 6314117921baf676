import type { Json, JsonObject } from "../json.ts";
import type { Commit, CommittedInput } from "./commit.ts";
import type { RecordedEvent } from "./events.ts";
import { isoTime } from "./iso-time.ts";

/** The input that caused an event: its causation. */
export function causeOf(commit: Commit, event: RecordedEvent): CommittedInput | undefined {
  return commit.inputs.findLast((input) => input.first <= event.sequence);
}

/** One input of a commit with the events that it caused. */
export interface InputEvents {
  readonly input: CommittedInput;
  readonly events: readonly RecordedEvent[];
}

/** A commit's events by the inputs that caused them, in order. */
export const eventsByInput = ({ inputs, events, last }: Commit): readonly InputEvents[] =>
  inputs.map((input, index) => {
    const next = inputs[index + 1]?.first ?? last + 1;
    return { input, events: events.filter(({ sequence }) => sequence >= input.first && sequence < next) };
  });

/**
 * A recorded event as a CloudEvents 1.0 envelope (JSON format). `id` is its sequence, so source + id name it for good;
 * `causationid` is the sequence of the first event of the input that caused it.
 */
export function toCloudEvent(commit: Commit, event: RecordedEvent): JsonObject {
  return envelope(commit, event, isoTime(commit.seen.now));
}

/** Every event of a commit, as `toCloudEvent` gives it. */
export function toCloudEvents(commit: Commit): readonly JsonObject[] {
  const time = isoTime(commit.seen.now);
  return commit.events.map((event) => envelope(commit, event, time));
}

function envelope(commit: Commit, event: RecordedEvent, time: string): JsonObject {
  const cause = causeOf(commit, event);
  return {
    specversion: "1.0",
    id: String(event.sequence),
    source: `/tenants/${commit.tenant}/sessions/${commit.session}`,
    type: event.type,
    time,
    datacontenttype: "application/json",
    sequence: String(event.sequence),
    tenant: commit.tenant,
    session: commit.session,
    ...(cause !== undefined && { causationid: String(cause.first), correlationid: cause.correlation }),
    ...(cause?.traceparent !== undefined && { traceparent: cause.traceparent }),
    // Event data is plain JSON by its types; interfaces only lack the index signature.
    data: event.data as unknown as Json,
  };
}
