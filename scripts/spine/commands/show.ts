import type { JsonObject } from "#core/json.ts";
import type { ShownState } from "#core/session/shown.ts";
import { valueText } from "#client/narration/words.ts";
import { ApiError } from "#client/api-error.ts";
import type { SpineClient } from "#client/client.ts";
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
      const state = await stateOf(client, session, sequence);
      if (state instanceof ApiError) {
        // Of a session that retention has ended there is this to show, and nothing went wrong.
        const { message: detail } = state;
        return print(json ? JSON.stringify({ session, status: "expired", detail }) : detail);
      }
      if (json) return print(JSON.stringify(state));
      // The flows' conditions come with it, which takes longer to load than all else.
      const { timeline } = await import("#client/narration/timeline.ts");
      const logged = await client.eventsAfter(session, 0);
      const shown = logged.filter(({ event }) => event.sequence <= state.sequence);
      print([...timeline(shown, { colours }), "", ...contextLines(state)].join("\n"));
    };
  },
});

const GONE = 410;

async function stateOf(client: SpineClient, session: string, at: number | undefined) {
  try {
    return await client.state(session, at);
  } catch (error) {
    if (error instanceof ApiError && error.status === GONE) return error;
    throw error;
  }
}

const VALUE_WIDTH = 110;

function contextLines({ status, sequence, context, runs, sheets }: ShownState): readonly string[] {
  return [
    `The session is ${status} at event ${sequence}. Its context:`,
    ...sectionLines(context),
    ...Object.values(runs).flatMap(({ id, name }) => {
      const sheet = sheets[id];
      return sheet === undefined
        ? []
        : [`What run ${id} of flow "${name}" has written so far:`, ...sectionLines(sheet.context)];
    }),
  ];
}

function sectionLines(context: JsonObject): readonly string[] {
  const sections = Object.entries(context);
  const width = Math.max(0, ...sections.map(([name]) => name.length));
  return sections.map(([name, value]) => `  ${name.padEnd(width)}  ${valueText(value, VALUE_WIDTH)}`);
}
