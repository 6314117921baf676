import { isAnswered, type Agent, type AgentTask } from "#core/contract.ts";
import { isSpineError, messageOf, SpineError, problemError } from "#core/errors.ts";
import { formJson } from "#core/json-form.ts";
import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";
import { boundedText, problemsText } from "#core/problems.ts";
import type { AgentOutcome } from "#core/session/input.ts";
import type { TaskMessage } from "#core/session/task-messages.ts";
import type { Clock, Ids } from "#ports/clock.ts";
import type { CoordinatorDoor } from "#ports/agents.ts";
import type { AnswerQueue } from "#ports/queues.ts";
import type { Span, Tracer } from "#ports/tracer.ts";
import { agentSpan } from "./agent-span.ts";
import { inSpan } from "../session/in-span.ts";
import { chargedFor, checkReported, usageAttributes } from "./reported-usage.ts";
import { isRetryable } from "../session/retryable.ts";
import { startBeating } from "./start-beating.ts";
import { validate } from "../session/validate.ts";

export interface AgentHostPorts {
  readonly door: CoordinatorDoor;
  readonly answers: AnswerQueue;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Fetches a view that was too large for its message. */
  readonly fetchView: (url: string) => Promise<string>;
  /** Records each run of the agent as a span. @default nothing is recorded */
  readonly tracer?: Tracer;
}

/** What became of a delivered task. */
export type HostResult = "answered" | "not-run";

type FailedOutcome = Extract<AgentOutcome, { readonly status: "failed" }>;

/** A first delivery of a commit older than this may be late: the door is asked before the agent runs. */
const FRESH_MS = 5_000;
/** Between questions to a door that cannot be reached: the first pause, doubled up to the longest. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Runs one agent on the tasks that its queue delivers, inside each task's deadline, and answers. Throws only when the
 * answer could not be handed over by either way; then the message comes again.
 */
export function createAgentHost(
  agent: Agent,
  ports: AgentHostPorts,
): (message: TaskMessage, receiveCount: number) => Promise<HostResult> {
  return async (message, receiveCount) => {
    const { tenant, session, task, attempt, token } = message;
    const proof = { tenant, session, task, attempt, token };
    if (!(await mayRun(ports, message, receiveCount))) return "not-run";
    const outcome = await inSpan(ports.tracer, agentSpan(message), async (span) => {
      const ended = await runInTime(agent, ports, message, span);
      if (ended.status === "failed") span.fail(ended.error.code);
      return ended;
    });
    if (message.answerBy === "door") {
      const result = await answerAtDoor(ports, { ...proof, outcome });
      if (result) return "answered";
    }
    await ports.answers.send({ ...proof, outcome });
    return "answered";
  };
}

async function mayRun(ports: AgentHostPorts, message: TaskMessage, receiveCount: number): Promise<boolean> {
  const { tenant, session, task, attempt, token } = message;
  const proof = { tenant, session, task, attempt, token };
  if (message.effect === "once" && message.settles !== true) {
    // A claim whose answer was lost is granted again to the execution that holds it.
    const execution = ports.ids.next();
    return (await askAgain(ports, message, () => ports.door.claim(proof, execution))).go;
  }
  if (receiveCount === 1 && ports.clock.now() - message.committedAt < FRESH_MS) return true;
  return (await askAgain(ports, message, () => ports.door.look(proof))).go;
}

/**
 * Asks until the door answers or the task's time is over. Given back to its queue, the message would come again some seconds
 * later, and be a dead letter after a few times.
 */
async function askAgain<Result>(
  { clock }: AgentHostPorts,
  { deadline }: TaskMessage,
  ask: () => Promise<Result>,
): Promise<Result> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await ask();
    } catch (error) {
      if (!isRetryable(error) || clock.now() + pause >= deadline) throw error;
      await clock.sleep(pause);
    }
  }
}

/** False when the answer must take the queue: the door lost its races, or is not to be reached. */
async function answerAtDoor(
  ports: AgentHostPorts,
  answer: Parameters<CoordinatorDoor["answer"]>[0],
): Promise<boolean> {
  try {
    return (await ports.door.answer(answer)).type !== "busy";
  } catch (error) {
    if (isSpineError(error) && !error.retryable) throw error;
    return false;
  }
}

async function runInTime(
  agent: Agent,
  ports: AgentHostPorts,
  message: TaskMessage,
  span: Span,
): Promise<AgentOutcome> {
  const alarm = ports.clock.alarm(message.deadline);
  const outOfTime = failed("agent.timeout", `${message.agent} ran out of time.`, true);
  if (alarm.signal.aborted) return notDone(message, outOfTime);
  let ended: FailedOutcome | undefined;
  const late = new Promise<AgentOutcome>((resolve) =>
    alarm.signal.addEventListener("abort", () => resolve(ended ?? outOfTime), { once: true }),
  );
  const stopBeating = startBeating(ports, message, () => {
    ended = failed("task.settled", `The answer of ${message.agent} counts no longer.`, false);
    alarm.ring();
  });
  try {
    return await Promise.race([run(agent, ports, message, alarm.signal, span), late]);
  } finally {
    stopBeating();
    alarm.cancel();
  }
}

async function run(
  agent: Agent,
  ports: AgentHostPorts,
  message: TaskMessage,
  signal: AgentTask<JsonObject>["signal"],
  span: Span,
): Promise<AgentOutcome> {
  let context: JsonObject;
  try {
    context = await viewOf(agent, ports, message);
  } catch (error) {
    return notDone(message, outcomeOf(error));
  }
  try {
    // Its time may have run out while the view was fetched.
    if (signal.aborted) throw new SpineError("agent.timeout", `${message.agent} was not run.`);
    const { tenant, session, task, attempt, idempotencyKey, deadline, budget } = message;
    const given = { context, tenant, session, task, attempt, idempotencyKey, deadline, budget, signal };
    if (message.settles === true) return await resolveDoubt(agent, given);
    const value = await agent.run(given);
    if (!isAnswered(value)) return { status: "ok", result: toJson(value) };
    const { confidence, usage } = value;
    checkReported(value);
    span.set(usageAttributes(usage ?? {}));
    return {
      status: "ok",
      result: toJson(value.result),
      ...(confidence !== undefined && { confidence }),
      ...(usage !== undefined && { usage: chargedFor(usage) }),
    };
  } catch (error) {
    const outcome = outcomeOf(error);
    if (message.settles !== true) return outcome;
    // It speaks of the question: what became of the effect only an answer says.
    const { effect: _, ...unsure } = outcome;
    return unsure;
  }
}

/** Asks whether the effect of an earlier attempt happened. An agent that cannot tell fails: the effect stays in doubt. */
async function resolveDoubt(
  { contract, resolve }: Agent,
  task: AgentTask<JsonObject>,
): Promise<AgentOutcome> {
  if (resolve === undefined)
    return failed("effect.in-doubt", `${contract.spec.name} cannot tell whether its effect happened.`, false);
  const known = await resolve(task);
  if (known.happened) return { status: "ok", result: toJson(known.result) };
  return { ...failed("agent.failed", "Its effect did not happen.", true), effect: "not-done" };
}

/** The door holds a result against the contract; here it only has to be JSON that says the same. */
function toJson(value: unknown): Json {
  const formed = formJson(value, "result");
  if (formed.ok) return formed.value;
  throw problemError("answer.malformed", formed.problem);
}

/** The agent was never called: its effect cannot have happened. */
function notDone(message: TaskMessage, outcome: FailedOutcome): FailedOutcome {
  return message.effect === "once" && message.settles !== true ? { ...outcome, effect: "not-done" } : outcome;
}

async function viewOf(agent: Agent, ports: AgentHostPorts, message: TaskMessage): Promise<JsonObject> {
  const view: unknown =
    message.viewUrl === undefined ? message.view : JSON.parse(await ports.fetchView(message.viewUrl));
  if (!isJsonObject(view)) throw new SpineError("task.view", "The view is not an object.");
  const schema = agent.contract.input;
  if (schema === undefined) return view;
  const checked = await validate(schema, view, "context");
  if (checked.ok) return checked.value as JsonObject;
  const text = problemsText(checked.problems);
  throw new SpineError("task.view", `The context does not fit ${message.agent}'s input schema. ${text}.`, {
    problems: checked.problems,
  });
}

/** An agent says with a SpineError whether trying again makes sense; any other error may be passing. */
function outcomeOf(error: unknown): FailedOutcome {
  if (isSpineError(error)) {
    const notDone = error.details["effect"] === "not-done" ? ({ effect: "not-done" } as const) : {};
    return { ...failed(error.code, error.message, error.retryable), ...notDone };
  }
  return failed("agent.failed", messageOf(error), true);
}

function failed(code: string, message: string, retryable: boolean): FailedOutcome {
  return { status: "failed", error: { code, message: boundedText(message) }, retryable };
}
