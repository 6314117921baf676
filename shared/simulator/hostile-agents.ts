import type { AgentTask } from "#core/agent-task.ts";
import { parseSessionId, parseTaskId, type AttemptRef } from "#core/ids.ts";
import type { Json, JsonObject } from "#core/json.ts";
import type { AgentOutcome } from "#core/session/input.ts";
import type { AnswerMessage, AttemptProof } from "#core/session/task-messages.ts";
import { FORGED, proofOf, quietly, type Reach } from "./misbehaviour.ts";
import { sealedAnywhere } from "./sim-cipher.ts";

type Task = AgentTask<JsonObject>;

/** Fields by which the spine marks sealed and erased values, made by an agent: they are its result, and nothing else. */
export const OWN_MARKS: Json = [
  { $erased: true },
  { $erased: true, v: "mine" },
  { $sealed: "x", v: 1 },
  { $sealed: sealedAnywhere("not mine") },
  { $$sealed: "twice" },
];

/** Stands in names that are none: no log may have it. */
export const MISNAMED = "misnamed";
/** A schema that is asked for it finds so many problems. */
export const MANY_ISSUES = 60_000;
const TOO_DEEP = [65, 3_000] as const;
const TOO_MANY_CHARACTERS = 210_000;

/** Claims what its contract has no effect for: its result would count however stale its view is. */
export const claimAnyway = (task: Task, reach: Reach): Promise<void> =>
  quietly(() => reach.door.claim(proofOf(task, reach), "anyway"));

/** Tells the door what no session may have to hold: too deep, too large, or with more wrong than anybody reads. */
export async function overflow(which: number, task: Task, reach: Reach): Promise<void> {
  const nested = (depth: number): Json => JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`) as Json;
  const failure = { code: "agent.failed", message: "m".repeat(TOO_MANY_CHARACTERS) };
  const outcomes: readonly AgentOutcome[] = [
    { status: "ok", result: { value: 1, items: nested(TOO_DEEP[0]) } },
    { status: "ok", result: { value: 1, items: nested(TOO_DEEP[1]) } },
    { status: "ok", result: { value: 1, items: [], text: "t".repeat(TOO_MANY_CHARACTERS) } },
    { status: "ok", result: { issues: MANY_ISSUES } },
    { status: "failed", error: failure, retryable: true },
    { status: "failed", error: { ...failure, message: "no", code: failure.message }, retryable: true },
  ];
  const outcome = outcomes[which % outcomes.length];
  if (outcome !== undefined) await quietly(() => reach.door.answer({ ...proofOf(task, reach), outcome }));
}

/** Answers for the task of another agent or session, with the token that it has. */
export async function pose(which: number, task: Task, other: AttemptRef, reach: Reach): Promise<void> {
  const lie: AttemptProof = { ...proofOf(task, reach), ...other };
  const result = { value: FORGED, items: [] };
  const answer: AnswerMessage = { ...lie, outcome: { status: "ok", result } };
  await quietly(() => reach.door.claim(lie, "forged"));
  await quietly(() => (which % 2 === 0 ? reach.door.answer(answer) : reach.answers.send(answer)));
}

/** Names what no name can: control characters and halves of characters. */
export async function misname(which: number, task: Task, reach: Reach): Promise<void> {
  const own = proofOf(task, reach);
  const bad = `${MISNAMED}${["\u0007", "\ud83d", "\u0000", "\udc00"][which % 4]}`;
  // Its types are no concern of an agent's.
  const names = [
    { ...own, task: bad as typeof own.task },
    { ...own, session: bad as typeof own.session },
    { ...own, token: bad },
  ];
  for (const proof of names) {
    const answer: AnswerMessage = {
      ...proof,
      outcome: { status: "ok", result: { value: FORGED, items: [] } },
    };
    await quietly(() => reach.door.look(proof));
    await quietly(() => reach.door.claim(proof, bad));
    await quietly(() => (which % 2 === 0 ? reach.door.answer(answer) : reach.answers.send(answer)));
  }
}

/** Reports to have used less than nothing, and to be surer than sure. */
export async function lift(which: number, task: Task, result: Json, reach: Reach): Promise<void> {
  const reports = [
    { usage: { tokens: -1_000_000 } },
    { usage: { money: -1 } },
    { usage: { tokens: Number.NaN } },
    { confidence: 7 },
  ];
  const outcome: AgentOutcome = { status: "ok", result, ...reports[which % reports.length] };
  await quietly(() => reach.door.answer({ ...proofOf(task, reach), outcome }));
}

/** An attempt by what an agent may have seen of it. */
export const attemptOf = ({
  tenant,
  session,
  task,
  attempt,
}: Pick<AttemptRef, "tenant" | "attempt"> & {
  readonly session: string;
  readonly task: string;
}): AttemptRef => ({
  tenant,
  session: parseSessionId(session),
  task: parseTaskId(task),
  attempt,
});
