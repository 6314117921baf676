import { randomUUID } from "node:crypto";
import { defineCommand } from "../command.ts";
import { recorded } from "./send.ts";

/** Ends one run of a session; the others go on. */
export const cancel = defineCommand({
  name: "cancel",
  usage: "SESSION RUN [--reason TEXT] [--no-compensation] [--id ID]",
  about: "ends one run of a session (explain names them) and undoes its effects first, unless told otherwise",
  positionals: { required: ["SESSION", "RUN"] },
  options: { reason: { type: "string" }, "no-compensation": { type: "boolean" }, id: { type: "string" } },
  prepare(
    { reason = "cancelled by an operator", "no-compensation": harsh = false, id },
    [session = "", run = ""],
  ) {
    const given = {
      id: id ?? randomUUID(),
      type: "cancel",
      run,
      reason,
      ...(harsh && { compensate: false }),
    } as const;
    return async ({ client, print }) => print(recorded(await client.command(session, given)));
  },
});
