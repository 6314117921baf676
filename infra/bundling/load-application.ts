import { resolve } from "node:path";
import * as z from "zod";
import type { Contract, ContractSpec } from "#core/contract.ts";
import { compileApplication, contractsOf, type ApplicationDefinition } from "#core/flow/application.ts";
import {
  formatFinding,
  lintFlows,
  standardShape,
  type LintFinding,
  type Shape,
  type ShapeOf,
} from "#core/flow/lint.ts";
import { lintPersonal } from "#core/flow/lint/lint-personal.ts";
import type { FlowDefinition } from "#core/flow/plan.ts";
import { visitPlan } from "#core/flow/visit-plan.ts";
import { loadModule } from "./load-module.ts";
import { packApplication, type CodeSchema, type Packed } from "./pack-application.ts";

/** An application's module, loaded to learn its agents and check its flows; the functions bundle the same module. */
export interface LoadedApplication {
  readonly path: string;
  readonly definition: ApplicationDefinition;
  /** What it is as data, made once: whoever checks it and whoever bundles it ask for the same. */
  packed(): Packed;
}

const loadedBefore = new Map<string, LoadedApplication>();

/**
 * Loads a module that exports `applicationDefinition`, once in a process. It must load without waiting: no `await` at its top level.
 */
export function loadApplication(path: string): LoadedApplication {
  const absolute = resolve(path);
  const known = loadedBefore.get(absolute);
  if (known !== undefined) return known;
  // What it exports is the user's; its form is looked at below, its content by the linter.
  const loaded = loadModule(absolute) as { readonly applicationDefinition?: ApplicationDefinition };
  const definition = loaded.applicationDefinition;
  if (definition === undefined || !Array.isArray(definition.flows)) {
    throw new Error(
      `The application ${path} exports no applicationDefinition. Export const applicationDefinition: ApplicationDefinition = { flows, events }.`,
    );
  }
  let packed: Packed | undefined;
  const application = { path: absolute, definition, packed: () => (packed ??= packApplication(definition)) };
  loadedBefore.set(absolute, application);
  return application;
}

/** As the linter reads them, and of zod's smaller schemas, which do not say it themselves. */
const shapeOf: ShapeOf = (schema) => {
  const shape = standardShape(schema);
  if (shape !== undefined || !("_zod" in schema)) return shape;
  // What has `_zod` is one of its schemas.
  return z.toJSONSchema(schema as unknown as z.core.$ZodType, {
    unrepresentable: "any",
    io: "output",
  }) as Shape;
};

export interface Findings {
  readonly errors: readonly string[];
  readonly warnings: readonly LintFinding[];
  /** Schemas for which functions carry the application's code, and the libraries that it was written with. */
  readonly codeSchemas: readonly CodeSchema[];
}

/** What a stack makes of an application. */
export interface Hosting {
  /** Agents that have a function in the stack, and those that have one in another. */
  readonly hosted: ReadonlySet<string>;
  /** Groups that have one. */
  readonly groups: ReadonlySet<string>;
  readonly elsewhere: ReadonlySet<string>;
  /** Personal paths of each tenant that declares some. */
  readonly personal: readonly (readonly string[])[];
}

/** What the linter says about the flows, and what is wrong between flows, contracts and the agents that are deployed. */
export function checkApplication(
  application: Pick<LoadedApplication, "definition" | "packed">,
  { hosted: alone, groups, elsewhere, personal }: Hosting,
): Findings {
  const { definition } = application;
  const agents = contractsOf(definition);
  const findings = [...lintFlows(definition.flows, agents, { events: definition.events ?? {}, shapeOf })];
  // Only what is sound can be compiled.
  if (findings.every(({ severity }) => severity === "warning"))
    findings.push(...personalFindings(definition, personal));
  const contracts = new Set<string>(agents.map(({ spec }) => spec.name));
  const grouped = agents.filter(({ spec }) => spec.group !== undefined && groups.has(spec.group));
  const hosted = new Set([...alone, ...grouped.map(({ spec }) => spec.name)]);
  const errors = findings.filter(({ severity }) => severity === "error").map(formatFinding);
  for (const name of [...hosted, ...elsewhere]) {
    if (!contracts.has(name)) {
      errors.push(
        `error unknown-agent agents/${name}: the application has no contract of that name. Add it to the application's agents, or correct the name.`,
      );
    }
  }
  for (const group of groups) {
    if (!agents.some(({ spec }) => spec.group === group))
      errors.push(
        `error unknown-group groups/${group}: no contract names this group. Add group: "${group}" to the contracts of its agents, or correct the name.`,
      );
    if (alone.has(group))
      errors.push(
        `error group-name groups/${group}: an agent has the same name, and so would its function. Rename the group.`,
      );
  }
  for (const { spec } of agents) {
    if (spec.group !== undefined && alone.has(spec.name))
      errors.push(
        `error grouped-agent agents/${spec.name}: its contract names the group "${spec.group}", so that group's function hosts it. Host it under groups, or remove its group.`,
      );
  }
  for (const name of contracts) {
    if (!hosted.has(name) && !elsewhere.has(name)) {
      errors.push(
        `error unhosted-agent agents/${name}: no function runs it. Add it to agents, or to agentsElsewhere when another stack hosts it.`,
      );
    }
    if (hosted.has(name) && elsewhere.has(name)) {
      errors.push(
        `error hosted-twice agents/${name}: it is in agents and in agentsElsewhere. Leave it in one of the two.`,
      );
    }
  }
  const packed = errors.length === 0 ? application.packed() : undefined;
  return {
    errors,
    warnings: findings.filter(({ severity }) => severity === "warning"),
    codeSchemas: packed?.type === "code" ? packed.schemas : [],
  };
}

/** Nobody asks for the hashes of what is only looked at. */
const NAMELESS = { sha256: (text: string): string => text };

/** What tenants declare as personal is the same for most: each finding is told once. */
function personalFindings(
  definition: ApplicationDefinition,
  personal: readonly (readonly string[])[],
): readonly LintFinding[] {
  if (personal.length === 0) return [];
  const flows = compileApplication(definition, NAMELESS).flows.map(({ flow }) => flow);
  const found = personal.flatMap((paths) => lintPersonal(flows, paths));
  return [...new Map(found.map((finding) => [formatFinding(finding), finding])).values()];
}

/** Contracts with the longest timeout that the flows give them; their function's timeout must be longer. */
export function longestContracts(
  { definition }: Pick<LoadedApplication, "definition">,
  fits: (spec: ContractSpec) => boolean,
): readonly Pick<Contract, "spec">[] {
  return contractsOf(definition)
    .filter(({ spec }) => fits(spec))
    .map(({ spec }) => ({ spec: { ...spec, timeoutMs: longestTimeoutMs(spec, definition.flows) } }));
}

/** How long an agent may take at most: its contract's timeout, or a step's that allows it more. */
function longestTimeoutMs(spec: ContractSpec, flows: readonly FlowDefinition[]): number {
  let longest = spec.timeoutMs;
  for (const { plan } of flows) {
    visitPlan(plan, ({ node }) => {
      if (node.kind === "task" && node.agent === spec.name) longest = Math.max(longest, node.timeoutMs ?? 0);
    });
  }
  return longest;
}
