import { isSpineError } from "#core/errors.ts";
import { TargetError } from "#client/usage-error.ts";
import { defineCommand } from "../command.ts";

/** Prices a session from its log alone. */
export const cost = defineCommand({
  name: "cost",
  usage: "SESSION [--json]",
  about: "estimates from its log what a session cost on AWS, by cause, and says what the log cannot know",
  positionals: { required: ["SESSION"] },
  options: { json: { type: "boolean" } },
  prepare({ json = false }, [session = ""]) {
    return async ({ client, print }) => {
      const logged = await client.eventsAfter(session, 0);
      const { personal = [] } = await client.state(session);
      // With it comes what folds a log and packs its commits, which no other command needs.
      const [{ costOf }, { costText }] = await Promise.all([
        import("../../cost/cost-of.ts"),
        import("../../cost/cost-text.ts"),
      ]);
      try {
        const found = costOf(session, logged, personal.length > 0);
        print(json ? JSON.stringify(found) : costText(found));
      } catch (error) {
        if (!isSpineError(error)) throw error;
        throw new TargetError(`${session}: its log cannot be priced. ${error.message}`, { cause: error });
      }
    };
  },
});
