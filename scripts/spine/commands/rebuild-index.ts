import { createOperate } from "#client/operate.ts";
import type { OperatorReplies } from "#runtime/letters/operator-protocol.ts";
import { defineCommand } from "../command.ts";

/** Tells the list of sessions anew, from the log. */
export const rebuildIndex = defineCommand({
  name: "rebuild-index",
  usage: "",
  about: "tells the list of sessions anew from the log, which it reads whole to find them",
  positionals: { required: [] },
  options: {},
  prepare() {
    return async ({ target, print, stopped }) => {
      const operate = createOperate(target);
      let page: OperatorReplies["rebuild-index"] | undefined;
      let sessions = 0;
      do {
        const after = page?.after;
        page = await operate({ op: "rebuild-index", ...(after !== undefined && { after }) });
        sessions += page.sessions;
      } while (page.after !== undefined && !stopped.aborted);
      const rest = stopped.aborted ? "; the rest of the log was not read" : "";
      print(`The relay tells ${sessions} sessions anew${rest}.`);
    };
  },
});
