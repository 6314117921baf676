import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addressOf,
  PANELS,
  readAddress,
  SESSION_VIEWS,
  type PageAddress,
} from "#console/model/page-address.ts";
import { commandLine, quoted } from "#console/model/command-lines.ts";
import { runs } from "../support/runs.ts";

const text = fc.string({ minLength: 1, unit: "grapheme" }).filter((one) => one.trim() !== "");
const optional = <T>(value: fc.Arbitrary<T>) => ({ requiredKeys: [] as never[], value });
const addresses: fc.Arbitrary<PageAddress> = fc.oneof(
  fc
    .record({ filter: text, state: text, flow: text, problem: text }, optional(text))
    .map((query) => ({ page: "sessions" as const, query })),
  fc
    .record({ session: text, ask: text }, { requiredKeys: [] })
    .map((given) => ({ page: "people" as const, ...given })),
  fc.constant({ page: "health" as const }),
  fc
    .record(
      {
        session: text,
        view: fc.constantFrom(...SESSION_VIEWS),
        panel: fc.constantFrom(...PANELS),
        axis: fc.constantFrom("sequence" as const, "time" as const),
        isEmbedded: fc.boolean(),
        at: fc.integer({ min: 1 }),
        other: text,
      },
      { requiredKeys: ["session", "view", "panel", "axis", "isEmbedded"] },
    )
    .map((given) => ({ page: "session" as const, ...given })),
);

describe("the address of a view", () => {
  it("is read back as the view that it is of", () => {
    fc.assert(
      fc.property(addresses, (view) => {
        const { pathname, search } = new URL(addressOf(view), "http://console");
        expect(readAddress(pathname, search)).toEqual(view);
      }),
      { numRuns: runs(300) },
    );
  });

  it("of nothing that there is shows the list", () => {
    expect(readAddress("/nowhere", "")).toEqual({ page: "sessions", query: {} });
    expect(readAddress("/s/%E0%A4%A", "?at=-1&view=x&panel=y")).toMatchObject({
      session: "%E0%A4%A",
      view: "timeline",
      panel: "why",
    });
  });
});

describe("a command line", () => {
  it("is read by a shell as the words that it was made of", () => {
    expect(quoted("it's here")).toBe(`'it'\\''s here'`);
    expect(quoted("")).toBe("''");
    expect(
      commandLine({ command: "npm run spine --", options: " --local data" }, "show", "a b", "--at", "3"),
    ).toBe("npm run spine -- show 'a b' --at 3 --local data");
  });
});
