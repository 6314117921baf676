import { createHash } from "node:crypto";
import * as z from "zod";
import { defineAgent, type AgentDefinition, type Contract } from "#core/contract.ts";
import { lintFlows, type LintFinding } from "#core/flow/lint.ts";
import { fallback, step, type StepOptions } from "#core/flow/build.ts";
import type { FlowDefinition, PlanNode } from "#core/flow/plan.ts";

export const digest = { sha256: (text: string) => createHash("sha256").update(text).digest("base64url") };

type Overrides = Partial<Omit<AgentDefinition<unknown, unknown>, "name" | "output">>;

export const agent = (name: string, overrides: Overrides = {}): Contract =>
  defineAgent({ name, output: z.unknown(), ...overrides });

/** A step that the linter has nothing to say about. */
export const safe = (name: string, options: StepOptions = {}) =>
  step(name, { fallback: fallback.skip(), ...options });

/** A flow as its author might have written it in JSON: nothing is checked before the linter. */
export const flow = (plan: unknown, rest: Partial<FlowDefinition> = {}): FlowDefinition => ({
  name: "visit",
  on: "VisitAsked",
  ...rest,
  plan: plan as PlanNode,
});

export const AGENTS = ["a", "b", "c"].map((name) => agent(name));

/** What was found, as "rule flow/place". */
export const found = (
  flows: FlowDefinition | readonly FlowDefinition[],
  agents: readonly Contract[] = AGENTS,
): readonly string[] => lintFlows([flows].flat(), agents).map(labelled);

const labelled = ({ rule, flow, place }: LintFinding): string => `${rule} ${flow}/${place}`;
