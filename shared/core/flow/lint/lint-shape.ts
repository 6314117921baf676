import { formProblem } from "../../json-form.ts";
import { isJsonObject } from "../../json.ts";
import { eventTypeProblem, flowNameProblem, isBranchName, isContextPath, isSection } from "../flow-names.ts";
import type { FlowDefinition, PlanNode } from "../plan.ts";
import { COMPENSATE } from "../visit-plan.ts";
import { LintRule, type Report } from "./finding.ts";

export const MAX_DEPTH = 32;
export const MAX_NODES = 500;

type Kind = PlanNode["kind"];
/** What a field must be; the text completes "must be …". Numbers and conditions have rules of their own. */
interface Field {
  readonly must: string;
  readonly optional?: true;
  test(value: unknown): boolean;
}

const text: Field = {
  must: "a non-empty text",
  test: (v) => typeof v === "string" && v.trim() !== "",
};
const expression: Field = { must: "a CEL expression", test: text.test };
const object: Field = { must: "an object", test: isJsonObject };
const list: Field = { must: "a list", test: Array.isArray };
const section: Field = { must: "one name without dots", test: isSection };
const event: Field = {
  must: 'an event type such as "VisitAsked"',
  test: (v) => eventTypeProblem(v, "") === undefined,
};
const oneOf = (...values: readonly string[]): Field => ({
  must: `one of ${values.join(", ")}`,
  test: (v) => values.includes(v as string), // `includes` compares; a value of another type is simply not found
});
const optional = (field: Field): Field => ({ ...field, optional: true });
const onTimeout = oneOf("fail", "continue");

const FIELDS: Readonly<Record<Kind, Readonly<Record<string, Field>>>> = {
  task: {
    agent: text,
    fallback: list,
    retries: optional(object),
    onStale: optional(oneOf("rerun", "drop", "accept")),
    compensate: optional(object),
  },
  sequence: { steps: list },
  parallel: {
    branches: object,
    join: object,
    losers: oneOf("cancel", "finish"),
    onTimeout: oneOf("fail", "partial"),
  },
  choice: { when: list },
  map: { over: expression, each: object },
  wait: {
    event,
    if: optional(expression),
    into: optional(section),
    take: optional(oneOf("first")),
    onTimeout,
  },
  human: { ask: text, into: section, onTimeout },
  flow: { flow: text },
  transform: { set: object },
  emit: { event, data: expression },
  reply: { body: expression },
};

const DEFINITION: Readonly<Record<string, Field>> = {
  on: optional(event),
  if: optional(expression),
  onBusy: optional(oneOf("queue", "parallel", "restart", "pre-empt", "reject")),
  together: optional({ must: "a list of flow names", test: (v) => Array.isArray(v) && v.every(text.test) }),
  plan: object,
};

const LINKS: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  agent: { agent: text },
  value: { value: { must: "a JSON value", test: (v) => v !== undefined } },
  "last-known": {},
  human: { ask: text },
  skip: {},
};
const JOINS: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  all: {},
  any: {},
  quorum: {},
  best: { into: section },
};

/** Reports whatever keeps a value from being a flow. True when it is one, so that the other rules can read it. */
export function checkShape(definition: unknown, report: Report): definition is FlowDefinition {
  const check = new ShapeCheck(report);
  check.definition(definition);
  return check.sound;
}

class ShapeCheck {
  sound = true;
  private nodes = 0;
  private readonly report: Report;

  constructor(report: Report) {
    this.report = report;
  }

  definition(value: unknown): void {
    if (!isJsonObject(value))
      return this.wrong("definition", "is not an object", "Describe it with defineFlow.");
    const name = flowNameProblem(value.name, "name");
    if (name !== undefined) this.wrong("name", name.problem, name.repair);
    this.fields(value, DEFINITION, "");
    if (value.on === undefined && value.if !== undefined) {
      this.wrong(
        "if",
        "is a trigger's condition, but the flow has no `on`",
        "Add `on`, or move the condition into a choice.",
      );
    }
    if (isJsonObject(value.plan)) this.node(value.plan, "plan", 1);
  }

  private node(value: unknown, place: string, depth: number): void {
    this.nodes += 1;
    if (depth > MAX_DEPTH)
      return this.tooMuch(LintRule.tooDeep, place, `is nested more than ${MAX_DEPTH} steps deep`);
    if (this.nodes > MAX_NODES) {
      // Said once; what follows is not looked at.
      if (this.nodes === MAX_NODES + 1) this.tooMuch(LintRule.tooLarge, place, `is step ${this.nodes}`);
      return;
    }
    const kind = isJsonObject(value) ? value.kind : undefined;
    if (!isJsonObject(value) || typeof kind !== "string" || !isKind(kind)) {
      const known = Object.keys(FIELDS).join(", ");
      return this.wrong(
        place,
        `${JSON.stringify(kind)} is not a kind of step`,
        `Use one of ${known}.`,
        LintRule.unknownKind,
      );
    }
    this.fields(value, FIELDS[kind], `${place}/`);
    this.inside(kind, value, place, depth + 1);
  }

  private inside(kind: Kind, value: Record<string, unknown>, place: string, depth: number): void {
    switch (kind) {
      case "task":
        entriesOf(value.fallback).forEach(([i, link]) =>
          this.variant(link, LINKS, `${place}/fallback/${i}`, "fallback"),
        );
        return isJsonObject(value.compensate) ? this.compensation(value.compensate, place, depth) : undefined;
      case "sequence":
        return entriesOf(value.steps).forEach(([i, child]) => this.node(child, `${place}/${i}`, depth));
      case "parallel":
        this.variant(value.join, JOINS, `${place}/join`, "join");
        return entriesOf(value.branches).forEach(([name, child]) => this.branch(name, child, place, depth));
      case "choice":
        entriesOf(value.when).forEach(([i, arm]) => {
          const at = `${place}/when/${i}`;
          if (!isJsonObject(arm)) return this.wrong(at, "is not an object", "Use { if, then }.");
          this.fields(arm, { if: expression }, `${at}/`);
          this.node(arm.then, at, depth);
        });
        if (value.otherwise !== undefined) return this.node(value.otherwise, `${place}/otherwise`, depth);
        return this.wrong(
          place,
          "has no `otherwise`, so nothing happens when no condition holds",
          "Add `otherwise`; an empty default can be a reply, an emit or a transform.",
          LintRule.choiceWithoutDefault,
        );
      case "map":
        return isJsonObject(value.each) ? this.node(value.each, `${place}/each`, depth) : undefined;
      case "transform":
        return entriesOf(value.set).forEach(([path, source]) => this.assignment(path, source, place));
      case "wait":
      case "human":
      case "flow":
      case "emit":
      case "reply":
        return;
    }
  }

  /** What undoes a step is one task, and nothing undoes it in turn. */
  private compensation(value: Readonly<Record<string, unknown>>, place: string, depth: number): void {
    const at = `${place}/${COMPENSATE}`;
    if (value.kind !== "task" || value.compensate !== undefined)
      return this.wrong(at, "is not a single task", "Use step(agent) without a compensation of its own.");
    this.node(value, at, depth);
  }

  private branch(name: string, child: unknown, place: string, depth: number): void {
    if (!isBranchName(name)) {
      this.wrong(`${place}/${name}`, "is not a branch's name", "Use 1 to 64 letters, digits, - and _.");
    }
    this.node(child, `${place}/${name}`, depth);
  }

  private assignment(path: string, source: unknown, place: string): void {
    const at = `${place}/set/${path}`;
    if (!isContextPath(path))
      this.wrong(at, "is not a context path", 'Use dotted names such as "offer.price".');
    this.fields({ [path]: source } as Record<string, unknown>, { [path]: expression }, `${place}/set/`);
  }

  /** A value whose `type` says which fields it has. */
  private variant(
    value: unknown,
    variants: Readonly<Record<string, Readonly<Record<string, Field>>>>,
    place: string,
    what: string,
  ): void {
    const type = isJsonObject(value) ? value.type : undefined;
    const fields = typeof type === "string" && Object.hasOwn(variants, type) ? variants[type] : undefined;
    if (isJsonObject(value) && fields !== undefined) {
      this.fields(value, fields, `${place}/`);
      const no = type === "value" ? formProblem(value.value ?? null, `${place}/value`) : undefined;
      return no === undefined ? undefined : this.wrong(no.field, no.problem, no.repair);
    }
    const known = Object.keys(variants).join(", ");
    this.wrong(place, `${JSON.stringify(type)} is not a type of ${what}`, `Use one of ${known}.`);
  }

  private fields(
    value: Readonly<Record<string, unknown>>,
    fields: Readonly<Record<string, Field>>,
    prefix: string,
  ): void {
    for (const [name, field] of Object.entries(fields)) {
      const found = value[name];
      if (field.optional && found === undefined) continue;
      if (field.test(found)) continue;
      const problem = found === undefined ? "is missing" : `is ${brief(found)}`;
      this.wrong(`${prefix}${name}`, problem, `It must be ${field.must}.`);
    }
  }

  private wrong(place: string, problem: string, repair: string, rule: LintRule = LintRule.badShape): void {
    this.sound = false;
    this.report.error(rule, place, problem, repair);
  }

  private tooMuch(rule: LintRule, place: string, problem: string): void {
    this.wrong(
      place,
      problem,
      `At most ${MAX_NODES} steps, ${MAX_DEPTH} deep: split the flow by an emit.`,
      rule,
    );
  }
}

const isKind = (kind: string): kind is Kind => Object.hasOwn(FIELDS, kind);

const entriesOf = (value: unknown): readonly (readonly [string, unknown])[] =>
  typeof value === "object" && value !== null ? Object.entries(value) : [];

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
