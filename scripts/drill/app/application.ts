import { defineFlow, fallback, reply, sequence, step } from "#core/flow/build.ts";
import type { ApplicationDefinition } from "#core/flow/compile.ts";
import { customerCareApplication } from "#flows/customer-care.ts";
import { deed, flawed } from "./contracts.ts";

export const REGRET_ASKED = "RegretAsked";
export const FLAW_ASKED = "FlawAsked";

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

/** What is deployed, and flows for troubles that it cannot have. */
export const applicationDefinition: ApplicationDefinition = {
  ...customerCareApplication,
  flows: [...customerCareApplication.flows, regret, flaw],
};
