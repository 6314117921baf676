import { isDeepStrictEqual } from "node:util";
import type { Json } from "#core/json.ts";
import type { Clock } from "#ports/clock.ts";
import { AwsError } from "../http/service-error.ts";
import { forgetfulStore, type ExecutionStore } from "./execution-store.ts";
import type { Interpreter, WaitingState } from "./interpreter.ts";
import { StatesError, TIMEOUT } from "./states-error.ts";

export interface LocalStateMachine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  readonly run: Interpreter;
}

export type ExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

export interface Execution {
  readonly arn: string;
  readonly machine: LocalStateMachine;
  readonly name: string;
  readonly input: Json;
  readonly startedAt: number;
  readonly status: ExecutionStatus;
  readonly stoppedAt?: number;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
}

export interface Executions {
  /** Starts an execution; one that runs under this name with this input already is given back. */
  start(machine: LocalStateMachine, name: string, input: Json): Execution;
  find(arn: string): Execution;
  of(machine: LocalStateMachine): readonly Execution[];
  /** How many run. */
  open(): number;
  /** Ends it as somebody asked. One that has ended stays as it is. */
  stop(arn: string): Execution;
  /** Takes up what an earlier runtime kept: what ran goes on where it waited, what has ended keeps its name. Gives the number of the former. */
  resume(machines: ReadonlyMap<string, LocalStateMachine>): number;
  /** Ends them here; where they are kept, they run on when they are taken up. */
  stopAll(): void;
}

// The names that Step Functions takes: no white space, brackets, wildcards or other special characters.
const NAME = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]{1,80}$/;

interface Running {
  execution: Execution;
  waiting?: WaitingState;
  readonly stopped: AbortController;
}

/** The executions of all state machines. Names are never free again: on AWS they are after 90 days. */
export function createExecutions(
  clock: Clock,
  onEnd: (execution: Execution) => void,
  store: ExecutionStore = forgetfulStore,
): Executions {
  const executions = new Map<string, Running>();

  const save = ({ execution, waiting }: Running): void => {
    const { machine, ...rest } = execution;
    store.save({ ...rest, machineArn: machine.arn, ...(waiting !== undefined && { waiting }) });
  };

  const end = (running: Running, how: Partial<Execution> & Pick<Execution, "status">): void => {
    if (running.execution.status !== "RUNNING") return;
    running.execution = { ...running.execution, ...how, stoppedAt: clock.now() };
    save(running);
    onEnd(running.execution);
  };

  const run = async (running: Running): Promise<void> => {
    const { machine, name, arn, input, startedAt } = running.execution;
    const from = running.waiting;
    try {
      const output = await machine.run(input, {
        execution: { Id: arn, Name: name, RoleArn: machine.roleArn },
        stateMachine: { Id: machine.arn, Name: machine.name },
        stopped: running.stopped.signal,
        startedAt,
        ...(from !== undefined && { from }),
        onWait(waiting) {
          running.waiting = waiting;
          save(running);
        },
      });
      end(running, { status: "SUCCEEDED", output });
    } catch (error) {
      const { name: code, message } = reasonOf(error);
      const late = error instanceof StatesError && code === TIMEOUT;
      end(running, { status: late ? "TIMED_OUT" : "FAILED", error: code, cause: message });
    }
  };

  const find = (arn: string): Running => {
    const found = executions.get(arn);
    if (found === undefined)
      throw new AwsError("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
    return found;
  };

  return {
    start(machine, name, input) {
      if (!NAME.test(name)) throw new AwsError("InvalidName", `Invalid Name: '${name}'`);
      const arn = `${machine.arn.replace(":stateMachine:", ":execution:")}:${name}`;
      const known = executions.get(arn);
      if (known !== undefined) {
        const { execution } = known;
        if (execution.status === "RUNNING" && isDeepStrictEqual(execution.input, input)) return execution;
        throw new AwsError("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
      }
      const running: Running = {
        execution: { arn, machine, name, input, startedAt: clock.now(), status: "RUNNING" },
        stopped: new AbortController(),
      };
      executions.set(arn, running);
      save(running);
      void run(running);
      return running.execution;
    },
    find: (arn) => find(arn).execution,
    of: (machine) =>
      [...executions.values()].map(({ execution }) => execution).filter((each) => each.machine === machine),
    open: () => [...executions.values()].filter(({ execution }) => execution.status === "RUNNING").length,
    stop(arn) {
      const running = find(arn);
      end(running, { status: "ABORTED" });
      running.stopped.abort();
      return running.execution;
    },
    resume(machines) {
      let resumed = 0;
      for (const { machineArn, waiting, ...execution } of store.all()) {
        const machine = machines.get(machineArn);
        // It is no longer in the template.
        if (machine === undefined) continue;
        const running: Running = {
          execution: { ...execution, machine },
          ...(waiting !== undefined && { waiting }),
          stopped: new AbortController(),
        };
        executions.set(execution.arn, running);
        if (execution.status !== "RUNNING") continue;
        resumed += 1;
        void run(running);
      }
      return resumed;
    },
    stopAll() {
      for (const running of executions.values()) {
        if (running.execution.status !== "RUNNING") continue;
        // Not saved: it has not ended, but what it ran on has.
        running.execution = { ...running.execution, status: "ABORTED", stoppedAt: clock.now() };
        running.stopped.abort();
        onEnd(running.execution);
      }
    },
  };
}

/** The library wraps what a state threw. */
function reasonOf(error: unknown): Error {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return reason instanceof Error ? reason : new Error(String(reason));
}
