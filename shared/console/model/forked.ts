import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";
import type { OutlineEvent } from "./event-outline.ts";

/** What a fork begins with, without its values: the runs and open tasks that its origin had. */
export interface Forked {
  /** The session that it is a fork of, and as of which event. */
  readonly origin: string;
  readonly at: number;
  readonly runs: readonly ForkedRun[];
  readonly tasks: readonly CreatedTask[];
  /** What the answers that may be reused had used. @default nothing is known */
  readonly uses?: readonly ForkedUse[];
}

/** What an agent of the origin used for the answer that event `at` recorded there. */
export interface ForkedUse {
  readonly at: number;
  readonly tokens: number;
  readonly money: number;
}

export interface BegunRun {
  readonly run: string;
  /** Of its flow. */
  readonly name: string;
  /** The hash of its flow. */
  readonly flow: string;
}

export interface ForkedRun extends BegunRun {
  readonly steps: readonly ForkedStep[];
}

/** A step with what it had come to; of a choice the branch, of a wait the event, of a question its id. */
export interface ForkedStep {
  readonly step: string;
  readonly status: string;
  readonly branch?: string;
  readonly event?: string;
  readonly ask?: string;
}

export interface CreatedTask {
  readonly task: string;
  readonly run: string;
  readonly step: string;
  readonly agent: string;
}

/** Reads a fork's first event, as the API gives it. Where it is erased, nothing is known of its runs. */
export function forkedIn(data: JsonObject): Forked {
  const [origin, state] = [objectIn(data["origin"]), objectIn(data["state"])];
  return {
    origin: textIn(origin["session"]),
    at: Number(origin["at"]),
    runs: named(state["runs"]).map(([run, { name, flow, steps }]) => ({
      ...{ run, name: textIn(name), flow: textIn(flow) },
      steps: named(steps).map(([step, { status, branch, event, ask }]) => ({
        ...{ step, status: textIn(status) },
        ...(typeof branch === "string" && { branch }),
        ...(typeof event === "string" && { event }),
        ...(typeof ask === "string" && { ask }),
      })),
    })),
    tasks: named(state["tasks"]).map(([task, { run, step, agent }]) => ({
      ...{ task, run: textIn(run), step: textIn(step), agent: textIn(agent) },
    })),
    uses: usesIn(data["recorded"]),
  };
}

const usesIn = (outcomes: Json | undefined): readonly ForkedUse[] =>
  (Array.isArray(outcomes) ? outcomes : []).flatMap((outcome) => {
    const { at, usage } = objectIn(outcome);
    if (typeof at !== "number" || !isJsonObject(usage)) return [];
    const { tokens, money } = usage;
    return [{ at, tokens: numberIn(tokens), money: numberIn(money) }];
  });

/** Tasks that an event makes known: a fork goes on with those that were open in its origin. */
export function tasksFrom({ type, task, run, step, agent, forked }: OutlineEvent): readonly CreatedTask[] {
  if (forked !== undefined) return forked.tasks;
  if (type !== "TaskCreated" || task === undefined) return [];
  return [{ task, run: run ?? "", step: step ?? "", agent: agent ?? "" }];
}

/** Runs that an event begins, or that a fork goes on with. */
export function runsFrom({ type, run, name, flow, forked }: OutlineEvent): readonly BegunRun[] {
  if (forked !== undefined) return forked.runs;
  if (type !== "RunQueued" || run === undefined || flow === undefined) return [];
  return [{ run, name: name ?? "flow", flow }];
}

const objectIn = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});
const numberIn = (value: Json | undefined): number => (typeof value === "number" ? value : 0);
const textIn = (value: Json | undefined): string => (typeof value === "string" ? value : "");
const named = (value: Json | undefined) =>
  Object.entries(objectIn(value)).map(([name, one]) => [name, objectIn(one)] as const);
