import * as z from "zod";
import { defineAgent, type AgentDefinition, type Contract } from "#core/contract.ts";
import { defineApplication, type Application } from "#core/flow/compile.ts";
import type { FlowDefinition, PlanNode } from "#core/flow/plan.ts";
import { sha256Digest, World, type WorldOptions } from "#testing/given-when-then.ts";

type Overrides = Partial<Omit<AgentDefinition<unknown, unknown>, "name" | "output">>;

export const agent = (name: string, overrides: Overrides = {}): Contract =>
  defineAgent({
    name,
    output: z.unknown(),
    retries: { max: 0, backoffMs: 0 },
    timeoutMs: 10_000,
    ...overrides,
  });

/** Agents a to e: they read the input, answer within 10 s and are never tried again. */
const AGENTS = ["a", "b", "c", "d", "e"].map((name) => agent(name));

/** An application of some flows; agents given here take the place of those with their names. */
export function applicationOf(
  flows: readonly FlowDefinition[],
  agents: readonly Contract[] = [],
): Application {
  const others = AGENTS.filter(({ spec }) => agents.every((own) => own.spec.name !== spec.name));
  return defineApplication({ agents: [...agents, ...others], flows }, sha256Digest);
}

export const flowOf = (plan: PlanNode, rest: Partial<FlowDefinition> = {}): FlowDefinition => ({
  name: "visit",
  on: "Asked",
  plan,
  ...rest,
});

/** A session of an application whose one flow has this plan, started by `Asked`. */
export function running(
  plan: PlanNode,
  options: Partial<FlowDefinition> & {
    readonly agents?: readonly Contract[];
    readonly world?: WorldOptions;
    readonly data?: Parameters<World["event"]>[1];
  } = {},
): World {
  const { agents, world: worldOptions, data, ...rest } = options;
  const world = new World(applicationOf([flowOf(plan, rest)], agents), worldOptions);
  world.event("Asked", data);
  return world;
}

export const reasonOf = (world: World): string | undefined => {
  const failed = world.events().findLast((event) => event.type === "RunFailed");
  return failed?.data.error.code;
};

export const typesOf = (world: World): readonly string[] => world.events().map(({ type }) => type);
export const isDone = (world: World): boolean => Object.keys(world.state.runs).length === 0;
