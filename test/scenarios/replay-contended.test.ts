import { describe, expect, it } from "vitest";
import * as z from "zod";
import { defineAgent, defineFlow, sequence, step } from "#core/index.ts";
import { createMovableClock, inProcessSpine } from "#testing/index.ts";

const INPUTS = 40;

describe("a session that many inputs reach at once", () => {
  it.each(["none", "once"] as const)(
    "continues without waiting for any timeout (effect %s)",
    async (effect) => {
      const output = z.object({ n: z.number() });
      const first = defineAgent({ name: "first", output, effect });
      const second = defineAgent({ name: "second", reads: ["input", "first"], output, effect });
      const spine = inProcessSpine({
        flows: [defineFlow({ name: "counting", on: "Counted", plan: sequence(step(first), step(second)) })],
        agents: [
          first.implement(({ context }) => ({ n: context.input.n })),
          second.implement(({ context }) => ({ n: context.first.n })),
        ],
        // It stands still: what would come again later does not come at all.
        clock: createMovableClock(0),
      });
      const numbers = Array.from({ length: INPUTS }, (_, n) => n);
      // 7 and the number of inputs have no common factor: every ordinal once, none in its place.
      const shuffled = numbers.map((n) => (n * 7 + 3) % INPUTS);
      await Promise.all(
        shuffled.map((n) => spine.send("Counted", { n }, { session: "s", id: `${n}`, ordinal: n + 1 })),
      );
      await spine.idle();
      const events = await spine.reader.events(spine.key("s"));
      const replies = events.flatMap((event) => (event.type === "ReplySent" ? [event.data.body] : []));
      expect(replies).toEqual(numbers.map((n) => ({ n })));
      await spine.close();
    },
  );
});
