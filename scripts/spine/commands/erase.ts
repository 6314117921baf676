import { parseSessionKey } from "#core/ids.ts";
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
    "removes all that the spine holds of a session that has come to rest, letters included; with --personal makes only its personal values unreadable, and the session lives on",
  positionals: { required: ["SESSION"] },
  options: { reason: { type: "string" }, personal: { type: "boolean" }, tenant: { type: "string" } },
  prepare({ reason, personal = false, tenant = TENANT }, [session = ""]) {
    const why = readReason(reason, "Say why; it stays, so name nobody in it.");
    const key = parseSessionKey({ tenant, session });
    return async ({ target, print }) => {
      const { last, letters } = await createErase(target)({
        ...key,
        reason: why,
        ...(personal && { personal: true as const }),
      });
      const bodies = letters === 1 ? "1 letter" : `${letters} letters`;
      const what = personal
        ? `The personal values of ${tenant}/${session} are erased, up to event ${last} and after`
        : `${tenant}/${session} is erased: ${last} events`;
      print(`${what}, and the bodies of ${bodies}.`);
    };
  },
});
