import type { AgentTask } from "#core/agent-task.ts";
import { SpineError } from "#core/errors.ts";
import type { JsonObject } from "#core/json.ts";
import { parseSessionId, parseTaskId, parseTenantId } from "#core/ids.ts";
import type { AgentOutcome } from "#core/session/input.ts";
import type { AnswerMessage, AttemptProof } from "#core/session/task-messages.ts";
import type { CoordinatorDoor } from "#ports/agents.ts";
import type { AnswerQueue } from "#ports/queues.ts";
import type { ReadyTokens } from "#ports/secrets.ts";
import { FAULT_KINDS, type Fault } from "./chaos.ts";
import { needlesIn } from "./needles.ts";
import type { Worker } from "./worker.ts";

/** What an agent can reach of the spine besides its own queue. */
export interface Reach {
  readonly door: CoordinatorDoor;
  readonly answers: AnswerQueue;
  readonly tokens: ReadyTokens;
}

/** No result that belongs to its attempt has this value: one that does came in with a token that proves nothing. */
export const FORGED = -666;

export const MISBEHAVIOURS = FAULT_KINDS.filter((kind) => kind.startsWith("agent-"));

type Task = AgentTask<JsonObject>;
/** What an agent has found, as its host would hand it over. */
type Found = Omit<Extract<AgentOutcome, { readonly status: "ok" }>, "status">;

/** Of its own each time: what waits for one that is shared would outlive its run. */
const never = (): Promise<never> => new Promise(() => undefined);

/** What an agent does instead of its work; it may also just fail to come back. */
export async function misbehave(
  misbehaviour: Fault,
  task: Task,
  worker: Worker,
  reach: Reach,
): Promise<undefined> {
  // Whoever fails quotes what it failed at.
  const at = needlesIn(JSON.stringify(task.context)).join(" ");
  switch (misbehaviour.kind) {
    case "agent-fails":
      throw new SpineError("agent.failed", `It failed, and may succeed later. ${at}`, { retryable: true });
    case "agent-refuses":
      throw new SpineError("agent.failed", `It failed for good. ${at}`);
    case "agent-hangs":
      return never();
    case "agent-blocks":
      // Not even its host's alarm gets a turn: Lambda ends it at the function's timeout.
      worker.stop();
      return never();
    case "agent-dies":
      worker.die();
      return never();
    case "agent-throws":
      throw [new TypeError("task is not a function"), "a text", undefined][misbehaviour.value];
    case "agent-forges":
      return forge(misbehaviour.value, task, reach);
    default:
      return undefined;
  }
}

/** What an agent answers whose result fits no schema. */
export const garbage = (which: number): unknown => [{ wrong: true }, { value: 1n }, "a text", null][which];

export const proofOf = (task: Task, { tokens }: Reach): AttemptProof => {
  const attempt = refOf(task);
  return { ...attempt, token: tokens.issue(attempt) };
};

const refOf = ({ tenant, session, task, attempt }: Task) => ({
  tenant: parseTenantId(tenant),
  session: parseSessionId(session),
  task: parseTaskId(task),
  attempt,
});

/** The same answer over and over, and messages that are none, all to the answers queue. */
export async function flood(times: number, task: Task, found: Found, reach: Reach): Promise<void> {
  const answer: AnswerMessage = { ...proofOf(task, reach), outcome: { status: "ok", ...found } };
  const junk = { ...answer, outcome: { status: "perhaps" } };
  for (let copy = 0; copy < times; copy++) {
    // The agent sends what it likes, whatever the port's type says.
    const message = { ...(copy % 3 === 2 ? junk : answer), copy } as unknown as AnswerMessage;
    await quietly(() => reach.answers.send(message));
  }
}

/** Comes back long after its host gave it up, and answers all the same: by the door, or by the queue. */
export async function answerLate(
  afterMs: number,
  task: Task,
  found: Found,
  worker: Worker,
  reach: Reach,
): Promise<never> {
  await worker.clock.sleep(task.deadline + afterMs - worker.clock.now());
  const answer: AnswerMessage = { ...proofOf(task, reach), outcome: { status: "ok", ...found } };
  await quietly(() => (afterMs % 2 === 0 ? reach.answers.send(answer) : reach.door.answer(answer)));
  return never();
}

/** Speaks for attempts without their tokens: to the door and to the queue. */
async function forge(which: number, task: Task, reach: Reach): Promise<undefined> {
  const own = proofOf(task, reach);
  const lie: AttemptProof =
    which % 2 === 0 ? { ...own, token: `${own.token}0` } : { ...own, attempt: own.attempt + 1 };
  const result = { value: FORGED, items: [] };
  const answer: AnswerMessage = { ...lie, outcome: { status: "ok", result } };
  await quietly(() => reach.door.claim(lie, "forged"));
  await quietly(() => (which < 2 ? reach.door.answer(answer) : reach.answers.send(answer)));
  return undefined;
}

/** It does not care what it is told. */
export async function quietly(ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
  } catch {
    // A refusal, or no answer.
  }
}
