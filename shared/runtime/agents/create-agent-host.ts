import type { AgentTask } from "#core/agent-task.ts";
import { isAnswered, type Agent } from "#core/contract.ts";
import { HOST_PAUSE_MS } from "#core/flow/bounds.ts";
import { isSpineError, messageOf, SpineError, problemError } from "#core/errors.ts";
import { HOST_ANSWER_MS } from "#core/group-time.ts";
import { isLater, type Later, type LaterTask } from "#core/later.ts";
import { formJson } from "#core/json-form.ts";
import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";
import { boundedText, problemsText } from "#core/problems.ts";
import type { AgentOutcome } from "#core/session/input.ts";
import type { AnswerResult, LookResult, TaskMessage } from "#core/session/task-messages.ts";
import type { Clock, Ids } from "#ports/clock.ts";
import type { CoordinatorDoor } from "#ports/agents.ts";
import type { ProgressDoor } from "#ports/live-output.ts";
import type { AnswerQueue } from "#ports/queues.ts";
import type { Span, Tracer } from "#ports/tracer.ts";
import { agentSpan } from "./agent-span.ts";
import { createLater, type AnswerAddress } from "./create-later.ts";
import { createSignals } from "./create-signals.ts";
import { inSpan } from "../session/in-span.ts";
import { chargedFor, checkReported, usageAttributes } from "./reported-usage.ts";
import { isRetryable } from "../session/retryable.ts";
import { startBeating } from "./start-beating.ts";
import { startProgress } from "./start-progress.ts";
import { validate } from "../session/validate.ts";

export interface AgentHostPorts {
  readonly door: CoordinatorDoor;
  readonly answers: AnswerQueue;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Fetches a view that was too large for its message. */
  readonly fetchView: (url: string) => Promise<string>;
  /** Where it says what its agents do while they work. @default nowhere */
  readonly progress?: ProgressDoor;
  /** Records each run of the agent as a span. @default nothing is recorded */
  readonly tracer?: Tracer;
}

/** What became of a task. */
export type HostResult = "answered" | "not-run" | "later";

/** A message that an agent's queue delivers, and the invocation that it is delivered to. */
export interface Delivery {
  readonly message: TaskMessage;
  readonly receiveCount: number;
  /** When the invocation ends, ms since the epoch. @default it takes no task but this one */
  readonly endsAt?: number;
  /** Where a task is answered that the agent passes on. @default nobody says it */
  readonly answersAt?: AnswerAddress;
}

/** Runs tasks and answers them; gives what became of each: the delivered one, and those that the door handed over after it. */
export type AgentHost = (delivery: Delivery, onDone?: OnDone) => Promise<void>;
export type OnDone = (message: TaskMessage, result: HostResult | "failed") => void;

type FailedOutcome = Extract<AgentOutcome, { readonly status: "failed" }>;

/** A first delivery of a commit older than this may be late: the door is asked before the agent runs. */
const FRESH_MS = 5_000;
/** Between questions to a door that cannot be reached: the first pause, doubled up to the longest. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/** What of an answer's time may be gone by the time that the door has handed over a task: its clock is another one. */
const HANDED_LATE_MS = 3_000;

/**
 * Runs the agents of one function on the tasks that their queues deliver, inside each task's deadline, and answers; of a group, it goes on
 * with the task that the door hands it with an answer. Throws only when an answer could not be handed in by either way; then the
 * message comes again, and with it the task that its own answer handed over. What came later in the chain has its deadline.
 */
export function createAgentHost(agents: readonly Agent[], ports: AgentHostPorts): AgentHost {
  const byName = new Map<string, Agent>(agents.map((agent) => [agent.contract.spec.name, agent]));
  const [only] = agents;
  // A single agent may be deployed under another name.
  const agentOf = ({ agent }: TaskMessage) => (agents.length === 1 ? only : byName.get(agent));
  const isGroup = agents.length > 1;

  return async ({ message: first, receiveCount, endsAt = 0, answersAt = NOWHERE }, onDone) => {
    const now = () => ports.clock.now();
    const takes = (next: TaskMessage) =>
      agentOf(next) !== undefined && next.deadline + HOST_ANSWER_MS - HANDED_LATE_MS <= endsAt;
    let next: TaskMessage | undefined = first;
    while (next !== undefined) {
      const message: TaskMessage = next;
      let result: HostResult | "failed" = "failed";
      try {
        const agent = agentOf(message);
        if (agent === undefined) throw notHosted(message);
        const hand = () => (isGroup ? { nextWithinMs: Math.max(0, endsAt - HOST_ANSWER_MS - now()) } : {});
        const serving = { agent, ports, hand, answersAt };
        const served = await serve(serving, message, message === first ? receiveCount : 0);
        ({ result } = served);
        next = served.next !== undefined && isGroup && takes(served.next) ? served.next : undefined;
      } finally {
        onDone?.(message, result);
      }
    }
  };
}

const NOWHERE: AnswerAddress = { door: "" };

const notHosted = ({ agent }: TaskMessage): SpineError =>
  new SpineError(
    "internal",
    `This function hosts no agent "${agent}". Pass it to hostAgents, or give its queue its own function.`,
  );

interface Served {
  readonly result: HostResult;
  /** What the door handed over. */
  readonly next?: TaskMessage | undefined;
}

interface Serving {
  readonly agent: Agent;
  readonly ports: AgentHostPorts;
  /** What the answer says of the time that is left. */
  readonly hand: () => { readonly nextWithinMs?: number };
  readonly answersAt: AnswerAddress;
}

/** A task that may be worked on, and until when in this function: another may go on with it until its deadline. */
interface Work extends Serving {
  readonly message: TaskMessage;
  readonly until: number;
}

/** `receiveCount` is 0 for a task that the door handed over. */
async function serve(serving: Serving, message: TaskMessage, receiveCount: number): Promise<Served> {
  const { agent, ports, hand } = serving;
  const { tenant, session, task, attempt, token, deadline } = message;
  const proof = { tenant, session, task, attempt, token };
  await pauseUntil(ports.clock, message.notBefore);
  const { functionMs } = agent.contract.spec;
  const until = functionMs === undefined ? deadline : Math.min(deadline, ports.clock.now() + functionMs);
  const work: Work = { ...serving, message, until };
  const looked = await mayRun(work, receiveCount);
  if (!looked.go) return { result: "not-run", next: looked.next };
  const outcome = await inSpan(ports.tracer, agentSpan(message), async (span) => {
    const ended = await runInTime(work, span);
    if (!isLater(ended) && ended.status === "failed") span.fail(ended.error.code);
    return ended;
  });
  if (isLater(outcome)) {
    // The relay asks whether a task that was handed over has begun; if it hears nothing, it sends the task to its queue.
    if (message.handedBy !== undefined) await ports.door.beat(proof).catch(() => undefined);
    return { result: "later" };
  }
  if (message.answerBy === "door") {
    const taken = await answerAtDoor(ports, { ...proof, outcome, ...hand() });
    if (taken !== undefined) return { result: "answered", next: taken.next };
  }
  await ports.answers.send({ ...proof, outcome });
  return { result: "answered" };
}

/** The pause before a retry, and no longer: a clock that is far off must not hold up a task. */
async function pauseUntil(clock: Clock, notBefore = 0): Promise<void> {
  const ms = Math.min(HOST_PAUSE_MS, notBefore - clock.now());
  if (ms > 0) await clock.sleep(ms);
}

async function mayRun(work: Work, receiveCount: number): Promise<LookResult> {
  const { ports, message } = work;
  const { tenant, session, task, attempt, token } = message;
  const proof = { tenant, session, task, attempt, token };
  if (message.effect === "once" && message.settles !== true) {
    // A claim whose answer was lost is granted again to the execution that holds it.
    const execution = ports.ids.next();
    return askAgain(work, () => ports.door.claim(proof, execution));
  }
  // One that was handed over and comes by the queue may be at work elsewhere: the door was asked who began it.
  const isFirst = receiveCount === 0 || (receiveCount === 1 && message.handedBy === undefined);
  if (isFirst && ports.clock.now() - message.committedAt < FRESH_MS) return { go: true };
  return askAgain(work, () => ports.door.look(proof));
}

/**
 * Asks until the door answers or the task's time is over. Given back to its queue, the message would come again some seconds
 * later, and be a dead letter after a few times.
 */
async function askAgain<Result>(
  { ports: { clock }, until }: Work,
  ask: () => Promise<Result>,
): Promise<Result> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await ask();
    } catch (error) {
      if (!isRetryable(error) || clock.now() + pause >= until) throw error;
      await clock.sleep(pause);
    }
  }
}

/** Nothing when the answer must take the queue: the door lost its races, or is not to be reached. */
async function answerAtDoor(
  ports: AgentHostPorts,
  answer: Parameters<CoordinatorDoor["answer"]>[0],
): Promise<AnswerResult | undefined> {
  try {
    const result = await ports.door.answer(answer);
    return result.type === "busy" ? undefined : result;
  } catch (error) {
    if (isSpineError(error) && !error.retryable) throw error;
    return undefined;
  }
}

async function runInTime(work: Work, span: Span): Promise<AgentOutcome | Later> {
  const { ports, message, until } = work;
  const alarm = ports.clock.alarm(until);
  const late =
    until < message.deadline ? "was too slow to answer or to pass its task on" : "exceeded its deadline";
  const outOfTime = failed("agent.timeout", `${message.agent} ${late}.`, true);
  if (alarm.signal.aborted) return notDone(message, outOfTime);
  let ended: FailedOutcome | undefined;
  const timeIsOver = new Promise<AgentOutcome>((resolve) =>
    alarm.signal.addEventListener("abort", () => resolve(ended ?? outOfTime), { once: true }),
  );
  const stopBeating = startBeating(ports, message, () => {
    ended = failed("task.settled", `The answer of ${message.agent} no longer counts.`, false);
    alarm.ring();
  });
  const { progress, stop: stopTelling } = startProgress(ports, message);
  try {
    return await Promise.race([run(work, { signal: alarm.signal, progress }, span), timeIsOver]);
  } finally {
    stopTelling();
    stopBeating();
    alarm.cancel();
  }
}

async function run(
  { agent, ports, message, answersAt }: Work,
  { signal, progress }: Pick<AgentTask<JsonObject>, "signal" | "progress">,
  span: Span,
): Promise<AgentOutcome | Later> {
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
    const given: LaterTask<JsonObject> = {
      context,
      tenant,
      session,
      task,
      attempt,
      idempotencyKey,
      deadline,
      budget,
      signal,
      progress,
      signals: createSignals(ports, agent.contract.spec, message, signal),
      later: createLater(agent.contract.spec, message, answersAt),
    };
    if (message.settles === true) return await resolveDoubt(agent, given);
    const value = await agent.run(given);
    if (isLater(value)) return value;
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
