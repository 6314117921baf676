import * as z from "zod/mini";
import { canonicalJson, isJsonObject, type Json } from "#core/json.ts";
import type { Asking, Resumed } from "./framework.ts";

/** What a server asks its client in the middle of a call: an elicitation in form mode. */
export interface McpElicitation {
  readonly message: string;
  /** Of the answer, as JSON Schema. */
  readonly requestedSchema?: unknown;
}

/** What the server is told. */
export interface McpElicited {
  readonly action: "accept" | "decline" | "cancel";
  readonly content?: Record<string, string | number | boolean | string[]>;
}

/** Answers a server's question with what a person has said, or ends the turn to ask one. */
export type AnswerElicitation = (asked: McpElicitation) => Promise<McpElicited>;

const CHECKPOINT = z.object({
  /** By which the server knows the call again. */
  key: z.string(),
  asked: z.json(),
  answered: z.array(z.object({ question: z.json(), answer: z.json() })),
});

export interface Elicitations {
  /** The first turn's key, in each turn. */
  readonly key: string;
  readonly answer: AnswerElicitation;
}

/**
 * The questions of one call. A call that is made again asks again, in the same order: those of earlier turns have their answers, the next
 * one, or one that is asked otherwise now, is for a person.
 */
export function elicitationsOf(
  idempotencyKey: string,
  resumed: Resumed | undefined,
  { told, ask }: { readonly told: (answer: Json) => McpElicited; readonly ask: (asking: Asking) => void },
): Elicitations {
  const before = resumed === undefined ? undefined : CHECKPOINT.parse(resumed.checkpoint);
  const key = before?.key ?? idempotencyKey;
  const answered =
    before === undefined || resumed === undefined
      ? []
      : [...before.answered, { question: before.asked, answer: resumed.answer }];
  let asks = 0;
  return {
    key,
    answer({ message, requestedSchema }) {
      // It came as JSON.
      const asked: Json = {
        message,
        ...(requestedSchema !== undefined && { schema: requestedSchema as Json }),
      };
      const known = answered[asks];
      if (known !== undefined && canonicalJson(known.question) === canonicalJson(asked)) {
        asks += 1;
        return Promise.resolve(told(known.answer));
      }
      ask({ question: asked, checkpoint: { key, asked, answered: answered.slice(0, asks) } });
      // The call is given up: nobody answers in this turn, and an answer of any kind would have the server go on.
      return new Promise(() => undefined);
    },
  };
}

/** `{ approved: false }` declines; all else accepts, with `content`, or with the answer's own fields. */
export function elicitedBy(answer: Json): McpElicited {
  if (!isJsonObject(answer)) return { action: "accept" };
  const { approved, content, ...fields } = answer;
  if (approved === false) return { action: "decline" };
  const { reason: _, ...others } = fields;
  const given = isJsonObject(content) ? content : approved === undefined ? fields : others;
  return { action: "accept", content: given as NonNullable<McpElicited["content"]> }; // the server checks it
}
