import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unprovenOf } from "#runtime/doors/proven-messages.ts";

const message = fc.record({
  body: fc.constantFrom(
    '{"input":{}}',
    '{"tenant":"t","session":"s","input":{"kind":"deadline","at":5}}',
    '{"tenant":"t","session":"s","input":{"kind":"deadline","at":5},"envelope":{}}',
  ),
  group: fc.constantFrom("a", "b", "c"),
  forged: fc.boolean(),
});
const isDeadline = (body: string) => body.endsWith('"at":5}}');

describe("messages of the inbox", () => {
  it("are held back from the first of their session on that is not proven, and no others are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(message), async (given) => {
        const held = await unprovenOf(given, (asked) => {
          // A deadline, and nothing that only begins like one, is taken as it is.
          expect(asked).toEqual(given.filter(({ body }) => !isDeadline(body)));
          return Promise.resolve(asked.filter(({ forged }) => forged));
        });
        for (const [at, one] of given.entries()) {
          const upTo = given.slice(0, at + 1).filter(({ group }) => group === one.group);
          expect(held.has(one)).toBe(upTo.some(({ body, forged }) => forged && !isDeadline(body)));
        }
      }),
    );
  });

  it("are not asked about where all of them are deadlines", async () => {
    const body = '{"tenant":"t","session":"s","input":{"kind":"deadline","at":7}}';
    const held = await unprovenOf([{ body, group: "a" }], () => Promise.reject(new Error("Nobody asks.")));
    expect([...held]).toEqual([]);
  });
});
