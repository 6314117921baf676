import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { AgentTask } from "#core/agent-task.ts";
import {
  answered,
  defineAgent,
  type Agent,
  type AgentDefinition,
  type Contract,
  type ResolvedDoubt,
} from "#core/contract.ts";
import { isSpineError, SpineError } from "#core/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";
import type { AttemptRef } from "#core/ids.ts";
import type { Fault } from "./chaos.ts";
import { between, chance } from "#memory/seeded-chance.ts";
import { answerLate, flood, garbage, MISBEHAVIOURS, misbehave, type Reach } from "./misbehaviour.ts";
import { attemptOf, claimAnyway, lift, misname, overflow, OWN_MARKS, pose } from "./hostile-agents.ts";
import { needlesIn } from "./needles.ts";
import { attemptName, tenantOf } from "./sim-names.ts";
import type { Execution, Records } from "./observations.ts";
import { OFFERS, type Ground, type Worker } from "./worker.ts";

/** What every simulated agent answers with. */
export interface SimResult {
  readonly value: number;
  readonly items: readonly number[];
}

/** A result is an object with a number; anything else breaks the contract. */
const resultSchema: StandardSchemaV1<unknown, SimResult> = {
  "~standard": {
    version: 1,
    vendor: "event-spine",
    validate: (value) => {
      const { value: found, issues = 1 } = isJsonObject(value as Json) ? (value as JsonObject) : {};
      if (typeof found === "number") return { value: value as SimResult };
      return { issues: Array.from({ length: Number(issues) }, () => ({ message: "is no result" })) };
    },
  },
};

export type SimAgent = Omit<AgentDefinition<unknown, SimResult>, "output">;

/** A contract for the simulator, with short times. */
export function simAgent(definition: SimAgent): Contract {
  return defineAgent({
    timeoutMs: 5_000,
    retries: { max: 1, backoffMs: 400 },
    ...definition,
    output: resultSchema,
    // The simulator never looks at the types of views and results.
  }) as Contract;
}

/** Makes the contracts of a case's agents. */
export type Hire = (definition: SimAgent) => Contract;

/** Most agents of a case are hosted by one function. */
export const hireTogether: Hire = (definition) =>
  simAgent({ ...definition, ...(!/^[bc]/.test(definition.name) && { group: "crew" }) });

/** What an agent finds in a view. */
export type SimAnswer = (
  agent: string,
  view: JsonObject,
) => { readonly result: Json; readonly confidence: number };

/** A number and a list of numbers that depend on nothing but agent, session and view. */
function numbers(shown: string): ReturnType<SimAnswer> {
  const count = between(0, `${shown} items`, 0, 3);
  const result = {
    value: between(0, shown, 0, 99),
    items: Array.from({ length: count }, (_, index) => between(0, `${shown} ${index}`, 0, 9)),
  };
  return { result, confidence: Math.round(chance(0, `${shown} sure`) * 100) / 100 };
}

/** Agents tell the personal values that they were shown. */
function told(result: Json, shown: string): Json {
  const needles = needlesIn(shown);
  return needles.length > 0 && isJsonObject(result) ? { ...result, told: needles } : result;
}

/** Notes what agents do. */
export function watchAgents(records: Records, now: () => number): AgentWatch {
  return {
    ran: (agent, { session, task, attempt, context, signal }) => {
      const record = records.of(session);
      const committed = record.dispatched.has(attemptName({ task, attempt }));
      const execution: Execution = { session, agent, task, attempt, view: context, committed, at: now() };
      record.executions.push(execution);
      const ended = () => void (execution.ended ??= now());
      signal.addEventListener("abort", ended);
      return ended;
    },
    heard: ({ session, task, attempt }) => {
      const numbers: number[] = [];
      records.of(session).heard.push({ task, attempt, numbers });
      return numbers;
    },
    returned: ({ session, task, attempt }) => {
      const { returned } = records.of(session);
      const name = attemptName({ task, attempt });
      if (!returned.has(name)) returned.set(name, now());
    },
    acted: (agent, { session, task, attempt, idempotencyKey }, result) => {
      const record = records.of(session);
      const claimed = record.claimed.has(attemptName({ task, attempt }));
      record.acts.push({ session, key: idempotencyKey, agent, task, attempt, claimed });
      record.target.set(idempotencyKey, result);
    },
    known: ({ session, idempotencyKey }) => records.of(session).target.get(idempotencyKey),
    undid: ({ session }, key) => records.of(session).undone.push(key),
    another: ({ task }) => {
      for (const { executions } of records.bySession.values()) {
        const other = executions.findLast((execution) => execution.task !== task);
        if (other !== undefined) return attemptOf({ tenant: tenantOf(other.session), ...other });
      }
      return undefined;
    },
  };
}

/** What every agent's implementation stands on. */
export interface SimStaff {
  readonly ground: Ground;
  readonly watch: AgentWatch;
  readonly answer: SimAnswer | undefined;
  readonly reach: Reach;
  /** So many times as long as usual its work takes. */
  readonly pace: number;
}

export interface AgentWatch {
  /** An execution began; what it gives is called when it is over. */
  ran(agent: string, task: AgentTask<JsonObject>): () => void;
  /** Where the numbers of the signals are noted that an execution hears. */
  heard(task: AgentTask<JsonObject>): number[];
  /** It has a result to answer with. */
  returned(task: AgentTask<JsonObject>): void;
  /** An act on the outside world, and what the target will say of it. */
  acted(agent: string, task: AgentTask<JsonObject>, result: Json): void;
  /** What the target knows of a task's act, if there was one. */
  known(task: AgentTask<JsonObject>): Json | undefined;
  /** The act with this key was undone. */
  undid(task: AgentTask<JsonObject>, key: string): void;
  /** An attempt of another task, if one was ever run. */
  another(task: AgentTask<JsonObject>): AttemptRef | undefined;
}

const LEAST_WORK_MS = 5;
const MOST_WORK_MS = 120;
/** What an agent's work usually takes, ms. */
export const MEAN_WORK_MS = (LEAST_WORK_MS + MOST_WORK_MS) / 2;
/** So much more time takes an agent that is called slow: long enough for its context to change meanwhile. */
const SLOWER = 16;
/** And so much more one that is listened for: it takes up to a minute. */
const LONGER = 500;

/**
 * An agent whose result depends on nothing but what it is shown; whether it behaves depends on the view and on the
 * attempt, so that it does the same in every run of a seed.
 */
export function implementSimAgent(
  contract: Contract,
  worker: Worker,
  { ground, watch, answer, reach, pace }: SimStaff,
): Agent {
  const { name, effect, heartbeatMs } = contract.spec;
  const own = name.startsWith("slow") ? SLOWER : heartbeatMs === undefined ? 1 : LONGER;
  const run = async (task: AgentTask<JsonObject>): Promise<Json> => {
    const ended = watch.ran(name, task);
    try {
      return await work(task);
    } finally {
      ended();
    }
  };
  const work = async (task: AgentTask<JsonObject>): Promise<Json> => {
    const shown = `${name} ${task.session} ${JSON.stringify(task.context, withoutKey)}`;
    const misbehaviour = ground.chaos.at(
      `agent ${name} ${task.session} ${textMark(shown)} try ${task.attempt}`,
      MISBEHAVIOURS,
    );
    const workMs =
      own * pace * between(ground.seed, shown, LEAST_WORK_MS, MOST_WORK_MS) +
      (misbehaviour?.kind === "agent-slow" ? misbehaviour.value : 0);
    if (contract.spec.signals === undefined) await worker.clock.sleep(workMs);
    else await listening(worker, task, workMs, watch.heard(task));
    if (misbehaviour !== undefined) await misbehave(misbehaviour, task, worker, reach);
    const { result, ...sure } = answer?.(name, task.context) ?? numbers(shown);
    const found = { ...sure, result: told(result, shown), usage: { tokens: 10 } };
    if (effect === "once") await act(worker, () => watch.acted(name, task, found.result));
    const { undo = null } = task.context;
    if (isJsonObject(undo) && typeof undo["key"] === "string") watch.undid(task, undo["key"]);
    watch.returned(task);
    if (misbehaviour !== undefined) await attack(misbehaviour, task, found.result);
    // As below: the host unwraps it.
    if (misbehaviour?.kind === "agent-marks" && isJsonObject(found.result))
      return answered({ ...found, result: { ...found.result, marks: OWN_MARKS } }) as unknown as Json;
    // The host takes whatever an agent returns.
    if (misbehaviour?.kind === "agent-garbage") return garbage(misbehaviour.value) as Json;
    if (misbehaviour?.kind === "agent-floods") await flood(misbehaviour.value, task, found, reach);
    if (misbehaviour?.kind === "agent-late")
      return answerLate(misbehaviour.value, task, found, worker, reach);
    // The host unwraps it; to the plain result it only adds what the agent knows.
    return answered(found) as unknown as Json;
  };
  /** What it tries beside its work. */
  const attack = async ({ kind, value }: Fault, task: AgentTask<JsonObject>, result: Json): Promise<void> => {
    const other = watch.another(task);
    if (kind === "agent-claims") {
      await claimAnyway(task, reach);
      await worker.clock.sleep(value);
    }
    if (kind === "agent-overflows") await overflow(value, task, reach);
    if (kind === "agent-poses" && other !== undefined) await pose(value, task, other, reach);
    if (kind === "agent-misnames") await misname(value, task, reach);
    if (kind === "agent-lifts") await lift(value, task, result, reach);
  };
  const resolve = async (task: AgentTask<JsonObject>): Promise<ResolvedDoubt<Json>> => {
    watch.ran(name, task);
    const misbehaviour = ground.chaos.at(
      `agent ${name} ${task.session} asked ${task.attempt}`,
      MISBEHAVIOURS,
    );
    if (misbehaviour !== undefined) await misbehave(misbehaviour, task, worker, reach);
    const result = await worker.call("target.ask", OFFERS.read, async () => watch.known(task));
    if (result === undefined) return { happened: false };
    watch.returned(task);
    return { happened: true, result };
  };
  return { contract, run, ...(contract.spec.onDoubt === "ask" && { resolve }) };
}

const LISTENS = 4;

/** It works, and asks every now and then what it was told. */
async function listening(
  { clock }: Worker,
  task: AgentTask<JsonObject>,
  workMs: number,
  heard: number[],
): Promise<void> {
  for (let part = 0; part < LISTENS; part++) {
    await clock.sleep(workMs / LISTENS);
    heard.push(...(await task.signals()).map(({ number }) => number));
  }
}

/** The key of what is undone is made of ids, which are others in every run. */
const withoutKey = (name: string, value: unknown): unknown => (name === "key" ? undefined : value);

/** Acts once. A refusal before the effect is told as such; without an answer nobody knows. */
async function act(worker: Worker, happened: () => void): Promise<void> {
  try {
    await worker.call("target.act", OFFERS.write, async () => happened());
  } catch (error) {
    if (!isSpineError(error) || error.details["effect"] !== "not-done")
      throw new Error("The target gave no answer.", { cause: error });
    throw new SpineError("agent.failed", "The target was busy.", {
      retryable: true,
      details: { effect: "not-done" },
    });
  }
}

/** Names a view in a fault's site. */
const textMark = (text: string): string => Math.floor(chance(7, text) * 2 ** 32).toString(36);
