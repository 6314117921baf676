import type { DecisionRead } from "#client/client.ts";
import { valueText } from "#client/narration/words.ts";
import { printable } from "#client/printable.ts";
import type { Alternative, ExplainedChoice, Writers } from "#core/session/explain-decision.ts";
import { isoTime } from "#core/session/iso-time.ts";
import { defineCommand } from "../command.ts";
import { readWhole } from "../read-values.ts";
import { table, writerText } from "../tables.ts";

/** Says why an input led to what it did: which ways there were, on which values, and who wrote them. */
export const why = defineCommand({
  name: "why",
  usage: "SESSION SEQ [--json]",
  about: "shows what a decision stood on: its ways, conditions and values, and who wrote those",
  positionals: { required: ["SESSION", "SEQ"] },
  options: { json: { type: "boolean" } },
  prepare({ json = false }, [session = "", at = ""]) {
    const sequence = readWhole("SEQ", at);
    return async ({ client, print }) => {
      const read = await client.decision(session, sequence);
      print(json ? JSON.stringify(read) : linesOf(read).join("\n"));
    };
  },
});

function linesOf({ input, time, events, choices, stale, writers }: DecisionRead): readonly string[] {
  const last = events.at(-1)?.sequence ?? input.first;
  const span = last === input.first ? `Event ${last}` : `Events ${input.first} to ${last}`;
  const head = `${span}: ${events[0]?.type ?? input.kind} of ${printable(input.source)} at ${isoTime(time)}.`;
  const changes = stale.flatMap(({ agent, attempt, asOf, changed }) => [
    "",
    `Attempt ${attempt} of ${printable(agent)} saw event ${asOf}; since then:`,
    ...table(changed.map(({ path, writtenAt }) => [path, writerText(writers, writtenAt)])),
  ]);
  const body = [...choices.flatMap((choice) => ["", ...choiceLines(choice, writers)]), ...changes];
  return [head, ...(body.length > 0 ? body : ["", "It left no choice: the flow has one way on from here."])];
}

const QUESTIONS: Readonly<Record<ExplainedChoice["kind"], (step: string) => string>> = {
  branch: (step) => `Which branch does ${step} take?`,
  trigger: () => "Which flows does the event start?",
  wait: (step) => `Does ${step} take the event?`,
};

const VALUE_WIDTH = 60;

function choiceLines({ kind, step = "", alternatives, values }: ExplainedChoice, writers: Writers) {
  return [
    QUESTIONS[kind](step),
    ...table(alternatives.map((one) => [one.name, outcomeText(one), one.condition ?? ""])),
    ...(values.length > 0 ? ["on these values:"] : []),
    ...table(
      values.map(({ path, value, writtenAt }) => [
        path,
        value === undefined ? "(none)" : valueText(value, VALUE_WIDTH),
        writerText(writers, writtenAt),
      ]),
    ),
  ];
}

const OUTCOMES: Readonly<Record<Alternative["outcome"], string>> = {
  taken: "taken",
  held: "held",
  "did-not-hold": "did not hold",
  failed: "failed",
  "not-asked": "not asked",
};

const outcomeText = ({ outcome, error }: Alternative): string =>
  error === undefined ? OUTCOMES[outcome] : `${OUTCOMES[outcome]}: ${error}`;
