import { describe, expect, it } from "vitest";
import { readConversations, type Conversations } from "../../scripts/replay/dialogues.ts";
import { figuresOf, isSound } from "../../scripts/replay/figures.ts";
import type { Figures } from "../../scripts/replay/figures.ts";
import { openInProcess } from "../../scripts/replay/in-process/in-process.ts";
import { replay as replayOn } from "../../scripts/replay/replay.ts";
import type { ReplayOptions } from "../../scripts/replay/replay.ts";
import { reportOn } from "../../scripts/replay/report.ts";
import { dialogueNamed, FIXTURES } from "../unit/replay/fixture.ts";

const conversations = readConversations(FIXTURES);
const replay = (given: Conversations, options: ReplayOptions) => replayOn(given, options, openInProcess);
const CALM: ReplayOptions = { sessions: 8, rush: false, duplicates: 0, seed: 1 };

const ANNOTATED: Figures = {
  dialogues: 4,
  turns: 30,
  calls: { expected: 14, made: 14, exact: 14, byReference: 6 },
  states: { expected: 33, matched: 33 },
  duplicates: { injected: 0, applied: 0 },
  gaps: 0,
  lost: 0,
  reference: { calls: 14, equal: 14 },
};

describe("conversations on the spine", () => {
  it("have the same result as the plain run and the annotation", async () => {
    const played = await replay(conversations, CALM);
    expect(figuresOf(played)).toEqual(ANNOTATED);
    for (const { outcomes, reference } of played.dialogues) expect(outcomes).toEqual(reference);
  });

  it("have the same result when all turns are sent at once and some of them twice", async () => {
    for (const seed of [1, 2]) {
      const figures = figuresOf(await replay(conversations, { ...CALM, rush: true, duplicates: 0.5, seed }));
      expect(figures).toEqual({ ...ANNOTATED, duplicates: { injected: 15, applied: 0 } });
    }
  });

  it("have the same result when every turn is sent twice, one turn after the other", async () => {
    const figures = figuresOf(await replay(conversations, { ...CALM, duplicates: 1 }));
    expect(figures).toEqual({ ...ANNOTATED, duplicates: { injected: 30, applied: 0 } });
  });

  it("have the same result in 64 sessions at once", async () => {
    const short = dialogueNamed("02_guide_at_another_time");
    const dialogues = Array.from({ length: 64 }, (_, n) => ({ ...short, dialogue_id: `guide.${n}` }));
    const played = await replay(
      { ...conversations, dialogues },
      { ...CALM, sessions: 64, rush: true, duplicates: 0.2 },
    );
    const figures = figuresOf(played);
    expect(figures).toMatchObject({ dialogues: 64, gaps: 0, lost: 0, duplicates: { applied: 0 } });
    expect(figures.reference.equal).toBeGreaterThanOrEqual(64);
    expect(isSound(figures)).toBe(true);
    for (const { outcomes, reference } of played.dialogues) expect(outcomes).toEqual(reference);
  });

  it("never have a stale answer: the agents of a turn work one after another", async () => {
    const { dump } = await replay(conversations, { ...CALM, rush: true });
    const types = dump.sessions
      .flatMap(({ commits }) => commits)
      .flatMap((text) => (JSON.parse(text) as { events: { type: string }[] }).events.map(({ type }) => type));
    expect(types).toContain("AnswerApplied");
    expect(types).not.toContain("AnswerStale");
    expect(types).not.toContain("ClaimRefused");
  });

  it("show duplicates applied when deduplication is broken", async () => {
    const played = await replay(conversations, { ...CALM, duplicates: 1, broken: "dedup" });
    const figures = figuresOf(played);
    expect(figures.duplicates.applied).toBeGreaterThan(0);
    expect(figures.gaps).toBe(0);
    expect(isSound(figures)).toBe(false);
    expect(reportOn(played, figures)).toMatch(
      /duplicate: local\/\S+: input "\S+" of replay is committed at \d+, and again/,
    );
  });
});
