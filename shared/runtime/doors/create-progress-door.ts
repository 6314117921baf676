import * as z from "zod/mini";
import { SpineError } from "#core/errors.ts";
import { MAX_LIVE_CHARACTERS } from "#core/session/live/live-record.ts";
import type { Clock } from "#ports/clock.ts";
import type { LiveOutput, ProgressDoor } from "#ports/live-output.ts";
import type { Tokens } from "#ports/secrets.ts";
import { json, nameText, parseWith } from "../session/messages.ts";
import { parseProof } from "./agent-protocol.ts";
import { wrongToken } from "./wrong-token.ts";

export interface ProgressDoorPorts {
  readonly live: LiveOutput;
  readonly tokens: Pick<Tokens, "verify">;
  readonly clock: Pick<Clock, "now">;
}

const recordSchema = z.object({
  run: nameText(128),
  step: nameText(1_000),
  agent: nameText(64),
  n: z.int().check(z.positive()),
  text: z.optional(z.string()),
  partial: z.optional(json),
  data: z.optional(json),
});

/** The door for progress on the spine's side: it reads what agents send field by field. */
export interface ServedProgressDoor extends ProgressDoor {
  progress(proof: unknown, record: unknown): Promise<void>;
}

/**
 * Takes what an agent says of an attempt that it can prove. It has no access to the log: whether the attempt still counts, its readers see there. Throws
 * `answer.malformed` for what it cannot read, `answer.too-large`, and `task.token`.
 */
export function createProgressDoor({ live, tokens, clock }: ProgressDoorPorts): ServedProgressDoor {
  return {
    async progress(given, said) {
      const { token, ...attempt } = parseProof(given);
      const record = parseWith(recordSchema, said, "answer.malformed", "The progress");
      if (JSON.stringify(record).length > MAX_LIVE_CHARACTERS + NAMES) throw tooLarge();
      if (!(await tokens.verify(attempt, token))) throw wrongToken();
      const { tenant, session, task, attempt: number } = attempt;
      const kept = JSON.parse(JSON.stringify(record)) as typeof record;
      await live.put({ tenant, session }, { ...kept, task, attempt: number } as never, clock.now());
    },
  };
}

/** What stands beside the text in a record. */
const NAMES = 1_500;

function tooLarge(): SpineError {
  const problem = `has more than ${MAX_LIVE_CHARACTERS} characters`;
  const repair = "Say less on the way: the answer says it all.";
  return new SpineError("answer.too-large", `progress ${problem}. ${repair}`, {
    problems: [{ field: "progress", problem, repair }],
  });
}
