import { EventSchema } from "@ag-ui/core/schemas";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shownContext } from "#core/session/dialects/shown-context.ts";
import { seededChance, upTo, type Chance } from "#simulator/random-flow.ts";
import { runs } from "../../support/runs.ts";
import { AgUiReader } from "./ag-ui-reader.ts";
import { framesIn, spokenSession, streamed, type SpokenSession } from "./spoken-session.ts";

const MOST_EVENTS = 250;
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

/** Reads streams, one after the other, up to an event; of what the next event leads to, the reader gets a part. */
async function readTo(
  session: SpokenSession,
  reader: AgUiReader,
  from: number,
  to: number,
  chance: Chance,
): Promise<number> {
  let last = from;
  for (let before = -1; last < to && before !== last;) {
    before = last;
    reader.begin();
    for await (const { text } of streamed(session, "ag-ui", last, chance)) {
      const frames = framesIn(text);
      const goesTooFar = frames.some(({ id = 0 }) => id > to);
      for (const { id, data } of goesTooFar ? frames.slice(0, upTo(chance, frames.length - 1)) : frames) {
        if (data !== undefined && data !== "[DONE]") reader.read(data);
        if (id !== undefined) last = id;
      }
      if (goesTooFar) return last;
    }
  }
  return last;
}

const finalOf = ({ state, messages, outcomes }: AgUiReader) => ({
  state,
  messages: messages.map(({ name, text }) => ({ name, text })),
  outcomes: [...outcomes],
});

describe("the stream in AG-UI", () => {
  it("has events of the protocol only", async () => {
    const types = new Set<string>();
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const session = spokenSession(seed);
        // A rare seed makes thousands of events.
        if (session.last > MOST_EVENTS) return;
        let after = 0;
        for (let before = -1; before !== after;) {
          before = after;
          for await (const { text } of streamed(session, "ag-ui", after, seededChance(seed))) {
            for (const { id, data } of framesIn(text)) {
              if (id !== undefined) after = id;
              if (data === undefined) continue;
              const { type } = EventSchema.parse(data);
              types.add(type);
            }
          }
        }
        expect(after).toBe(session.last);
      }),
      { numRuns: runs(60), endOnFailure: true },
    );
    expect([...types].sort()).toEqual([
      "CUSTOM",
      "RUN_ERROR",
      "RUN_FINISHED",
      "RUN_STARTED",
      "STATE_DELTA",
      "STATE_SNAPSHOT",
      "STEP_FINISHED",
      "STEP_STARTED",
      "TEXT_MESSAGE_CONTENT",
      "TEXT_MESSAGE_END",
      "TEXT_MESSAGE_START",
    ]);
  });

  it("comes to the same state and messages wherever it is cut, and whatever was heard", async () => {
    let finished = 0;
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const session = spokenSession(seed);
        // A rare seed makes thousands of events.
        if (session.last > MOST_EVENTS) return;
        const whole = new AgUiReader();
        await readTo(session, whole, 0, session.last, seededChance(seed));
        finished += whole.messages.length;
        for (let cut = 0; cut < session.last; cut += 1) {
          const chance = seededChance(seed + cut);
          const reader = new AgUiReader();
          const reached = await readTo(session, reader, 0, cut, chance);
          expect(reached).toBe(cut);
          expect(await readTo(session, reader, reached, session.last, chance)).toBe(session.last);
          expect(finalOf(reader), `cut at ${cut}`).toEqual(finalOf(whole));
        }
        if (whole.run !== undefined && whole.outcomes.get(whole.run) === undefined)
          expect(whole.state).toEqual(shownContext(session.states.at(-1)?.context ?? {}));
      }),
      { numRuns: runs(30), endOnFailure: true },
    );
    expect(finished).toBeGreaterThan(10);
  });
});
