import type { SessionState } from "#core/session/state.ts";
import { valueText } from "../../start/timeline/words.ts";
import { defineCommand } from "../command.ts";
import { readWhole } from "../read-values.ts";

/** Shows what happened in a session, and where it stands. */
export const show = defineCommand({
  name: "show",
  usage: "SESSION [--at N] [--json]",
  about: "shows a session's timeline and context, up to event N; with --json its state",
  positionals: { required: ["SESSION"] },
  options: { at: { type: "string" }, json: { type: "boolean" } },
  prepare({ at, json = false }, [session = ""]) {
    const sequence = at === undefined ? undefined : readWhole("--at", at);
    return async ({ client, print, colours }) => {
      const state = await client.state(session, sequence);
      if (json) return print(JSON.stringify(state));
      // The flows' conditions come with it, which takes longer to load than all else.
      const { timeline } = await import("../../start/timeline.ts");
      const logged = await client.eventsAfter(session, 0);
      const shown = logged.filter(({ event }) => event.sequence <= state.sequence);
      print([...timeline(shown, { colours }), "", ...contextLines(state)].join("\n"));
    };
  },
});

const VALUE_WIDTH = 110;

function contextLines({ status, sequence, context }: SessionState): readonly string[] {
  const sections = Object.entries(context);
  const width = Math.max(0, ...sections.map(([name]) => name.length));
  return [
    `The session is ${status} at event ${sequence}. Its context:`,
    ...sections.map(([name, value]) => `  ${name.padEnd(width)}  ${valueText(value, VALUE_WIDTH)}`),
  ];
}
