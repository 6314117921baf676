import type { OperatorReplies } from "#runtime/letters/operator-protocol.ts";
import { defineCommand } from "../command.ts";
import { createOperate } from "#client/operate.ts";
import { readReason } from "../read-values.ts";

/** The tenant of a spine that has no others. */
const TENANT = "default";

/** Sends the letters of a session that was repaired. */
export const unpark = defineCommand({
  name: "unpark",
  usage: "SESSION --reason TEXT [--tenant TENANT]",
  about: "checks that a repaired session can be read again, and sends its parked letters in order of arrival",
  positionals: { required: ["SESSION"] },
  options: { reason: { type: "string" }, tenant: { type: "string" } },
  prepare({ reason, tenant = TENANT }, [session = ""]) {
    const why = readReason(reason, "Say what was repaired.");
    return async ({ target, print }) => {
      const operate = createOperate(target);
      let page: OperatorReplies["unpark"] | undefined;
      let sent = 0;
      do {
        const after = page?.after;
        page = await operate({
          op: "unpark",
          tenant,
          session,
          reason: why,
          ...(after !== undefined && { after }),
        });
        sent += page.sent.length;
        for (const letter of page.expired ?? [])
          print(`${letter} is closed: retention has expired its session.`);
        for (const letter of page.left) print(`${letter} cannot be redriven: see dead-letters show.`);
      } while (page.after !== undefined);
      print(
        `${tenant}/${session} can be read. ${sent === 1 ? "1 letter was" : `${sent} letters were`} sent.`,
      );
    };
  },
});
