import { parseSessionKey } from "#core/ids.ts";
import { isoTime } from "#core/session/iso-time.ts";
import { defineCommand } from "../command.ts";
import { createErase } from "#client/operate.ts";
import { readReason } from "../read-values.ts";

/** The tenant of a spine that has no others. */
const TENANT = "default";

/** Removes all that the spine holds of a session that has come to rest. */
export const erase = defineCommand({
  name: "erase",
  usage: "SESSION --reason TEXT [--personal] [--tenant TENANT]",
  about:
    "erases all data of a session with nothing in progress, letters included; with --personal only makes its personal values unreadable, and the session continues",
  positionals: { required: ["SESSION"] },
  options: { reason: { type: "string" }, personal: { type: "boolean" }, tenant: { type: "string" } },
  prepare({ reason, personal = false, tenant = TENANT }, [session = ""]) {
    const why = readReason(reason, "Say why; the reason is kept, so name no person in it.");
    const key = parseSessionKey({ tenant, session });
    return async ({ target, print }) => {
      const {
        last,
        letters,
        commitsAfter,
        forks = [],
      } = await createErase(target)({
        ...key,
        reason: why,
        ...(personal && { personal: true as const }),
      });
      const bodies = letters === 1 ? "1 letter" : `${letters} letters`;
      const what = personal
        ? `The personal values of ${tenant}/${session} are erased, up to event ${last} and after`
        : `${tenant}/${session} is erased: ${last} events`;
      const later =
        commitsAfter === undefined
          ? ""
          : ` Its last commit is younger than six minutes: its commits are removed after ${isoTime(commitsAfter)}, or when you repeat this command in six minutes.`;
      const copies =
        forks.length === 0
          ? ""
          : ` ${forks.join(", ")} began as ${forks.length === 1 ? "a fork" : "forks"} of it, with a copy of what it held: erase ${forks.length === 1 ? "it" : "them"} as well.`;
      print(`${what}, and the bodies of ${bodies}.${later}${copies}`);
    };
  },
});
