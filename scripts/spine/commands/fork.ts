import type { Forked } from "#core/session/fork/fork-plan.ts";
import type { JsonObject } from "#core/json.ts";
import { UsageError } from "#client/usage-error.ts";
import { defineCommand } from "../command.ts";
import { readAnswer, readSession, readWhole } from "../read-values.ts";
import { table } from "../tables.ts";

/** Begins a session with what another one had. */
export const fork = defineCommand({
  name: "fork",
  usage:
    "SESSION NEW --at N [--set PATH=VALUE]… [--answer ASK=VALUE] [--flow NAME] [--repeat-effects] [--preview] [--json]",
  about:
    "begins session NEW with what SESSION had as of event N; answers that SESSION recorded later count where their agents would see the same",
  positionals: { required: ["SESSION", "NEW"] },
  options: {
    at: { type: "string" },
    set: { type: "string", multiple: true },
    answer: { type: "string" },
    flow: { type: "string" },
    "repeat-effects": { type: "boolean" },
    preview: { type: "boolean" },
    json: { type: "boolean" },
  },
  prepare(values, [session = "", named = ""]) {
    const { at, set = [], answer, flow, preview = false, json = false } = values;
    if (at === undefined)
      throw new UsageError("--at: is missing. Name the event as of which the fork begins; show lists them.");
    const [ask, value] = answer === undefined ? [] : readPair("--answer", answer);
    const given = {
      session: readSession("NEW", named),
      at: readWhole("--at", at),
      ...(set.length > 0 && {
        set: Object.fromEntries(set.map((one) => readPair("--set", one))) as JsonObject,
      }),
      ...(ask !== undefined && value !== undefined && { answer: { ask, value } }),
      ...(flow !== undefined && { flow }),
      ...(values["repeat-effects"] === true && { repeatEffects: true }),
      ...(preview && { preview }),
    };
    return async ({ client, print }) => {
      const forked = await client.fork(session, given);
      print(json ? JSON.stringify(forked) : linesOf(forked, preview).join("\n"));
    };
  },
});

function readPair(field: string, text: string) {
  const at = text.indexOf("=");
  if (at <= 0) throw new UsageError(`${field}: "${text}" has no name and value. Write NAME=VALUE.`);
  const name = text.slice(0, at);
  return [name, readAnswer(`${field} ${name}`, text.slice(at + 1))] as const;
}

function linesOf({ session, origin, reused, anew, ahead, doubtful, mayCost }: Forked, preview: boolean) {
  const costs = `${mayCost.tokens ?? 0} tokens and ${mayCost.money ?? 0} in money`;
  return [
    `${session} ${preview ? "would begin" : "began"} with ${origin.session} as of event ${origin.at}.`,
    ...table([
      ...reused.map(({ step, from, differs }) => [
        "reused",
        step,
        `as recorded at ${from}${differs ? "; its agent would see something else, and its effect is not performed again" : ""}`,
      ]),
      ...anew.map(({ step, agent, effect }) => [
        "runs anew",
        step,
        `${agent}${effect ? ", which has an effect" : ""}`,
      ]),
      ...ahead.map(({ step, agent }) => [
        "ahead",
        step,
        `${agent}: reused, if it would see the same by then`,
      ]),
      ...doubtful.map(({ step }) => [
        "in doubt",
        step,
        "its effect may have happened: it is not performed again",
      ]),
    ]),
    `What runs anew and what is ahead cost ${costs} in ${origin.session}.`,
  ];
}
