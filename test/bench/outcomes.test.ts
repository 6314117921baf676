import { describe, expect, it } from "vitest";
import { Ledger } from "../../scripts/bench/ledger.ts";
import { countOutcomes, outcomesIn, outcomeShares } from "../../scripts/bench/outcomes.ts";

describe("what is no incident", () => {
  it("is counted by session, once, whatever else the session has", () => {
    const ledger = new Ledger();
    ledger.of("plain");
    const one = ledger.of("one");
    one.outcomes.add("fallback");
    one.outcomes.add("doubt");
    one.effectsUnderWay.add(Symbol());
    for (const message of [1, 2])
      one.messages.set(message, {
        message,
        intendedAt: 0,
        answer: { type: "refused", at: 1, reason: "no" },
      });
    expect(countOutcomes(ledger.sessions.values())).toEqual({ fallback: 1, doubt: 1, refusal: 1 });
  });

  it("is doubt where an effect's call was not seen to end, and no refusal where nobody answered", () => {
    const ledger = new Ledger();
    const one = ledger.of("one");
    one.effectsUnderWay.add(Symbol());
    one.messages.set(1, { message: 1, intendedAt: 0 });
    expect(countOutcomes(ledger.sessions.values())).toEqual({ fallback: 0, doubt: 1, refusal: 0 });
  });

  it("is read of the spine's commits", () => {
    const commit = (type: string) => JSON.stringify({ events: [{ type, data: {} }] });
    expect(outcomesIn(commit("FallbackTaken"))).toEqual(["fallback"]);
    expect(outcomesIn(commit("EffectInDoubt"))).toEqual(["doubt"]);
    expect(outcomesIn(commit("AnswerApplied"))).toEqual([]);
  });

  it("has 3/N as its upper bound where none was seen, and Wilson's interval elsewhere", () => {
    const shares = outcomeShares([
      { sessions: 40, outcomes: { fallback: 0, doubt: 3, refusal: 1 } },
      { sessions: 60, outcomes: { fallback: 0, doubt: 2, refusal: 0 } },
    ]);
    expect(shares.fallback).toEqual({ share: 0, low: 0, high: 0.03 });
    expect(shares.doubt.share).toBe(0.05);
    expect(shares.doubt.low).toBeCloseTo(0.0215, 4);
    expect(shares.doubt.high).toBeCloseTo(0.1118, 4);
    expect(shares.refusal.share).toBe(0.01);
  });
});
