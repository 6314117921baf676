import { asError, type Kernel, type Label } from "./kernel.ts";
import { Environment, Process } from "./environment.ts";
import type { Meter } from "./meter.ts";

export interface FunctionSpec {
  readonly name: string;
  /** Under what its CPU is counted. */
  readonly cause: string;
  /** Executions at once, as reserved concurrency or a mapping's bound keeps them. */
  readonly cap: number;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** Environments that stand ready at first. @default 0 */
  readonly warm?: number;
}

interface Idle {
  readonly since: number;
  readonly process: Process;
}

export type Outcome<T> =
  | { readonly type: "ok"; readonly value: T }
  /** The function threw, ran out of time, or its environment died. */
  | { readonly type: "error"; readonly error: Error };

/** How many functions of the account may run at once. */
export class Account {
  readonly #most: number;
  #running = 0;

  constructor(most: number) {
    this.#most = most;
  }

  enter(): boolean {
    if (this.#running >= this.#most) return false;
    this.#running += 1;
    return true;
  }

  leave(): void {
    this.#running -= 1;
  }
}

/**
 * One function: environments that each run one invocation at a time, start cold when none is idle, and are gone when they
 * have been idle for long. Who asks for more than the cap is refused at once, as Lambda refuses it: nothing waits in line.
 */
export class FunctionPool {
  readonly spec: FunctionSpec;
  readonly #kernel: Kernel;
  readonly #meter: Meter;
  readonly #account: Account;
  /** Idle environments, the one that was let go of last at the end. */
  readonly #idle: Idle[] = [];
  #running = 0;

  constructor(kernel: Kernel, meter: Meter, account: Account, spec: FunctionSpec) {
    this.#kernel = kernel;
    this.#meter = meter;
    this.#account = account;
    this.spec = spec;
    for (let at = 0; at < (spec.warm ?? 0); at += 1) this.#idle.push({ since: 0, process: new Process() });
  }

  /** Runs an invocation; undefined when there is no room. `ended` is told once, and never for what goes on after it. */
  start<T>(
    label: Label,
    work: (environment: Environment) => Promise<T>,
    ended: (outcome: Outcome<T>) => void,
  ): boolean {
    const { spec } = this;
    if (this.#running >= spec.cap || !this.#account.enter()) return false;
    this.#running += 1;
    const kernel = this.#kernel;
    const taken = this.#takeIdle();
    const isCold = taken === undefined;
    const process = taken ?? new Process();
    const startMs = isCold ? kernel.params.functions.coldStartMs : 0;
    if (isCold) this.#meter.cpu(`${spec.cause}, cold starts`, kernel.params.cpu.coldStart);
    const environment = new Environment(kernel, this.#meter, { label, spec, process });
    let isOver = false;
    const end = (outcome: Outcome<T>, survives: boolean): void => {
      if (isOver) return;
      isOver = true;
      limit.happening = undefined;
      this.#running -= 1;
      this.#account.leave();
      if (survives) this.#idle.push({ since: kernel.now, process });
      ended(outcome);
    };
    const limit = kernel.after(startMs + spec.timeoutMs, () => {
      end({ type: "error", error: new Error(`${spec.name} ran out of time.`) }, false);
      environment.die();
    });
    environment.onDeath = () => end({ type: "error", error: new Error(`${spec.name} died.`) }, false);
    kernel.after(startMs, () => {
      work(environment).then(
        (value) => end({ type: "ok", value }, true),
        (error: unknown) => end({ type: "error", error: asError(error) }, true),
      );
    });
    return true;
  }

  /** As Lambda does, takes the one that was let go of last. */
  #takeIdle(): Process | undefined {
    const idle = this.#idle.pop();
    if (idle === undefined) return undefined;
    if (this.#kernel.now - idle.since <= this.#kernel.params.functions.idleMs) return idle.process;
    this.#idle.length = 0;
    return undefined;
  }
}
