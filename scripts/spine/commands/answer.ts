import { randomUUID } from "node:crypto";
import { defineCommand } from "../command.ts";
import { askLine } from "../open-question.ts";
import { readAnswer, readWhole } from "../read-values.ts";
import { UsageError } from "../usage-error.ts";
import { told } from "./send.ts";

const WAIT_SECONDS = 25;

/** Answers a question to a person, or lists those that are open. */
export const answer = defineCommand({
  name: "answer",
  usage: "SESSION [ASK VALUE] [--id ID] [--wait SECONDS]",
  about: "answers a question to a person, VALUE being JSON or a text; lists open questions without one",
  positionals: { required: ["SESSION"], more: 2 },
  options: { id: { type: "string" }, wait: { type: "string" } },
  prepare({ id, wait }, [session = "", ask, text]) {
    if (ask === undefined) {
      return async ({ client, print }) => {
        const { asks } = await client.explanation(session);
        print(asks.length === 0 ? `${session} asks nobody anything.` : asks.map(askLine).join("\n"));
      };
    }
    if (text === undefined)
      throw new UsageError(`VALUE: is missing. Call npm run spine -- answer ${session} ${ask} VALUE`);
    const given = { id: id ?? `${ask}/${randomUUID()}`, value: readAnswer("VALUE", text) };
    const waitMs = (wait === undefined ? WAIT_SECONDS : readWhole("--wait", wait)) * 1_000;
    return async ({ client, print }) => print(told(await client.answer(session, ask, given, waitMs)));
  },
});
