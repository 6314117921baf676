import { SPINE_COMMAND } from "#client/spine-command.ts";
import { randomUUID } from "node:crypto";
import { ApiError } from "#client/api-error.ts";
import type { SpineClient } from "#client/client.ts";
import { defineCommand } from "../command.ts";
import { askLine } from "#client/open-question.ts";
import { readAnswer, readWhole } from "../read-values.ts";
import { UsageError } from "#client/usage-error.ts";
import { told } from "./send.ts";

const WAIT_SECONDS = 25;

/** Answers a question to a person, or lists those that are open. */
export const answer = defineCommand({
  name: "answer",
  usage: "SESSION [ASK VALUE] [--id ID] [--wait SECONDS]",
  about:
    "answers a question to a person, where VALUE is JSON or a text; without one, lists the open questions",
  positionals: { required: ["SESSION"], more: 2 },
  options: { id: { type: "string" }, wait: { type: "string" } },
  prepare({ id, wait }, [session = "", ask, text]) {
    if (ask === undefined) {
      return async ({ client, print }) => {
        const { asks } = await client.explanation(session);
        print(asks.length === 0 ? `${session} has no open question.` : asks.map(askLine).join("\n"));
      };
    }
    if (text === undefined)
      throw new UsageError(`VALUE: is missing. Call ${SPINE_COMMAND} answer ${session} ${ask} VALUE`);
    const given = { id: id ?? `${ask}/${randomUUID()}`, value: readAnswer("VALUE", text) };
    const waitMs = (wait === undefined ? WAIT_SECONDS : readWhole("--wait", wait)) * 1_000;
    return async ({ client, print }) => {
      try {
        print(told(await client.answer(session, ask, given, waitMs)));
      } catch (error) {
        throw await withOpenQuestions(client, session, error);
      }
    };
  },
});

const REFUSED: readonly number[] = [400, 404, 409, 422];

/** An answer that was refused says to which questions there may be one. */
async function withOpenQuestions(client: SpineClient, session: string, error: unknown): Promise<unknown> {
  if (!(error instanceof ApiError) || !REFUSED.includes(error.status)) return error;
  const asks = await client.explanation(session).then(
    (explanation) => explanation.asks,
    () => undefined,
  );
  if (asks === undefined) return error;
  const open =
    asks.length === 0 ? `${session} has no open question.` : `Open:\n${asks.map(askLine).join("\n")}`;
  return new ApiError(error.status, `${error.message}\n${open}`);
}
