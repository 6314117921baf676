import type { ViewRead } from "#client/client.ts";
import { valueText } from "#client/narration/words.ts";
import { printable } from "#client/printable.ts";
import { defineCommand } from "../command.ts";
import { readWhole } from "../read-values.ts";
import { table, writerText } from "../tables.ts";

/** Shows what an agent saw when it was called, beside what is true now. */
export const view = defineCommand({
  name: "view",
  usage: "SESSION TASK [--attempt N] [--json]",
  about: "shows what an agent saw, and what of it has changed since, by whom",
  positionals: { required: ["SESSION", "TASK"] },
  options: { attempt: { type: "string" }, json: { type: "boolean" } },
  prepare({ attempt, json = false }, [session = "", task = ""]) {
    const number = attempt === undefined ? undefined : readWhole("--attempt", attempt);
    return async ({ client, print }) => {
      const read = await client.view(session, task, number);
      print(json ? JSON.stringify(read) : linesOf(read).join("\n"));
    };
  },
});

const VALUE_WIDTH = 50;
const VIEW_WIDTH = 110;
const text = (value: ViewRead["changed"][number]["then"]): string =>
  value === undefined ? "(none)" : valueText(value, VALUE_WIDTH);

function linesOf({ agent, attempt, step, asOf, view: seen, nowAt, isOver, changed, writers }: ViewRead) {
  const since = `${isOver ? "Its run has ended. " : ""}At event ${nowAt}`;
  return [
    `Attempt ${attempt} of ${printable(agent)} (${printable(step)}) saw the session as of event ${asOf}:`,
    ...table(Object.entries(seen).map(([section, value]) => [section, valueText(value, VIEW_WIDTH)])),
    "",
    changed.length === 0 ? `${since} all of it is still so.` : `${since} these are other values:`,
    ...table(
      changed.map(({ path, then, now, writtenAt }) => [
        path,
        text(then),
        `-> ${text(now)}`,
        writerText(writers, writtenAt),
      ]),
    ),
  ];
}
