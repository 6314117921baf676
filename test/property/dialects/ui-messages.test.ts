import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededChance, upTo, type Chance } from "#simulator/random-flow.ts";
import { applyChunk, type Chunk, type Message } from "../../../docs/examples/chat-messages.js";
import { runs } from "../../support/runs.ts";
import { framesIn, spokenSession, streamed, type SpokenSession } from "./spoken-session.ts";
import { uiMessageChunk } from "./ui-message-chunk.ts";

const MOST_EVENTS = 250;
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

interface Reading {
  readonly messages: Message[];
  readonly last: number;
}

/** Reads streams, one after the other, up to an event; of what the next event leads to, the reader gets a part. */
async function readTo(
  session: SpokenSession,
  { messages, last: from }: Reading,
  to: number,
  chance: Chance,
): Promise<Reading> {
  let last = from;
  for (let before = -1; last < to && before !== last;) {
    before = last;
    let current: Message | undefined;
    for await (const { text } of streamed(session, "ui-messages", last, chance)) {
      const frames = framesIn(text);
      const goesTooFar = frames.some(({ id = 0 }) => id > to);
      for (const { id, data } of goesTooFar ? frames.slice(0, upTo(chance, frames.length - 1)) : frames) {
        if (data !== undefined && data !== "[DONE]") {
          uiMessageChunk.parse(data);
          current = applyChunk(messages, current, data as unknown as Chunk);
        }
        if (id !== undefined) last = id;
      }
      if (goesTooFar) return { messages, last };
    }
  }
  return { messages, last };
}

/** Without what is still being said. */
const lasting = (messages: readonly Message[]) =>
  messages.map((message) => {
    const boundary = message.parts.findLastIndex(({ type }) => type === "step-start");
    return { ...message, parts: message.parts.slice(0, boundary + 1) };
  });

describe("the stream in the AI SDK's words", () => {
  it("comes to the same messages wherever it is cut, and whatever was heard", async () => {
    let texts = 0;
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const session = spokenSession(seed);
        // A rare seed makes thousands of events.
        if (session.last > MOST_EVENTS) return;
        const whole = await readTo(session, { messages: [], last: 0 }, session.last, seededChance(seed));
        expect(whole.last).toBe(session.last);
        texts += lasting(whole.messages).flatMap(({ parts }) =>
          parts.filter(({ type }) => type === "text"),
        ).length;
        for (let cut = 0; cut < session.last; cut += 1) {
          const chance = seededChance(seed + cut);
          const reached = await readTo(session, { messages: [], last: 0 }, cut, chance);
          // One more where only the end of the stream is missing.
          expect([cut, cut + 1]).toContain(reached.last);
          const { messages } = await readTo(session, reached, session.last, chance);
          expect(lasting(messages), `cut at ${cut}`).toEqual(lasting(whole.messages));
        }
      }),
      { numRuns: runs(30), endOnFailure: true },
    );
    expect(texts).toBeGreaterThan(10);
  });
});
