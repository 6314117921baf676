import type { OperatorReplies } from "#runtime/letters/operator-protocol.ts";
import { defineCommand } from "../command.ts";
import { createOperate } from "#client/operate.ts";
import { readReason } from "../read-values.ts";
import { UsageError } from "#client/usage-error.ts";

/** Relays commits again, after an outage that was longer than the log's stream keeps its records. */
export const republish = defineCommand({
  name: "republish",
  usage: "--since TIME --reason TEXT",
  about: "relays every commit made at TIME or later again; reads the whole log to find them",
  positionals: { required: [] },
  options: { since: { type: "string" }, reason: { type: "string" } },
  prepare({ since, reason }) {
    if (since === undefined)
      throw new UsageError("--since: is missing. Give a time such as 2026-11-22T08:00:00Z.");
    const time = Date.parse(since);
    if (Number.isNaN(time))
      throw new UsageError(`--since: "${since}" is not a time. Give one such as 2026-11-22T08:00:00Z.`);
    const why = readReason(reason, "Say what was lost.");
    return async ({ target, print, stopped }) => {
      const operate = createOperate(target);
      let page: OperatorReplies["republish"] | undefined;
      let commits = 0;
      do {
        const after = page?.after;
        page = await operate({
          op: "republish",
          since: time,
          reason: why,
          ...(after !== undefined && { after }),
        });
        commits += page.commits;
      } while (page.after !== undefined && !stopped.aborted);
      print(
        `The relay received ${commits} commits again${stopped.aborted ? "; the rest of the log was not read" : ""}.`,
      );
    };
  },
});
