import { describe, expect, it } from "vitest";
import { documents } from "#contracts/documents.ts";
import { inquiry } from "#contracts/inquiry.ts";
import { recommendation } from "#contracts/recommendation.ts";
import { reply } from "#contracts/reply.ts";
import { scheduling } from "#contracts/scheduling.ts";
import { isAnswered } from "#core/contract.ts";
import type { Contract } from "#core/contract.ts";
import { contentHash, createMemoryDocumentStore } from "#functions/agents/documents/document-store.ts";
import { write } from "#functions/agents/documents/documents-agent.ts";
import { PRICES } from "#functions/agents/documents/price-list.ts";
import { understand } from "#functions/agents/inquiry/inquiry-agent.ts";
import { createMemoryCatalogue } from "#functions/agents/recommendation/catalogue.ts";
import { OFFERS } from "#functions/agents/recommendation/offers.ts";
import { recommend } from "#functions/agents/recommendation/recommendation-agent.ts";
import { compose } from "#functions/agents/reply/reply-agent.ts";
import { createMemoryCalendar } from "#functions/agents/scheduling/memory-calendar.ts";
import { arrange } from "#functions/agents/scheduling/scheduling-agent.ts";
import { acceptanceCases, AGENTS } from "../../acceptance/cases.ts";
import type { AcceptanceCase, SampleAgent } from "../../acceptance/cases.ts";
import { differences } from "../../acceptance/match.ts";
import { shapeOf } from "../../acceptance/shape.ts";

const { signal } = new AbortController();

/** Reads a value by a contract's own schema, as the agent host does. */
const parsed = async <T>(schema: Contract<T>["input"], value: unknown): Promise<T> => {
  if (schema === undefined) throw new Error("The contract describes no view.");
  const outcome = await schema["~standard"].validate(value);
  if (outcome.issues) throw new Error(JSON.stringify(outcome.issues));
  return outcome.value;
};

type Ran = { readonly answer: unknown; readonly after?: AcceptanceCase["after"] };

const runs: Readonly<Record<SampleAgent, (acceptance: AcceptanceCase) => Promise<Ran>>> = {
  inquiry: async ({ view }) => ({ answer: understand({ context: await parsed(inquiry.input, view) }) }),
  scheduling: async ({ view, before }) => {
    const calendar = createMemoryCalendar({
      bookings: before?.bookings ?? [],
      blocked: before?.blocked ?? [],
    });
    const context = await parsed(scheduling.input, view);
    const answer = await arrange({ context, idempotencyKey: "task-1", signal }, { calendar });
    return { answer, after: { bookings: [...calendar.bookings()] } };
  },
  documents: async ({ view }) => {
    const store = createMemoryDocumentStore();
    const answer = await write({ context: await parsed(documents.input, view) }, { store, prices: PRICES });
    const texts = store.keys().map((key) => store.get(key) ?? "");
    if (answer.outcome === "stored") {
      expect(store.keys()).toEqual([answer.document.key]);
      expect(answer.document.hash).toBe(contentHash(texts[0] ?? ""));
    }
    return { answer, after: { documents: texts.map((text) => text.split("\n")) } };
  },
  recommendation: async ({ view }) => ({
    answer: await recommend(
      { context: await parsed(recommendation.input, view) },
      { catalogue: createMemoryCatalogue(OFFERS) },
    ),
  }),
  reply: async ({ view }) => ({ answer: compose({ context: await parsed(reply.input, view) }) }),
};
const outputs = { inquiry, scheduling, documents, recommendation, reply } as const;

describe.each(AGENTS)("the %s agent", (agent) => {
  const cases = acceptanceCases(agent);

  it.each(cases.map((acceptance) => [acceptance.name, acceptance] as const))("%s", async (_, acceptance) => {
    const { answer, after } = await runs[agent](acceptance);
    const result: unknown = isAnswered(answer) ? answer.result : answer;
    expect(differences(acceptance.expected, result)).toEqual([]);
    expect(await outputs[agent].output["~standard"].validate(result)).not.toHaveProperty("issues");
    if (acceptance.after) expect(after).toEqual(acceptance.after);
  });

  it("gives the same answer to the same input", async () => {
    for (const acceptance of cases)
      expect(await runs[agent](acceptance)).toEqual(await runs[agent](acceptance));
  });

  it("is tested with at least 20 inputs, 5 of them out of domain or ambiguous", () => {
    expect(cases.length).toBeGreaterThanOrEqual(20);
    expect(cases.filter(({ kind }) => kind !== "in-domain").length).toBeGreaterThanOrEqual(5);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  });

  it("is tested with no two inputs that differ only in a slot value", () => {
    const readsText = agent === "inquiry" || agent === "recommendation";
    const names = new Map<string, string>();
    const alike: string[] = [];
    for (const acceptance of cases) {
      const shape = shapeOf(acceptance, readsText);
      const twin = names.get(shape);
      if (twin !== undefined) alike.push(`"${twin}" and "${acceptance.name}"`);
      names.set(shape, acceptance.name);
    }
    expect(alike).toEqual([]);
  });
});
