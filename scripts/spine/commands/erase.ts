import { parseSessionKey } from "#core/ids.ts";
import { defineCommand } from "../command.ts";
import { createErase } from "../operate.ts";
import { UsageError } from "../usage-error.ts";

/** The tenant of a spine that has no others. */
const TENANT = "default";

/** Removes all that the spine holds of a session that has come to rest. */
export const erase = defineCommand({
  name: "erase",
  usage: "SESSION --reason TEXT [--tenant TENANT]",
  about:
    "removes all that the spine holds of a session that has come to rest, letters included; only a tombstone with the reason stays",
  positionals: { required: ["SESSION"] },
  options: { reason: { type: "string" }, tenant: { type: "string" } },
  prepare({ reason, tenant = TENANT }, [session = ""]) {
    if (!reason) throw new UsageError("--reason: is missing. Say why; it stays, so name nobody in it.");
    const key = parseSessionKey({ tenant, session });
    return async ({ target, print }) => {
      const { last, letters } = await createErase(target)({ ...key, reason });
      const bodies = letters === 1 ? "1 letter" : `${letters} letters`;
      print(`${tenant}/${session} is erased: ${last} events, and the bodies of ${bodies}.`);
    };
  },
});
