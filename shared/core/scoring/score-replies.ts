import { messageOf, problemError, type SpineError } from "../errors.ts";
import type { Json } from "../json.ts";
import { inWords } from "../problems.ts";
import type { Commit } from "../session/commit.ts";
import type { RecordedEvent } from "../session/events.ts";
import type { RunId } from "../ids.ts";
import type { Score, ScoredCase, Scorer } from "./scorer.ts";

/** One scorer's score of one reply. */
export interface ReplyScore extends Score {
  readonly scorer: string;
  readonly session: string;
  /** Of the reply. */
  readonly sequence: number;
}

const LABEL = /^[A-Za-z0-9 ._:-]{1,64}$/;

/**
 * Every reply of a session by every scorer, in order. A reply in a fork to what its origin was sent has no input here, and is left out.
 *
 * @throws {SpineError} `setting.invalid` where a scorer throws, or gives no score from 0 to 1: a gate must not pass for a broken scorer
 * @example
 * const answered = defineScorer({ name: "answered", scores: ({ reply }) => ({ score: reply.failed ? 0 : 1 }) });
 * console.log(await scoreReplies(await spine.reader.allCommits(spine.key("one")), [answered]));
 */
export async function scoreReplies(
  commits: readonly Pick<Commit, "session" | "events">[],
  scorers: readonly Scorer[],
): Promise<readonly ReplyScore[]> {
  const scores: ReplyScore[] = [];
  for (const { session, of } of casesIn(commits)) {
    for (const scorer of scorers) {
      const found = await scoreOf(scorer, of, session);
      if (found !== undefined)
        scores.push({ scorer: scorer.name, session, sequence: of.reply.sequence, ...found });
    }
  }
  return scores;
}

/** Each reply, with what it replies to. */
function casesIn(
  commits: readonly Pick<Commit, "session" | "events">[],
): readonly { readonly session: string; readonly of: ScoredCase }[] {
  const events = commits.flatMap((commit) => commit.events);
  const inputs = new Map<number, { readonly type: string; readonly data: Json }>();
  const flows = new Map<RunId, string>();
  const session = commits[0]?.session ?? "";
  return events.flatMap((event, at) => {
    note(event, inputs, flows);
    if (event.type !== "ReplySent") return [];
    const { to, body, failed = false, run } = event.data;
    const input = inputs.get(to);
    if (input === undefined) return [];
    const flow = run && flows.get(run);
    const reply = { sequence: event.sequence, body, failed, ...(flow !== undefined && { flow }) };
    return [{ session, of: { reply, input, events: events.slice(0, at + 1) } }];
  });
}

function note(
  event: RecordedEvent,
  inputs: Map<number, { readonly type: string; readonly data: Json }>,
  flows: Map<RunId, string>,
): void {
  if (event.type === "InputAccepted") {
    const { type, data } = event.data.input;
    inputs.set(event.sequence, { type, data });
  }
  if (event.type === "RunQueued") flows.set(event.data.run, event.data.name);
}

async function scoreOf(scorer: Scorer, of: ScoredCase, session: string): Promise<Score | undefined> {
  const field = `${scorer.name} of ${session} ${of.reply.sequence}`;
  let given: Score | undefined;
  try {
    given = await scorer.scores(of);
  } catch (error) {
    throw wrong(field, `threw: ${messageOf(error)}`);
  }
  if (given === undefined) return undefined;
  const { score, label } = given;
  if (!(typeof score === "number" && score >= 0 && score <= 1))
    throw wrong(field, `is ${inWords(score)}, not a number from 0 to 1`);
  if (label !== undefined && !LABEL.test(label))
    throw wrong(field, "has a label that is not 1 to 64 letters, digits, spaces and ._:-");
  return { score, ...(label !== undefined && { label }) };
}

const wrong = (field: string, problem: string): SpineError =>
  problemError("setting.invalid", { field, problem, repair: "Correct the scorer." });
