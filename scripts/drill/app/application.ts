import { defineFlow, fallback, human, reply, sequence, step } from "#core/flow/build.ts";
import type { ApplicationDefinition } from "#core/flow/compile.ts";
import { customerCareApplication } from "#flows/customer-care.ts";
import { deed, flawed } from "./contracts.ts";

export const REGRET_ASKED = "RegretAsked";
export const FLAW_ASKED = "FlawAsked";
export const QUESTION_ASKED = "QuestionAsked";

/** Ends with something done that could not be undone. */
const regret = defineFlow({
  name: "regret",
  on: REGRET_ASKED,
  plan: sequence(step(deed, { compensate: step(flawed) }), step(flawed), reply(`"done"`)),
});

/** An agent that fails, and its fallback. */
const flaw = defineFlow({
  name: "flaw",
  on: FLAW_ASKED,
  plan: sequence(step(flawed, { fallback: fallback.value({}) }), reply(`"done"`)),
});

/** Asks a person. */
const question = defineFlow({
  name: "question",
  on: QUESTION_ASKED,
  plan: sequence(
    human({ ask: "May we?", into: "may", timeoutMs: 86_400_000, onTimeout: "continue" }),
    reply(`"done"`),
  ),
});

/** What is deployed, and flows for troubles that it cannot have. */
export const applicationDefinition: ApplicationDefinition = {
  ...customerCareApplication,
  flows: [...customerCareApplication.flows, regret, flaw, question],
};
