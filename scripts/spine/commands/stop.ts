import { randomUUID } from "node:crypto";
import { defineCommand } from "../command.ts";
import { recorded } from "./send.ts";

/** Ends all work of a session; it takes no more events. */
export const stop = defineCommand({
  name: "stop",
  usage: "SESSION [--reason TEXT] [--no-compensation] [--id ID]",
  about: "ends all runs of a session for good and undoes their effects first, unless told otherwise",
  positionals: { required: ["SESSION"] },
  options: { reason: { type: "string" }, "no-compensation": { type: "boolean" }, id: { type: "string" } },
  prepare({ reason = "stopped by an operator", "no-compensation": harsh = false, id }, [session = ""]) {
    const given = {
      id: id ?? randomUUID(),
      type: "stop",
      reason,
      ...(harsh && { compensate: false }),
    } as const;
    return async ({ client, print }) => print(recorded(await client.command(session, given)));
  },
});
