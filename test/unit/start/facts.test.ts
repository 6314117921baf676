import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dayHere, withFacts } from "../../../scripts/start/facts.ts";

const dates = fc.date({ min: new Date(0), max: new Date(4_000_000_000_000), noInvalidDate: true });

describe("the facts that a web form adds", () => {
  it("contain the day of this machine's calendar, in whatever time zone it is", () => {
    const here = new Intl.DateTimeFormat("en", { year: "numeric", month: "2-digit", day: "2-digit" });
    fc.assert(
      fc.property(dates, (now) => {
        const part = Object.fromEntries(here.formatToParts(now).map(({ type, value }) => [type, value]));
        expect(dayHere(now)).toBe(`${part["year"]}-${part["month"]}-${part["day"]}`);
      }),
    );
  });

  it("change to the next day at local midnight, and at no other moment", () => {
    fc.assert(
      fc.property(dates, (now) => {
        const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
        expect(dayHere(new Date(midnight.getTime() - 1))).toBe(dayHere(now));
        expect(dayHere(midnight) > dayHere(now)).toBe(true);
      }),
    );
  });

  it("yield to the sender's facts and the session's, except for the day, which advances", () => {
    const known = { who: "Ada", channel: "phone", today: "2020-01-01" };
    const now = new Date(2_000_000_000_000);
    expect(withFacts({ type: "T", session: { channel: "sms" } }, known, now)).toMatchObject({
      session: { who: "Ada", channel: "sms", locale: "en-GB", today: dayHere(now) },
      constraints: { noticeHours: 4 },
    });
  });
});
