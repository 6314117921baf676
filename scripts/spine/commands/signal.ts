import { randomUUID } from "node:crypto";
import { UsageError } from "#client/usage-error.ts";
import { defineCommand } from "../command.ts";
import { readJson, readId } from "../read-values.ts";

/** Tells agents at work something. */
export const signal = defineCommand({
  name: "signal",
  usage: "SESSION TO NAME [--data JSON | --text TEXT] [--id ID]",
  about:
    "tells agents at work something: TO is an agent, a step or a task, NAME one of the signals that the agent's contract declares",
  positionals: { required: ["SESSION", "TO", "NAME"] },
  options: { data: { type: "string" }, text: { type: "string" }, id: { type: "string" } },
  prepare({ data, text, id }, [session = "", to = "", name = ""]) {
    if (data !== undefined && text !== undefined)
      throw new UsageError(
        "--text: cannot be combined with --data. Give one of the two; --text TEXT is a JSON text.",
      );
    const given = {
      id: id === undefined ? randomUUID() : readId("--id", id),
      to,
      name,
      ...(data !== undefined && { data: readJson("--data", data) }),
      ...(text !== undefined && { data: text }),
    };
    return async ({ client, print }) => {
      const { sequence, disposition, reason } = await client.signal(session, given);
      const what =
        disposition === "ignored"
          ? `It is ignored: ${reason ?? "nobody is meant"}.`
          : "The agent is told when it asks.";
      print(`Accepted as event ${sequence} of ${session}. ${what}`);
    };
  },
});
