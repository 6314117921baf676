import { describe, expect, it } from "vitest";
import { decidedIntent } from "#contracts/decided-intent.ts";
import { documents, documentsFallback } from "#contracts/documents.ts";
import { inquiry, inquiryFallback } from "#contracts/inquiry.ts";
import { recommendation, recommendationFallback } from "#contracts/recommendation.ts";
import { reply, replyFallback } from "#contracts/reply.ts";
import { scheduling, schedulingFallback } from "#contracts/scheduling.ts";

const input = { text: "Hello" };
const session = { who: "Ada Lovelace", channel: "web", locale: "en-GB", today: "2026-03-02" };
const constraints = { openFrom: "08:00", openUntil: "18:00", closedOn: [0], noticeHours: 4, horizonDays: 30 };

const CONTRACTS = [
  { contract: inquiry, fallback: inquiryFallback },
  { contract: scheduling, fallback: schedulingFallback },
  { contract: documents, fallback: documentsFallback },
  { contract: recommendation, fallback: recommendationFallback },
  { contract: reply, fallback: replyFallback },
].map(({ contract, fallback }) => ({ name: contract.spec.name, contract, fallback }));

describe.each(CONTRACTS)("the contract of $name", ({ name, contract, fallback }) => {
  it("writes only the section of its own name and does not read it", () => {
    expect(contract.spec.writes).toBe(name);
    expect(contract.spec.reads).not.toContain(name);
  });

  it("has a fallback that fits its own output", async () => {
    expect(await contract.output["~standard"].validate(fallback)).toEqual({ value: fallback });
  });

  it("treats a section that was cleared with null as missing", async () => {
    const bare = { input, session, constraints };
    const cleared = {
      ...bare,
      inquiry: null,
      human: null,
      scheduling: null,
      documents: null,
      recommendation: null,
    };
    const read = async (view: object) => JSON.stringify(await contract.input?.["~standard"].validate(view));
    expect(await read(cleared)).toBe(await read(bare));
    expect(await read(bare)).not.toContain("issues");
  });
});

describe("the intent to act on", () => {
  const understood = { intent: "ask", confidence: 0.4, ambiguous: false, slots: {} } as const;

  it("comes from a person when a person named one", () => {
    expect(decidedIntent({ inquiry: understood, human: { decision: "book" } })).toBe("book");
  });

  it("comes from the inquiry when the person only spoke, and is undefined without either", () => {
    expect(decidedIntent({ inquiry: understood, human: { decision: "answer", note: "No." } })).toBe("ask");
    expect(decidedIntent({})).toBe("other");
  });
});
