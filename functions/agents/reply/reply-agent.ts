import { reply } from "#contracts/reply.ts";
import type { Reply, ReplyView } from "#contracts/reply.ts";
import type { Session } from "#contracts/sections.ts";
import { paragraphsOf } from "./paragraphs.ts";

const COMPANY = "Hearth & Home Services";
/** The status of the whole is the first of these that a part has: what is still open outweighs what is done. */
const BY_WEIGHT: readonly Reply["status"][] = ["declined", "question", "handed-over", "settled"];

const framed = (body: string, { who, channel }: Session): string => {
  switch (channel) {
    case "email":
      return `Dear ${who},\n\n${body}\n\nKind regards\n${COMPANY}`;
    case "web":
    case "phone":
      return `Hello ${who}. ${body}`;
    case "sms":
      return `${body} ${COMPANY}`;
  }
};

/** Composes the answer from whichever sections there are; a section that is missing is never made up for. */
export const compose = (task: { readonly context: ReplyView }): Reply => {
  const parts = paragraphsOf(task.context);
  const status = BY_WEIGHT.find((weight) => parts.some((part) => part.status === weight)) ?? "settled";
  return { text: framed(parts.map((part) => part.text).join("\n\n"), task.context.session), status };
};

/** The agent: contract and implementation. */
export const agent = reply.implement((task) => {
  const written = compose(task);
  for (const paragraph of written.text.split("\n\n")) task.progress(`${paragraph}\n\n`);
  return written;
});
