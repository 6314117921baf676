import { hash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { checkLog } from "#local/check-log/check-log.ts";
import type { SentInput } from "#local/check-log/dump.ts";

/*
 * Commits are written by hand here: what the check holds to be whole must not depend on the code that it checks.
 */

interface Written {
  readonly first: number;
  readonly events: readonly (readonly [type: string, data: object])[];
}

/** A session's commits, chained by their hashes. */
function written(commits: readonly Written[]): string[] {
  let previous = "";
  return commits.map(({ first, events }) => {
    const text = JSON.stringify({
      tenant: "t",
      session: "s",
      first,
      last: first + events.length - 1,
      previous,
      events: events.map(([type, data], at) => ({ sequence: first + at, type, data })),
    });
    previous = hash("sha256", text, "base64url");
    return text;
  });
}

const inputOf = (id: string, ordinal?: number) => ({
  kind: "event",
  source: "p",
  id,
  type: "Asked",
  data: { id },
  ...(ordinal !== undefined && { ordinal }),
});
const accepted = (id: string, ordinal?: number) =>
  ["InputAccepted", { input: inputOf(id, ordinal), disposition: "triggers" }] as const;
const held = (id: string, ordinal: number) => ["InputHeld", { input: inputOf(id, ordinal) }] as const;
const released = (ordinal: number) =>
  ["InputReleased", { source: "p", ordinal, disposition: "triggers" }] as const;
const queued = (run: string, trigger: number) =>
  ["RunQueued", { run, name: "f", flow: "h", trigger }] as const;
const started = (run: string) => ["RunStarted", { run }] as const;
const replied = (run: string, to: number) => ["ReplySent", { run, to, body: null }] as const;
const completed = (run: string) => ["RunCompleted", { run }] as const;

const sent = (id: string, answer?: SentInput["answer"]): SentInput => ({
  tenant: "t",
  session: "s",
  source: "p",
  id,
  type: "Asked",
  data: { id },
  ...(answer !== undefined && { answer }),
});

const check = (
  commits: readonly string[],
  sendings: readonly SentInput[] = [],
  flows: readonly string[] = [],
) => {
  const report = checkLog({
    sessions: [{ tenant: "t", session: "s", commits: [...commits] }],
    sent: [...sendings],
    flows: [...flows],
  });
  const { gaps, duplicates, lost } = report;
  return { gaps, duplicates, lost, texts: report.findings.map(({ text }) => text).join("; ") };
};

const WHOLE: readonly Written[] = [
  { first: 1, events: [accepted("a"), queued("r", 1), started("r")] },
  { first: 4, events: [["AnswerApplied", { task: "k" }], replied("r", 1), completed("r")] },
];
const NOTHING = { gaps: 0, duplicates: 0, lost: 0, texts: "" };
const TOLD = [sent("a", { sequence: 1 }), sent("a", { sequence: 1 })];

describe("the check of a log", () => {
  it("finds nothing in a complete log that contains all sent inputs", () => {
    expect(check(written(WHOLE), TOLD)).toEqual(NOTHING);
  });

  it("finds a commit that is missing, altered, misplaced or invalid", () => {
    const [one = "", two = ""] = written(WHOLE);
    expect(check([two])).toMatchObject({ gaps: 2, texts: expect.stringContaining("starts at 4 where 1") });
    expect(check([one.replace('"Asked"', '"Told"'), two])).toMatchObject({ gaps: 1, duplicates: 0 });
    expect(check([two, one]).gaps).toBeGreaterThan(1);
    expect(check([one, two, "{"])).toMatchObject({
      gaps: 1,
      texts: "commit 3 is not a readable commit of this session",
    });
    expect(check([one, two.replace('"session":"s"', '"session":"other"')]).gaps).toBe(1);
  });

  it("finds a flow that is named and is missing or altered, and none where the log holds it", () => {
    const flow = '{"name":"visit"}';
    const named = hash("sha256", flow, "base64url");
    const naming = written([{ first: 1, events: [["FlowStored", { hash: named, apart: true }]] }]);
    expect(check(naming, [], [flow])).toEqual(NOTHING);
    for (const flows of [[], ['{"name":"other"}']])
      expect(check(naming, [], flows)).toEqual({
        ...NOTHING,
        lost: 1,
        texts: `the flow ${named} that 1 names is missing or altered`,
      });
    const holding = written([{ first: 1, events: [["FlowStored", { hash: named, flow: {} }]] }]);
    expect(check(holding)).toEqual(NOTHING);
  });

  it("finds events that are not numbered consecutively", () => {
    const [text = ""] = written([{ first: 1, events: [queued("q", 0), started("q")] }]);
    expect(check([text.replace('"sequence":2', '"sequence":3')]).texts).toBe(
      "the events of the commit at 1 are not numbered 1 to 2",
    );
  });

  it("finds numbered inputs that ran out of order, or without their predecessors", () => {
    const swapped = written([{ first: 1, events: [accepted("b", 2), accepted("a", 1)] }]);
    expect(check(swapped)).toMatchObject({ gaps: 1, texts: "at 2 input 1 of p runs after 2" });
    const gap = written([{ first: 1, events: [["OrdinalGapRecorded", { source: "p", from: 1, to: 2 }]] }]);
    expect(check(gap)).toMatchObject({ gaps: 1, texts: "at 1 the inputs of p continue without 1 to 2" });
  });

  it.each([
    ["an input", accepted("a"), accepted("a")],
    ["an input, held at first", held("a", 2), accepted("a")],
    ["a held input's release", released(2), released(2)],
    ["a run's start", queued("r", 1), queued("q", 1)],
    ["a run's end", completed("r"), ["RunFailed", { run: "r" }] as const],
    ["a task's outcome", ["AnswerApplied", { task: "k" }] as const, ["TaskFailed", { task: "k" }] as const],
  ])("finds %s that took effect twice", (_what, first, second) => {
    expect(check(written([{ first: 1, events: [first, second] }])).duplicates).toBe(1);
    expect(check(written([{ first: 1, events: [first] }])).duplicates).toBe(0);
  });

  it("finds an input that is missing, in another session, or different from what was sent", () => {
    const log = written(WHOLE);
    expect(check(log, [sent("b")])).toMatchObject({ lost: 1, texts: 'input "b" of p is not in the log' });
    expect(check(log, [sent("a", { sequence: 2 })]).lost).toBe(1);
    expect(check(log, [{ ...sent("a", { sequence: 1 }), data: { id: "x" } }]).lost).toBe(1);
    expect(check([], [sent("a", { sequence: 1 })]).lost).toBe(1);
    expect(check(log, [{ ...sent("a", { sequence: 1 }), session: "elsewhere" }]).lost).toBe(1);
  });

  it("does not report a rejected input as missing, unless its other copy was accepted", () => {
    const refused = { refused: "input.ordinal" };
    expect(check(written(WHOLE), [sent("b", refused)]).lost).toBe(0);
    expect(check(written(WHOLE), [sent("b", refused), sent("b", { sequence: 1 })]).lost).toBe(1);
    expect(check(written(WHOLE), [sent("a", refused), sent("a", { sequence: 1 })])).toEqual(NOTHING);
  });

  it("finds an input in the log that was never finished", () => {
    const [begin] = WHOLE;
    expect(check(written(begin ? [begin] : []), TOLD)).toMatchObject({ lost: 1 });
    const unanswered = [{ first: 1, events: [accepted("a"), queued("r", 1), started("r"), completed("r")] }];
    expect(check(written(unanswered), TOLD).lost).toBe(1);
    expect(check(written([{ first: 1, events: [accepted("a")] }]), TOLD).lost).toBe(1);
    expect(check(written([{ first: 1, events: [held("a", 2)] }]), TOLD).lost).toBe(1);
    const failed = [
      accepted("a"),
      queued("r", 1),
      started("r"),
      replied("r", 1),
      ["RunFailed", { run: "r" }] as const,
    ];
    expect(check(written([{ first: 1, events: failed }]), TOLD)).toEqual(NOTHING);
    const ignored = ["InputAccepted", { input: inputOf("a"), disposition: "ignored" }] as const;
    expect(check(written([{ first: 1, events: [ignored] }]), TOLD)).toEqual(NOTHING);
  });
});
