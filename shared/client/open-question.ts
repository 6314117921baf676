import { SPINE_COMMAND } from "./spine-command.ts";
import type { OpenQuestion } from "./client.ts";

/** A question that waits for a person, on one line. */
export const askLine = ({ ask, question, dueAt }: OpenQuestion): string =>
  `${ask}  until ${new Date(dueAt).toISOString()}  ${question}`;

/** The command that answers a question, once the value is filled in. */
export const answerCommand = (session: string, { ask }: OpenQuestion): string =>
  `${SPINE_COMMAND} answer ${session} ${ask} VALUE`;
