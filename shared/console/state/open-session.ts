import { computed, signal } from "@preact/signals";
import { axisBySequence, axisByTime } from "../model/axis.ts";
import { lanesOf } from "../model/lanes.ts";
import type { OutlineEvent } from "../model/event-outline.ts";
import { NOTHING_SAID, saidIn, withoutEnded, withSaid, type SaidByTask } from "../model/live-said.ts";
import { address, client } from "./console-page.ts";
import { refusedBy } from "./resource.ts";
import type { Refused } from "../api/console-client.ts";

/** The session that one looks at: the outline of its events, as far as they are here. */
export const events = signal<readonly OutlineEvent[]>([]);
export const isComplete = signal(false);
export const trouble = signal<Refused | undefined>(undefined);
/** What agents say while they work, by task. */
export const said = signal<SaidByTask>(NOTHING_SAID);

export const lanes = computed(() => lanesOf(events.value));
export const axis = computed(() => {
  const view = address.value;
  const isByTime = view.page === "session" && view.axis === "time";
  return isByTime ? axisByTime(events.value.map(({ at }) => at)) : axisBySequence(events.value.length);
});

/** The selected event: the newest unless one is chosen; of a session that is still being read none, since it would not stay. */
export const selected = computed(() => {
  const view = address.value;
  const last = events.value.at(-1)?.sequence ?? 0;
  if (view.page === "session" && view.at !== undefined)
    return isComplete.value ? Math.min(view.at, last) : view.at;
  return isComplete.value ? last : 0;
});
/** Events stand in the log without a gap, from 1. */
export const eventAt = (sequence: number): OutlineEvent | undefined => events.value[sequence - 1];
export const selectedEvent = computed(() => eventAt(selected.value));

const RETRY_MS = 2_000;

/** Follows a session until the returned function is called. Where the connection breaks, it goes on after the last event. */
export function openSession(session: string): () => void {
  const closing = new AbortController();
  events.value = [];
  isComplete.value = false;
  trouble.value = undefined;
  said.value = NOTHING_SAID;
  void follow(session, closing.signal);
  return () => closing.abort();
}

async function follow(session: string, closed: AbortSignal): Promise<void> {
  // Pages come faster than they are worth drawing.
  let waiting: OutlineEvent[] = [];
  let drawing: number | undefined;
  const draw = (): void => {
    drawing = undefined;
    if (closed.aborted || waiting.length === 0) return;
    events.value = [...events.peek(), ...waiting];
    waiting = [];
  };
  const last = (): number => (waiting.at(-1) ?? events.peek().at(-1))?.sequence ?? 0;
  while (!closed.aborted) {
    try {
      await client.outline(
        session,
        last(),
        {
          events(more) {
            const known = last();
            waiting.push(...more.filter(({ sequence }) => sequence > known));
            drawing ??= requestAnimationFrame(draw);
            said.value = withoutEnded(said.peek(), more);
          },
          complete() {
            draw();
            isComplete.value = true;
            trouble.value = undefined;
          },
          progress(data) {
            const one = saidIn(data);
            if (one !== undefined) said.value = withSaid(said.peek(), one);
          },
          trouble: (error) => void (trouble.value = error),
        },
        closed,
      );
    } catch (error) {
      if (closed.aborted) return;
      trouble.value = refusedBy(error);
      if (trouble.value.status === 401 || trouble.value.isMissing) return;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
