import { SPINE_COMMAND } from "#client/spine-command.ts";
import { randomUUID } from "node:crypto";
import type { Accepted, OpenQuestion, OutgoingEvent } from "#client/client.ts";
import { defineCommand } from "../command.ts";
import { answerCommand, askLine } from "#client/open-question.ts";
import { readJson, readObject, readWhole } from "../read-values.ts";
import { UsageError } from "#client/usage-error.ts";

const WAIT_SECONDS = 25;

/** Sends an event, and waits for the reply. */
export const send = defineCommand({
  name: "send",
  usage:
    "SESSION TYPE [--data JSON | --text TEXT] [--facts JSON] [--constraints JSON] [--id ID] [--wait SECONDS]",
  about: `sends an event and prints its reply (--wait 0: only its sequence; default ${WAIT_SECONDS})`,
  positionals: { required: ["SESSION", "TYPE"] },
  options: {
    data: { type: "string" },
    text: { type: "string" },
    facts: { type: "string" },
    constraints: { type: "string" },
    id: { type: "string" },
    wait: { type: "string" },
  },
  prepare(values, [session = "", type = ""]) {
    const { data, text, facts, constraints, id = randomUUID() } = values;
    if (data !== undefined && text !== undefined)
      throw new UsageError(
        '--text: cannot be combined with --data. Give one of the two; --text TEXT is {"text": TEXT}.',
      );
    const waitMs = (values.wait === undefined ? WAIT_SECONDS : readWhole("--wait", values.wait)) * 1_000;
    const event: OutgoingEvent = {
      id,
      type,
      ...(data !== undefined && { data: readJson("--data", data) }),
      ...(text !== undefined && { data: { text } }),
      ...(facts !== undefined && { session: readObject("--facts", facts) }),
      ...(constraints !== undefined && { constraints: readObject("--constraints", constraints) }),
    };
    return async ({ client, print }) => print(told(await client.send(session, event, waitMs)));
  },
});

/** What became of an operator's command, which has no reply of its own. */
export const recorded = ({ session, sequence }: Accepted): string =>
  `Accepted as event ${sequence} of ${session}. To see what happens: ${SPINE_COMMAND} show ${session}`;

/** What became of an event that no run will reply to, as told with its sequence. */
const WITHOUT_REPLY: Readonly<Record<string, string>> = {
  awaited: "A step was waiting for it; the caller that started its run gets the reply.",
  kept: "No step waits for it yet; it is kept for a run that may wait for it.",
  ignored: "It is ignored: no step waits for it, no run may wait for it later, and it starts no flow.",
};

/** What became of an input: its sequence, and the reply where it came in time. */
export function told(taken: Accepted): string {
  const { session, sequence, disposition = "", asks, reply } = taken;
  const head = `Accepted as event ${sequence} of ${session}.`;
  if (reply === undefined) return `${head} ${withoutReply(taken, asks ?? [], WITHOUT_REPLY[disposition])}`;
  const { body } = reply;
  const isText = typeof body === "object" && body !== null && "text" in body;
  const text = isText && typeof body["text"] === "string" ? body["text"] : JSON.stringify(body, undefined, 2);
  return `${head} ${reply.failed ? "Its run failed" : "The reply"}, event ${reply.sequence}:\n\n${text}`;
}

function withoutReply(
  { session, sequence }: Accepted,
  asks: readonly OpenQuestion[],
  none: string | undefined,
): string {
  if (asks.length > 0) {
    const lines = asks.map((open) => `${askLine(open)}\n  ${answerCommand(session, open)}`);
    return `A person is asked before the reply:\n\n${lines.join("\n")}`;
  }
  if (none !== undefined) return `${none} Why: ${SPINE_COMMAND} explain ${session} ${sequence}`;
  return `Its reply will be in the log: ${SPINE_COMMAND} tail ${session}`;
}
