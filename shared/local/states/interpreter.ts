import { StateMachine, type StateMachineDefinition } from "aws-local-stepfunctions";
import type { Json, JsonObject } from "#core/json.ts";
import type { Clock } from "#ports/clock.ts";
import type { Definition, State } from "./definition.ts";
import { deferred } from "../deferred.ts";
import { DATA_LIMIT, requireDataOf } from "./data-limit.ts";
import { until } from "./pause.ts";
import { withRetries, type Retrier } from "./retries.ts";
import { StatesError, TIMEOUT } from "./states-error.ts";
import { endOfWait } from "./wait.ts";

export interface InterpreterOptions {
  readonly clock: Clock;
  /** Calls the service of a task. It rejects with a StatesError. */
  readonly call: (resource: string, parameters: Json) => Promise<Json>;
}

/** A wait that an execution has come to: with its input and its beginning all that is needed to go on from there. */
export interface WaitingState {
  readonly state: string;
  readonly input: Json;
  /** When the wait began, ms. */
  readonly since: number;
}

export interface RunContext {
  readonly execution: JsonObject;
  readonly stateMachine: JsonObject;
  readonly stopped: AbortSignal;
  /** When the execution was started, ms: its life counts from then. */
  readonly startedAt: number;
  /** Where it goes on, after a stop of the runtime. @default at its start */
  readonly from?: WaitingState;
  /** Told of each wait, before it is waited for. */
  readonly onWait?: (waiting: WaitingState) => void;
}

/** Gives the output, or rejects with what ended the execution. */
export type Interpreter = (input: Json, context: RunContext) => Promise<Json>;

/** The longest timer of Node, in seconds: the library's own timers are never to fire. */
const NEVER_SECONDS = 2_147_483;

/**
 * Runs a definition on a clock. The library steps through the states; what takes time there (waits, pauses before
 * retries, timeouts) is taken out of the definition and done here, since its own timers know the machine's clock only.
 */
export function createInterpreter(definition: Definition, { clock, call }: InterpreterOptions): Interpreter {
  const { TimeoutSeconds: lifeSeconds, ...timeless } = definition;
  const states = Object.entries(definition.States);
  const machineFrom = (start: string) =>
    new StateMachine(
      // The library's type has each state's fields; those that are here were read one by one.
      {
        ...timeless,
        StartAt: start,
        States: Object.fromEntries(states.map(([name, state]) => [name, timelessState(state)])),
      } as unknown as StateMachineDefinition,
      { validationOptions: { noValidate: true } },
    );
  const machine = machineFrom(definition.StartAt);

  const wait = async (state: State, waiting: WaitingState, stopped: AbortSignal): Promise<Json> => {
    await until(clock, endOfWait(state, waiting.input, waiting.since), stopped);
    if (stopped.aborted) throw new StatesError("Stopped", "The execution was stopped.");
    return waiting.input;
  };
  const work = async (name: string, state: State, input: Json, stopped: AbortSignal): Promise<Json> => {
    requireDataOf(name, input);
    const result = await withRetries(retriersOf(state), clock, stopped, () =>
      within(clock, secondsOf(state), () => call(String(state["Resource"]), input)),
    );
    requireDataOf(name, result);
    return result;
  };

  const run = async (given: Json, context: RunContext, ended: AbortSignal): Promise<Json> => {
    let resumed = context.from;
    const overflow = deferred<never>();
    const runState = async (name: string, state: State, input: Json): Promise<Json> => {
      if (state.Type !== "Wait") {
        return work(name, state, input, ended).catch((error: unknown) => {
          // Thrown to the library, a Catch for all would take it.
          if (error instanceof StatesError && error.name === DATA_LIMIT) overflow.reject(error);
          throw error;
        });
      }
      const waiting = resumed ?? { state: name, input, since: clock.now() };
      resumed = undefined;
      // An input path would be gone twice.
      if (state["InputPath"] === undefined) context.onWait?.(waiting);
      return wait(state, waiting, ended);
    };
    const handlers = states
      .filter(([, { Type }]) => Type === "Task" || Type === "Wait")
      .map(([name, state]) => [name, (input: Json) => runState(name, state, input)] as const);
    const { from } = context;
    const input = from?.input ?? given;
    const { result, abort } = (from === undefined ? machine : machineFrom(from.state)).run(
      input as Parameters<StateMachine["run"]>[0],
      {
        overrides: { taskResourceLocalHandlers: Object.fromEntries(handlers) as never },
        context: { Execution: context.execution, StateMachine: context.stateMachine },
      },
    );
    ended.addEventListener("abort", abort, { once: true });
    return (await Promise.race([result, overflow.promise])) as Json;
  };

  return async (input, context) => {
    const ended = new AbortController();
    const stop = () => ended.abort();
    context.stopped.addEventListener("abort", stop, { once: true });
    try {
      const lived = (clock.now() - context.startedAt) / 1_000;
      const left = lifeSeconds === undefined ? Infinity : lifeSeconds - lived;
      return await within(clock, left, () => run(input, context, ended.signal));
    } finally {
      context.stopped.removeEventListener("abort", stop);
      stop();
    }
  };
}

/** The state as the library is given it: a wait is a task that ends when its time has come. */
function timelessState(state: State): object {
  if (state.Type !== "Task" && state.Type !== "Wait") return state;
  const rest = Object.entries(state).filter(([field]) => !TIMED.includes(field));
  return {
    ...Object.fromEntries(rest),
    Type: "Task",
    Resource: state["Resource"] ?? "wait",
    TimeoutSeconds: NEVER_SECONDS,
  };
}

const TIMED = ["Retry", "TimeoutSeconds", "Seconds", "SecondsPath", "Timestamp", "TimestampPath"];

// Fields that were read one by one.
const retriersOf = (state: State): readonly Retrier[] => (state["Retry"] ?? []) as readonly Retrier[];
const secondsOf = (state: State): number => (state["TimeoutSeconds"] ?? Infinity) as number;

/** Rejects with a timeout when the work takes longer, by the clock. */
async function within<T>(clock: Clock, seconds: number, work: () => Promise<T>): Promise<T> {
  if (seconds === Infinity) return work();
  const { signal, cancel } = clock.alarm(clock.now() + seconds * 1_000);
  const late = new Promise<never>((_, reject) => {
    const give = () => reject(new StatesError(TIMEOUT, `It took longer than ${seconds} s.`));
    signal.addEventListener("abort", give, { once: true });
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    cancel();
  }
}
