import type { AgentTask, ReceivedSignal } from "#core/agent-task.ts";
import type { Agent, Contract, MaybeAnswered, ResolvedDoubt } from "#core/contract.ts";
import { SpineError } from "#core/errors.ts";
import { AgentCrash } from "./agent-crash.ts";
import { clockOf } from "./clocked-task.ts";

/** An answer, or what makes one of a task. */
export type ScriptedAnswer<View, Result> =
  MaybeAnswered<Result> | ((task: AgentTask<View>) => MaybeAnswered<Result> | Promise<MaybeAnswered<Result>>);

/** An answer, or what makes one of the signal that was awaited and of its task. */
export type SignalledAnswer<View, Result> =
  | MaybeAnswered<Result>
  | ((
      signal: ReceivedSignal,
      task: AgentTask<View>,
    ) => MaybeAnswered<Result> | Promise<MaybeAnswered<Result>>);

/**
 * An agent that does what its test says, call after call. What is said with `times` is done so often; without, once if something else is said
 * after it, and otherwise for every further call. A call beyond the script fails, and is not tried again.
 */
export interface ScriptedAgent<View = unknown, Result = unknown> extends Agent {
  /** Answers. */
  answers(answer: ScriptedAnswer<View, Result>, times?: number): this;
  /** Throws an error that may pass, or the given one. */
  fails(times?: number, error?: Error): this;
  /** Never answers and does not heed its signal: its time runs out. */
  hangs(times?: number): this;
  /** Answers when so many milliseconds have passed on the spine's clock since it was called. */
  answersAfter(ms: number, answer: ScriptedAnswer<View, Result>, times?: number): this;
  /** Answers when so many milliseconds have passed since the attempt's deadline. */
  answersLate(ms: number, answer: ScriptedAnswer<View, Result>, times?: number): this;
  /** Answers when somebody has told it something under this name, whatever else it is told before; until then it is at work. */
  whenSignalled(name: string, answer: SignalledAnswer<View, Result>, times?: number): this;
  /** Its function dies in the middle of the task: no answer, and the message comes again when its queue shows it again. */
  crashes(times?: number): this;
  /** What it tells of an effect in doubt, where its contract says `onDoubt: "ask"`. @default that it cannot tell */
  resolves(doubt: ResolvedDoubt<Result>): this;
  /** What it was called with, in order. */
  readonly calls: readonly AgentTask<View>[];
}

const SCRIPTED = Symbol("scripted");

/** Whether an agent follows a script: its function may die. */
export const isScripted = (agent: Agent): boolean => SCRIPTED in agent;

type Move<View, Result> = (task: AgentTask<View>) => MaybeAnswered<Result> | Promise<MaybeAnswered<Result>>;

interface Line<View, Result> {
  readonly move: Move<View, Result>;
  /** How often; absent: once, or for ever if nothing follows. */
  readonly times: number | undefined;
}

/**
 * An agent whose answers and faults a test writes down.
 *
 * @example
 * const agent = scripted(greeter).fails(2).answers({ text: "Hello Ada" });
 * const scriptedSpine = inProcessSpine({ flows: [greeting], agents: [agent], clock: createMovableClock(0) });
 */
export function scripted<View, Result>(contract: Contract<View, Result>): ScriptedAgent<View, Result> {
  const { name } = contract.spec;
  const lines: Line<View, Result>[] = [];
  const calls: AgentTask<View>[] = [];
  let told: ResolvedDoubt<Result> | undefined;

  const run = (task: AgentTask<View>) => {
    calls.push(task);
    const move = moveAt(lines, calls.length);
    if (move === undefined) throw beyond(name, calls.length);
    return move(task);
  };
  const resolve = () => {
    if (told === undefined) throw new SpineError("agent.failed", `${name} cannot tell: call resolves().`);
    return told;
  };
  const add = (move: Move<View, Result>, times: number | undefined) => {
    if (times !== undefined && !(Number.isInteger(times) && times > 0))
      throw new SpineError(
        "contract.invalid",
        `times: ${times} is no count. Give a whole number from 1, or none.`,
      );
    lines.push({ move, times });
    return agent;
  };

  const agent: ScriptedAgent<View, Result> & { readonly [SCRIPTED]: true } = {
    [SCRIPTED]: true,
    ...contract.implement(run, resolve),
    answers: (answer, times) => add((task) => answerOf(answer, task), times),
    fails: (times, error) =>
      add(() => {
        throw error ?? new Error(`${name} fails, as its script says.`);
      }, times),
    hangs: (times) => add(() => new Promise(() => undefined), times),
    answersAfter: (ms, answer, times) =>
      add(async (task) => {
        await clockOf(task).sleep(ms);
        return answerOf(answer, task);
      }, times),
    answersLate: (ms, answer, times) =>
      add(async (task) => {
        const clock = clockOf(task);
        await clock.sleep(task.deadline - clock.now() + ms);
        return answerOf(answer, task);
      }, times),
    whenSignalled: (awaited, answer, times) =>
      add(async (task) => {
        for await (const signal of task.signals) {
          if (signal.name === awaited) return answerOf(bound(answer, signal), task);
        }
        throw new SpineError("agent.failed", `${name} was not told "${awaited}" in its time.`);
      }, times),
    crashes: (times) =>
      add(() => {
        throw new AgentCrash(`The function of ${name} dies, as its script says.`);
      }, times),
    resolves: (doubt) => {
      told = doubt;
      return agent;
    },
    calls,
  };
  return agent;
}

function answerOf<View, Result>(answer: ScriptedAnswer<View, Result>, task: AgentTask<View>) {
  // A result is JSON: a function can only be what makes one.
  return typeof answer === "function"
    ? (answer as (task: AgentTask<View>) => MaybeAnswered<Result>)(task)
    : answer;
}

/** What makes an answer of a task, where it is made of a signal too. */
function bound<View, Result>(
  answer: SignalledAnswer<View, Result>,
  signal: ReceivedSignal,
): ScriptedAnswer<View, Result> {
  if (typeof answer !== "function") return answer;
  // A result is JSON: a function can only be what makes one.
  const make = answer as (signal: ReceivedSignal, task: AgentTask<View>) => MaybeAnswered<Result>;
  return (task: AgentTask<View>) => make(signal, task);
}

/** What a script says for the nth call, from 1. */
function moveAt<View, Result>(
  lines: readonly Line<View, Result>[],
  call: number,
): Move<View, Result> | undefined {
  let until = 0;
  for (const [at, { move, times }] of lines.entries()) {
    until += times ?? (at === lines.length - 1 ? Infinity : 1);
    if (call <= until) return move;
  }
  return undefined;
}

const beyond = (name: string, calls: number): SpineError =>
  new SpineError(
    "agent.failed",
    `${name} is called ${calls} ${calls === 1 ? "time" : "times"}, and its script says less. End it with a move that has no number.`,
  );
