import { describe, expect, it } from "vitest";
import type { InquirySlots } from "#contracts/inquiry.ts";
import { readingOf } from "#functions/agents/inquiry/confidence.ts";
import { slotsOf } from "#functions/agents/inquiry/read-slots.ts";
import { corrected, editDistance, normalised } from "#functions/agents/inquiry/spelling.ts";

describe("a misspelt word", () => {
  it.each([
    ["apointment", "appointment"],
    ["tomorow", "tomorrow"],
    ["plumebr", "plumber"],
    ["wendesday", "wednesday"],
    ["elecrician", "electrician"],
  ])("%s becomes %s", (written, meant) => {
    expect(corrected(written)).toBe(meant);
  });

  it.each(["quite", "rooms", "clearing", "learning", "book", "march", "painting"])(
    "%s stays as it is",
    (word) => {
      expect(corrected(word)).toBe(word);
    },
  );

  it("has a distance equal to its number of mistakes", () => {
    expect(editDistance("visit", "vsiit", 2)).toBe(1);
    expect(editDistance("visit", "visit", 2)).toBe(0);
    expect(editDistance("visit", "roof", 2)).toBe(3);
  });
});

it("a normalised text has neither contractions nor curly quotes", () => {
  expect(normalised("I’m sorry, can't come; it’s “too” late")).toBe(
    "i am sorry , can not come ; it is too late",
  );
});

const slots = (text: string): InquirySlots =>
  slotsOf(text, normalised(text), { who: "Ada", channel: "web", locale: "en-GB", today: "2026-03-02" });

describe("slots", () => {
  it("reads a name from an introduction or a signature, and never a weekday as one", () => {
    expect(slots("My name is Mary Anne Evans and I am late").name).toBe("Mary Anne Evans");
    expect(slots("Please call.\nKind regards,\nAlan Turing").name).toBe("Alan Turing");
    expect(slots("This is Monday's problem").name).toBeUndefined();
  });

  it("read amounts in figures with their currency", () => {
    expect(slots("up to £1,250.50").amount).toEqual({ value: 1250.5, currency: "GBP" });
    expect(slots("about 80 euros").amount).toEqual({ value: 80, currency: "EUR" });
    expect(slots("my budget is around 300").amount).toEqual({ value: 300, currency: "GBP" });
  });

  it("does not read an amount as a time", () => {
    expect(slots("a gardener for about £10").time).toBeUndefined();
  });

  it("separates the day of the booked visit from the requested day", () => {
    expect(slots("Can you swap my Friday visit for Monday")).toMatchObject({
      currentDate: { from: "2026-03-06" },
      date: { from: "2026-03-09" },
    });
  });
});

describe("confidence", () => {
  const none = { book: 0, reschedule: 0, cancel: 0, document: 0, recommend: 0, complain: 0, ask: 0 };

  it("grows with the lead of the first reading over the second", () => {
    const levels = [3.5, 2, 1, 0].map((ask) => readingOf({ ...none, book: 4, ask }, false).confidence);
    expect(levels).toEqual([...levels].sort((a, b) => a - b));
    expect(new Set(levels).size).toBe(levels.length);
  });

  it("is low when two readings are close, and the reading is ambiguous", () => {
    expect(readingOf({ ...none, cancel: 4, reschedule: 3.5 }, false)).toMatchObject({
      intent: "cancel",
      ambiguous: true,
    });
    expect(readingOf({ ...none, cancel: 4, reschedule: 3.5 }, false).confidence).toBeLessThan(0.6);
  });

  it("is low for a single weak cue, and no intent follows", () => {
    expect(readingOf({ ...none, book: 0.9 }, false)).toMatchObject({ intent: "other", ambiguous: false });
    expect(readingOf({ ...none, book: 0.9 }, false).confidence).toBeLessThan(0.4);
  });
});
