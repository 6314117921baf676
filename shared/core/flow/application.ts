import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Contract } from "../contract.ts";
import type { AgentName } from "../ids.ts";
import type { JsonObject } from "../json.ts";
import { canonicalText } from "./flow-text.ts";
import { awaitedTypes } from "./awaited.ts";
import { answersIn, contractsIn } from "./built-contracts.ts";
import { resolvePlan } from "./resolve.ts";
import { longestLife } from "./life.ts";
import type { CompiledFlow, CompiledNode, FlowDefinition, HashedFlow } from "./plan.ts";
import { storedSchema } from "./stored-schema.ts";
import { sectionsOf } from "./writes.ts";

export interface ApplicationDefinition {
  /** Contracts of agents that flows only name. @default none: those that steps were built with are found */
  readonly agents?: readonly Contract[];
  readonly flows: readonly FlowDefinition[];
  /** Schemas of the events' data, by event type. An event type without one accepts any data. @default none */
  readonly events?: Readonly<Record<string, StandardSchemaV1>>;
}

/** Agents and flows that belong together, ready to run. */
export interface Application {
  readonly contracts: ReadonlyMap<AgentName, Contract>;
  /** The flows that events start; flows that run only inside others are part of them. */
  readonly flows: readonly HashedFlow[];
  /** Flows that an event of this type starts when their conditions hold, in the order of definition. */
  byTrigger(type: string): readonly HashedFlow[];
  byHash(hash: string): HashedFlow | undefined;
  /** Types that start a flow or that a step waits for. */
  readonly eventTypes: ReadonlySet<string>;
  eventSchema(type: string): StandardSchemaV1 | undefined;
  /** The schema of a question's answer, by its wording: the question may be in an older version of its flow. */
  answerSchema(question: string): StandardSchemaV1 | undefined;
}

/** SHA-256 of a text; a parameter because the core has no platform. */
export interface TextDigest {
  sha256(text: string): string;
}

/**
 * Compiles flows that were checked before: functions do so at startup, with the application that was checked when their stack
 * was built. The linter stays out of their bundles.
 */
export function compileApplication(definition: ApplicationDefinition, digest: TextDigest): Application {
  const agents = contractsOf(definition);
  const answers = [...answersIn(definition.flows)].flatMap(([question, [schema]]) =>
    schema === undefined ? [] : [[question, schema] as const],
  );
  return indexApplication({
    contracts: agents,
    flows: compileFlows(agents, definition, digest),
    events: definition.events ?? {},
    answers: Object.fromEntries(answers),
  });
}

/** The parts of an application, compiled. */
export interface ApplicationParts {
  readonly contracts: readonly Contract[];
  readonly flows: readonly HashedFlow[];
  readonly events: Readonly<Record<string, StandardSchemaV1>>;
  /** Schemas of people's answers, by the wording of their question. */
  readonly answers: Readonly<Record<string, StandardSchemaV1>>;
}

export function indexApplication({ contracts, flows, events, answers }: ApplicationParts): Application {
  const triggers = new Set(flows.map(({ flow }) => flow.on));
  const byType = new Map([...triggers].map((type) => [type, flows.filter(({ flow }) => flow.on === type)]));
  const byHash = new Map(flows.map((hashed) => [hashed.hash, hashed]));
  return {
    contracts: new Map(contracts.map((contract) => [contract.spec.name, contract])),
    flows,
    byTrigger: (type) => byType.get(type) ?? [],
    byHash: (hash) => byHash.get(hash),
    eventTypes: new Set([...triggers, ...flows.flatMap(({ flow }) => [...awaitedTypes(flow.plan)])]),
    eventSchema: (type) => own(events, type),
    answerSchema: (question) => own(answers, question),
  };
}

const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** The contracts of an application: those it lists, and those that its flows were built with. */
export function contractsOf({ agents = [], flows }: ApplicationDefinition): readonly Contract[] {
  return [...agents, ...contractsIn(flows).filter((contract) => !agents.includes(contract))];
}

function compileFlows(
  agents: readonly Contract[],
  { flows, events = {} }: ApplicationDefinition,
  digest: TextDigest,
): readonly HashedFlow[] {
  const specs = new Map(agents.map(({ spec }) => [spec.name as string, spec]));
  const byName = new Map(flows.map((flow) => [flow.name, flow]));
  const schemas = new Map(Object.entries(events).map(([type, schema]) => [type, storedSchema(schema)]));
  return flows.flatMap((definition) => {
    const { name, on, onBusy = "queue", timeoutMs = Infinity } = definition;
    if (on === undefined) return [];
    const plan = resolvePlan(definition.plan, specs, byName);
    const flow: CompiledFlow = {
      name,
      on,
      ...(definition.if !== undefined && { if: definition.if }),
      onBusy,
      lifeMs: Math.min(longestLife(plan), timeoutMs),
      sections: sectionsOf(plan),
      ...awaitedSchemas(plan, schemas),
      plan,
    };
    // What runs is what was hashed: its keys sorted, nothing undefined, nothing shared with the definition.
    const text = canonicalText(flow);
    return [{ hash: digest.sha256(text), flow: JSON.parse(text) as CompiledFlow }];
  });
}

/** The hash of a flow's canonical text: the order of keys does not matter. */
export function hashFlow(flow: CompiledFlow, digest: TextDigest): string {
  return digest.sha256(canonicalText(flow));
}

/** The schemas of the events that a plan waits for; a later version of the application may have others, or none. */
function awaitedSchemas(plan: CompiledNode, schemas: ReadonlyMap<string, JsonObject | undefined>) {
  const known = [...awaitedTypes(plan)].flatMap((type) => {
    const schema = schemas.get(type);
    return schema === undefined ? [] : [[type, schema] as const];
  });
  return known.length === 0 ? {} : { events: Object.fromEntries(known) };
}
