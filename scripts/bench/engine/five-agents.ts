import * as z from "zod/mini";
import { defineAgent, type Agent } from "#core/contract.ts";
import { defineFlow, parallel, reply, sequence, step } from "#core/flow/build.ts";
import type { FlowDefinition } from "#core/flow/plan.ts";

export const ASKED = "Asked";
/** 2.4 KB, as a message with a few paragraphs has. */
export const INPUT = { text: "Could somebody come and look at the boiler next week? ".repeat(45) };

const said = z.object({ text: z.string() });
const agent = (name: string, ...reads: string[]) =>
  defineAgent({ name, reads: ["input", ...reads], output: said });
const inquiry = agent("inquiry");
const scheduling = agent("scheduling", "inquiry");
const documents = agent("documents", "inquiry");
const recommendation = agent("recommendation", "scheduling", "documents");
const writer = agent("writer", "recommendation");

/** The session that the figures of engines are for: five agents, two of them side by side. */
export const FIVE_AGENTS: FlowDefinition = defineFlow({
  name: "five-agents",
  on: ASKED,
  plan: sequence(
    step(inquiry),
    parallel({ branches: { times: step(scheduling), papers: step(documents) }, timeoutMs: 60_000 }),
    step(recommendation),
    step(writer),
    reply("writer"),
  ),
});

/** Agents that answer at once: what is left is the engine's. */
export const AGENTS: readonly Agent[] = [inquiry, scheduling, documents, recommendation, writer].map(
  (contract) => contract.implement(() => ({ text: "This is what I found out about it." })),
);

/** Of a session as it is committed: one for the event, and one for each answer. */
export const COMMITS = 6;
/** About what a commit of it holds. */
export const COMMIT_BYTES = 5_800;
