import type { StandardSchemaV1 } from "@standard-schema/spec";
import { keysOf } from "../../condition.ts";
import { splitPath } from "../../context/path.ts";
import type { Contract } from "../../contract.ts";
import type { FlowDefinition, TaskNode } from "../plan.ts";
import type { Shape, ShapeOf } from "../shape.ts";
import { visitPlan } from "../visit-plan.ts";
import { pathsWrittenBy, sectionOf } from "../writes.ts";
import { expressionsOf } from "./expressions.ts";
import { LintRule } from "./finding.ts";
import { fieldsAt, shapeOfValue, shapesAt } from "./json-shape.ts";
import { conditionReads, contractReads, readsOf, type Read } from "./read.ts";
import { subFlowsOf, type Scope } from "./scope.ts";

/** What is known of values: schemas of agents' results and of events' data. */
export interface Schemas {
  readonly outputs: ReadonlyMap<string, Contract["output"]>;
  readonly events: Readonly<Record<string, StandardSchemaV1>>;
  readonly shapeOf: ShapeOf;
}

/** Sections by name, each with all the shapes that its values can have; one that may hold anything is left out. */
type Shapes = ReadonlyMap<string, readonly Shape[]>;

/** A field that no schema of its section knows is never there: it was misspelt, or its agent's contract has changed. */
export function checkFields(scope: Scope, schemas: Schemas): void {
  const written = shapesOfSections(scope, schemas);
  const inner = new Set(scope.flows.flatMap((flow) => subFlowsOf(flow).map(({ name }) => name)));
  const ofEvent = (type: string | undefined): readonly Shape[] => {
    const schema = type === undefined ? undefined : schemas.events[type];
    return [schema === undefined ? undefined : schemas.shapeOf(schema)];
  };
  for (const flow of scope.flows) {
    const report = scope.report(flow);
    // What a sub-flow's input is depends on who uses it.
    const input = inner.has(flow.name) ? [undefined] : ofEvent(flow.on);
    const here: Shapes = new Map([...written, ["input", input]]);
    const check = (shapes: Shapes, { path, place }: Read): void => {
      const plain = path.startsWith("before.") ? path.slice("before.".length) : path;
      const section = sectionOf(plain);
      const keys = splitPath(plain).slice(1);
      const known = shapes.get(section);
      if (known === undefined || keys.length === 0 || known.some((shape) => mayHave(shape, keys))) return;
      const fields = fieldsAround(known, keys);
      const repair = fields.length === 0 ? "Read the value itself." : `It has ${fields.join(", ")}.`;
      report.error(
        LintRule.unknownField,
        place,
        `reads "${path}", but nothing written to "${section}" has that field`,
        repair,
      );
    };
    if (flow.if !== undefined) {
      const shapes: Shapes = new Map([...written, ["event", ofEvent(flow.on)]]);
      for (const read of readsOf("if", flow.if, true)) check(shapes, read);
    }
    visitPlan(flow.plan, ({ node, place }) => {
      const shapes: Shapes = node.kind === "wait" ? new Map([...here, ["event", ofEvent(node.event)]]) : here;
      const task = node.kind === "task" ? contractReads(node, place, (name) => scope.agents.get(name)) : [];
      for (const read of [...task, ...conditionReads(node, place)]) check(shapes, read);
      for (const { part, text } of expressionsOf(node)) {
        for (const path of keysOf(text).filter((key) => isNoText(shapes, key))) {
          report.error(
            LintRule.badCondition,
            `${place}/${part}`,
            `uses the value of "${path}" as a field name, and it is not a text`,
            `Write a fixed name in quotes: {"${path}": …}.`,
          );
        }
      }
    });
  }
}

/** The fields beside the first key that is unknown. */
function fieldsAround(shapes: readonly Shape[], keys: readonly string[]): readonly string[] {
  const unknown = keys.findIndex(
    (_key, at) => !shapes.some((shape) => mayHave(shape, keys.slice(0, at + 1))),
  );
  return [...new Set(shapes.flatMap((shape) => fieldsAt(shape, keys.slice(0, unknown))))];
}

const mayHave = (shape: Shape, keys: readonly string[]): boolean => shapesAt(shape, keys)?.length !== 0;

/** Where it is known to be an object, a list or null. */
function isNoText(shapes: Shapes, path: string): boolean {
  const known = shapes.get(sectionOf(path));
  const all = known?.map((shape) => shapesAt(shape, splitPath(path).slice(1)));
  const types = all?.flatMap((one) => one?.map(({ type }) => type) ?? [undefined]) ?? [undefined];
  return types.every((type) => type === "object" || type === "array" || type === "null");
}

function shapesOfSections(scope: Scope, { outputs, shapeOf }: Schemas): Shapes {
  const shapes = new Map<string, Shape[]>();
  const add = (section: string, shape: Shape) => shapes.set(section, [...(shapes.get(section) ?? []), shape]);
  const ofAgent = (name: string): Shape => {
    const schema = outputs.get(name);
    return schema === undefined ? undefined : shapeOf(schema);
  };
  const addTask = ({ agent, fallback }: TaskNode<string>): void => {
    const section = scope.agents.get(agent)?.writes;
    if (section === undefined) return;
    add(section, ofAgent(agent));
    for (const link of fallback) {
      if (link.type === "agent") add(section, ofAgent(link.agent));
      if (link.type === "value") add(section, shapeOfValue(link.value));
      // A person answers anything.
      if (link.type === "human") add(section, undefined);
    }
  };
  const visit = ({ plan }: FlowDefinition) =>
    visitPlan(plan, ({ node, inMap }) => {
      if (node.kind === "task" && !inMap) return addTask(node);
      const slotOf = (agent: string) => scope.agents.get(agent)?.writes;
      for (const path of pathsWrittenBy(node, slotOf)) add(sectionOf(path), undefined);
    });
  for (const flow of scope.flows) visit(flow);
  return shapes;
}
