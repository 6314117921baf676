import {
  compareSessions,
  type ComparedFork,
  type ComparedNames,
  type ComparedSessions,
  type ComparedStep,
  type StepOutcome,
} from "#client/compare-sessions.ts";
import { valueText } from "#client/narration/words.ts";
import { TargetError } from "#client/usage-error.ts";
import { differencesBelow, type Difference } from "#core/context/differences.ts";
import type { Json } from "#core/json.ts";
import { defineCommand } from "../command.ts";
import { readSession } from "../read-values.ts";
import { table } from "../tables.ts";

/** Shows where two sessions part, and what they came to. */
export const compare = defineCommand({
  name: "compare",
  usage: "SESSION OTHER [--json]",
  about: "compares two sessions step by step: where they part, what they came to, cost and time",
  positionals: { required: ["SESSION", "OTHER"] },
  options: { json: { type: "boolean" } },
  prepare({ json = false }, [session = "", named = ""]) {
    const other = readSession("OTHER", named);
    return async ({ client, print }) => {
      const [left, right] = await Promise.all([client.eventsAfter(session, 0), client.eventsAfter(other, 0)]);
      for (const [name, events] of [
        ["SESSION", left],
        ["OTHER", right],
      ] as const)
        if (events.length === 0)
          throw new TargetError(`${name}: has no events to compare. Give another one.`);
      const [one, two] = await Promise.all([client.state(session), client.state(other)]);
      const found = compareSessions(left, right, { one: session, other });
      const context = Object.keys({ ...one.context, ...two.context }).flatMap((section) =>
        differencesBelow(section, one.context[section], two.context[section]),
      );
      print(
        json
          ? JSON.stringify({ ...found, context })
          : linesOf(found, context, { one: session, other }).join("\n"),
      );
    };
  },
});

const VALUE_WIDTH = 45;
const text = (value: Json | undefined): string =>
  value === undefined ? "(none)" : valueText(value, VALUE_WIDTH);

function linesOf(
  { steps, firstDifference, totals, forked }: ComparedSessions,
  context: readonly Difference[],
  names: ComparedNames,
) {
  const { one, other } = totals;
  const differing = steps.filter(({ isSame }) => !isSame);
  return [
    ...(forked === undefined ? [] : [forkText(forked, names)]),
    firstDifference === undefined
      ? `All ${steps.length} steps came to the same.`
      : `They part at ${nameOf(firstDifference)}. Of ${steps.length} steps ${differing.length} differ:`,
    ...table(differing.map((step) => [nameOf(step), outcomeText(step.one), outcomeText(step.other)])),
    "",
    context.length === 0 ? "Their contexts are the same." : "Values that differ in their contexts:",
    ...table(context.map(({ path, one: left, other: right }) => [path, text(left), text(right)])),
    "",
    ...table([
      ["events", String(one.events), String(other.events)],
      ["seconds", (one.ms / 1_000).toFixed(3), (other.ms / 1_000).toFixed(3)],
      ["tokens", String(one.tokens), String(other.tokens)],
      ["money", String(one.money), String(other.money)],
      ["attempts", String(one.attempts), String(other.attempts)],
      ["fallbacks", String(one.fallbacks), String(other.fallbacks)],
      ["stale answers", String(one.stale), String(other.stale)],
    ]),
  ];
}

/** Which session is a fork, of what, and what was another value there, in words. */
function forkText({ fork, at, changed }: ComparedFork, names: ComparedNames): string {
  const origin = names[fork === "one" ? "other" : "one"];
  const others = changed.length === 0 ? "" : `, with another ${changed.join(", another ")}`;
  return `${names[fork]} is a fork of ${origin} at event ${at}${others}.`;
}

const nameOf = ({ flow, run, step }: ComparedStep): string =>
  `${flow}${run > 1 ? ` (run ${run})` : ""} ${step}`;

const outcomeText = (outcome: StepOutcome | undefined): string =>
  outcome === undefined ? "(not reached)" : `${outcome.how} ${text(outcome.value)}`;
