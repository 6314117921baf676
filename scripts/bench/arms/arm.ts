import type { Account, FunctionPool, FunctionSpec } from "../kernel/function-pool.ts";
import type { Kernel, Label } from "../kernel/kernel.ts";
import type { Environment } from "../kernel/environment.ts";
import type { Meter } from "../kernel/meter.ts";
import type { Answer, Ledger, Section } from "../ledger.ts";
import type { Params } from "../params.ts";

/** What all arms have in common: the same agents, effects, caps, memory, account and client. */
export interface Ground {
  readonly kernel: Kernel;
  readonly meter: Meter;
  readonly ledger: Ledger;
  readonly account: Account;
  readonly workload: Workload;
  pool(spec: Pick<FunctionSpec, "name" | "cause"> & Partial<FunctionSpec>): FunctionPool;
}

export interface Workload {
  /** In sequence. */
  readonly agents: readonly string[];
  /** The one that acts in a system outside, and calls no model; none where only coordination is measured. */
  readonly effectOf: string | undefined;
  /** Executions of an agent's function at once. */
  readonly cap: number;
  /** Whether agents call a model. */
  readonly model: boolean;
  /** Whether agents take CPU of their own: without it, models and effects a run measures coordination alone. */
  readonly work: boolean;
}

/** How long an agent has. */
export const agentDeadlineMs = ({ wellBuilt }: Params, { model }: Workload): number =>
  model ? wellBuilt.callDeadlineMs : wellBuilt.quickDeadlineMs;

export interface Message {
  readonly session: string;
  /** 1, or 2 where a second one arrives; it is also the version of the facts that it brings. */
  readonly message: number;
}

/** An architecture under test. */
export interface Arm {
  /** One try of the client, which waits until `until`: an answer, or undefined where there was none. */
  request(message: Message, attempt: number, until: number): Promise<Answer | undefined>;
}

export type MakeArm = (ground: Ground) => Arm;

/** The work of an agent is the same everywhere: a model's call, a little CPU, and the same draws. */
export async function think(
  { kernel, ledger, workload }: Ground,
  environment: Environment,
  { session, message }: Message,
  agent: string,
): Promise<void> {
  const label: Label = { session: `${session}/${message}`, agent };
  const { faults, cpu } = kernel.params;
  const asksModel = workload.model && agent !== workload.effectOf;
  const fails = kernel.goesWrong(label, "agent fails", faults.modelError);
  const ms = fails ? faults.modelErrorMs : asksModel ? kernel.latency(label, "model") : 0;
  if (ms > 0) {
    const { modelMs } = ledger.of(session);
    modelMs.set(message, (modelMs.get(message) ?? 0) + ms);
    await environment.sleep(ms);
  }
  if (fails) throw new AgentFailure(`${agent} failed.`);
  if (workload.work) await environment.cpu(cpu.agent, "agents");
}

export class AgentFailure extends Error {}

/** The effect in the system outside; with a key it happens once. A call that is not seen to end stays under way. */
export async function act(
  { kernel, ledger }: Ground,
  environment: Environment,
  { session, message }: Message,
  { facts, key }: { readonly facts: number; readonly key: string | undefined },
): Promise<void> {
  const call = Symbol();
  ledger.of(session).effectsUnderWay.add(call);
  await environment.call("target", "effect", () =>
    ledger.perform(session, { message, facts, at: kernel.now }, key),
  );
  ledger.of(session).effectsUnderWay.delete(call);
}

export const sectionOf = (agent: string, message: number, facts: number): Section => ({
  agent,
  message,
  facts,
});
