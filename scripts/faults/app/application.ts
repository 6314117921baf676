import { defineFlow, fallback, map, reply, sequence, step } from "#core/flow/build.ts";
import type { ApplicationDefinition } from "#core/flow/compile.ts";
import { carefulAsked, piece, risky, riskyAsked, steady, workAsked, worker } from "./contracts.ts";

/** What stands in for the bad agent. */
export const INSTEAD = { text: "somebody will get back to you" };

export const CAREFUL_ASKED = "CarefulAsked";
export const RISKY_ASKED = "RiskyAsked";
export const WORK_ASKED = "WorkAsked";
export const HELP_ASKED = "HelpAsked";

const pieces = map({ over: "input.numbers", each: step(piece), maxItems: 10 });

/** Agents that work, and nothing else. */
const careful = defineFlow({
  name: "careful",
  on: CAREFUL_ASKED,
  plan: sequence(step(steady), pieces, reply(`{"text": steady.text, "pieces": piece}`)),
});

/** The same agents, and the one that is bad. */
const daring = defineFlow({
  name: "daring",
  on: RISKY_ASKED,
  plan: sequence(
    step(steady),
    step(risky, { fallback: fallback.value(INSTEAD) }),
    pieces,
    reply(`{"text": risky.text}`),
  ),
});

const work = defineFlow({ name: "work", on: WORK_ASKED, plan: sequence(step(worker), reply("worker")) });

/** The same agent, at once, whatever it works on. */
const help = defineFlow({
  name: "help",
  on: HELP_ASKED,
  onBusy: "pre-empt",
  plan: sequence(step(worker), reply("worker")),
});

/** Flows to make agents fail in: no part of what is deployed. */
export const applicationDefinition: ApplicationDefinition = {
  agents: [steady, piece, risky, worker],
  flows: [careful, daring, work, help],
  events: {
    [CAREFUL_ASKED]: carefulAsked,
    [RISKY_ASKED]: riskyAsked,
    [WORK_ASKED]: workAsked,
    [HELP_ASKED]: workAsked,
  },
};
