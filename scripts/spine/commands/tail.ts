import type { LoggedEvent } from "#client/client.ts";
import { defineCommand } from "../command.ts";
import { readWhole } from "../read-values.ts";

/** Follows a session's events as they are committed, until it is stopped. */
export const tail = defineCommand({
  name: "tail",
  usage: "SESSION [--after N] [--json]",
  about: "follows the events as they are committed, after event N; with --json as CloudEvents",
  positionals: { required: ["SESSION"] },
  options: { after: { type: "string" }, json: { type: "boolean" } },
  prepare({ after, json = false }, [session = ""]) {
    const from = after === undefined ? 0 : readWhole("--after", after);
    return async ({ client, print, stopped }) => {
      const lineOf = json ? jsonLine : await textLines();
      // What came before is read as well: who works on a task is said only once.
      for await (const one of client.follow(session, { signal: stopped })) {
        const line = lineOf(one);
        if (line !== undefined && one.event.sequence > from) print(line);
      }
    };
  },
});

const jsonLine = ({ envelope }: LoggedEvent): string => JSON.stringify(envelope);

const CLOCK = "HH:MM:SS.mmm".length;

async function textLines(): Promise<(logged: LoggedEvent) => string | undefined> {
  const { createTeller } = await import("#client/narration/tell.ts");
  const tell = createTeller();
  return (logged) => {
    const fact = tell(logged);
    if (fact === undefined || fact.kind === "detail") return undefined;
    const time = new Date(logged.at).toISOString().slice("YYYY-MM-DDT".length).slice(0, CLOCK);
    return `${String(logged.event.sequence).padStart(5)}  ${time}  ${fact.who.padEnd(15)} ${fact.what}`;
  };
}
