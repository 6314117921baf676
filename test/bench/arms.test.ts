import { describe, expect, it } from "vitest";
import { ABLATIONS, ARMS, MAIN_ARMS, playCell, type Cell } from "../../scripts/bench/cell.ts";
import { judge } from "../../scripts/bench/incidents.ts";
import { Ledger, type Section } from "../../scripts/bench/ledger.ts";
import { percentile, shareOf } from "../../scripts/statistics.ts";

const LIGHT: Cell = {
  arm: "spine",
  seed: 5,
  agents: 3,
  cap: 20,
  work: "effect",
  arrivals: { perSecond: 1, forMs: 20_000, bursty: false },
  faults: 0,
};

describe("every arm, with nothing going wrong", () => {
  it.each(Object.keys(ARMS))("%s answers every message, right", async (arm) => {
    const { messages, answered, correct, incidents, outcomes } = await playCell({ ...LIGHT, arm });
    expect(outcomes).toEqual({ fallback: 0, doubt: 0, refusal: 0 });
    expect(messages).toBeGreaterThan(10);
    expect(answered).toBe(messages);
    expect(correct).toBe(messages);
    expect(incidents.any).toBe(0);
  });

  it.each(MAIN_ARMS)("%s comes to the same in every run of a seed", async (arm) => {
    const cell: Cell = { ...LIGHT, arm, work: "models", faults: 10 };
    const [first, second] = [await playCell(cell), await playCell(cell)];
    expect(second).toEqual(first);
  });

  it("gets the same arrivals and the same models' times", async () => {
    const times = await Promise.all(
      MAIN_ARMS.map(async (arm) => {
        const { latencies, coordination } = await playCell({ ...LIGHT, arm, work: "models" });
        return latencies.map((ms, at) => Math.round(ms - (coordination[at] ?? NaN)));
      }),
    );
    for (const each of times) expect(each).toEqual(times[0]);
  });
});

describe("the naive mesh, with faults", () => {
  const faulty = (arm: string) =>
    playCell({ ...LIGHT, arm, faults: 30, arrivals: { perSecond: 2, forMs: 60_000, bursty: false } });

  it("performs effects twice, and no arm with keys does", async () => {
    expect((await faulty("naive")).incidents.doubled).toBeGreaterThan(0);
    for (const arm of ["nested", "flat", "spine", "naive + idempotencyKeys"])
      expect((await faulty(arm)).incidents.doubled).toBe(0);
  });

  it("leaves effects whose end nobody saw, as every arm does, and the spine alone refuses", async () => {
    const many = { perSecond: 2, forMs: 60_000, bursty: false };
    for (const arm of ["naive", "nested", "flat", "spine"]) {
      const { outcomes, refused } = await playCell({
        ...LIGHT,
        arm,
        seed: 3,
        agents: 5,
        faults: 100,
        arrivals: many,
      });
      expect(outcomes.doubt).toBeGreaterThan(0);
      expect(outcomes.refusal > 0).toBe(arm === "spine");
      expect(outcomes.refusal).toBeLessThanOrEqual(refused);
    }
  });

  it("is answered less often without the SDK's retries", async () => {
    const [naive, without] = [await faulty("naive"), await faulty("naive - retries")];
    expect(without.requests.get("GetItem")).toBeLessThanOrEqual(naive.requests.get("GetItem") ?? 0);
    expect(Object.keys(ABLATIONS)).toContain("naive - retries");
  });
});

describe("the spine's arm", () => {
  it("makes no more requests for an agent's step than the template's functions do", async () => {
    const requests = async (agents: number) => {
      const { requests: counted, sessions } = await playCell({ ...LIGHT, agents, work: "coordination" });
      const of = (operation: string) => (counted.get(operation) ?? 0) / sessions;
      // What waits for the reply reads as well, so reads are not counted here.
      return of("Invoke") + of("PutItem") + of("SendMessage") + of("PutEvents");
    };
    // Invoke, commit and send; of the relay's proof and publication a share, which its batches have in common: receive and delete are Lambda's.
    const step = (await requests(5)) - (await requests(4));
    expect(step).toBeGreaterThan(3);
    expect(step).toBeLessThan(5);
  });

  it("still answers where the naive mesh is over its cap", async () => {
    const load = { perSecond: 6, forMs: 60_000, bursty: false };
    const of = (arm: string) => playCell({ ...LIGHT, arm, agents: 5, work: "models", arrivals: load });
    const [naive, spine] = [await of("naive"), await of("spine")];
    expect(naive.answered / naive.messages).toBeLessThan(0.9);
    expect(spine.answered / spine.messages).toBeGreaterThan(0.97);
  });
});

describe("what is an incident", () => {
  const expected = { agents: ["a1", "a2"], staleGraceMs: 100 };
  const sections = (message: number): readonly Section[] =>
    expected.agents.map((agent) => ({ agent, message, facts: message }));
  const session = (answered: boolean, of: readonly Section[] = sections(1)) => {
    const ledger = new Ledger();
    const record = ledger.of("s");
    record.messages.set(1, {
      message: 1,
      intendedAt: 0,
      ...(answered && { answer: { type: "reply", at: 5, reply: { message: 1, sections: of } } as const }),
    });
    return { ledger, record };
  };
  const incidentsOf = ({ record }: ReturnType<typeof session>) => [...judge(record, expected).incidents];

  it("is none where each agent made its section for the message", () => {
    expect(incidentsOf(session(true))).toEqual([]);
    expect(judge(session(true).record, expected).latencies).toEqual([5]);
  });

  it("is a reply that lacks a section, or has another message's", () => {
    expect(incidentsOf(session(true, sections(1).slice(1)))).toEqual(["wrong"]);
    expect(incidentsOf(session(true, [...sections(1).slice(0, 1), ...sections(2).slice(1)]))).toEqual([
      "wrong",
    ]);
  });

  it("is an effect that happened twice, unless the system outside knows its key", () => {
    const twice = session(true);
    const keyed = session(true);
    for (const at of [1, 2]) {
      twice.ledger.perform("s", { message: 1, facts: 1, at }, undefined);
      keyed.ledger.perform("s", { message: 1, facts: 1, at }, "key");
    }
    expect(incidentsOf(twice)).toEqual(["doubled"]);
    expect(incidentsOf(keyed)).toEqual([]);
  });

  it("is an effect by facts that newer ones had replaced for longer than anybody could not know", () => {
    const stale = session(true);
    stale.ledger.enforce("s", 10, 2);
    stale.ledger.perform("s", { message: 1, facts: 1, at: 109 }, undefined);
    expect(incidentsOf(stale)).toEqual([]);
    stale.record.effects.length = 0;
    stale.ledger.perform("s", { message: 1, facts: 1, at: 110 }, undefined);
    expect(incidentsOf(stale)).toEqual(["stale"]);
  });

  it("is a message without an answer that was accepted, or whose effect happened; one that was never taken is unanswered", () => {
    expect(incidentsOf(session(false))).toEqual([]);
    expect(judge(session(false).record, expected).latencies).toEqual([Infinity]);
    const accepted = session(false);
    accepted.ledger.accept("s", 1, 3);
    expect(incidentsOf(accepted)).toEqual(["lost"]);
    const acted = session(false);
    acted.ledger.perform("s", { message: 1, facts: 1, at: 1 }, undefined);
    expect(incidentsOf(acted)).toEqual(["lost"]);
  });
});

describe("the statistics", () => {
  it("take what was not answered for the largest", () => {
    expect(percentile([3, Infinity, 1], 0.5)).toBe(3);
    expect(percentile([3, Infinity, 1], 0.99)).toBe(Infinity);
  });

  it("give an interval with each share, and 3/N where none was seen", () => {
    expect(shareOf(0, 300)).toEqual({ share: 0, low: 0, high: 0.01 });
    const { low, high } = shareOf(10, 100);
    expect(low).toBeCloseTo(0.0552, 3);
    expect(high).toBeCloseTo(0.1744, 3);
  });
});
