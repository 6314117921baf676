import type { StandardSchemaV1 } from "@standard-schema/spec";
import { defineAgent, OnDoubt, OnStale, type Contract } from "#core/contract.ts";
import {
  choice,
  defineFlow,
  emit,
  fallback,
  human,
  map,
  parallel,
  reply,
  sequence,
  step,
  subFlow,
  transform,
  waitFor,
} from "#core/flow/build.ts";
import { lintFlows } from "#core/flow/lint.ts";
import type { Fallback, FlowDefinition, Join, OnBusy, PlanNode, TaskNode } from "#core/flow/plan.ts";
import { visitPlan } from "#core/flow/visit-plan.ts";
import type { JsonObject } from "#core/json.ts";

/** A source of chance: seeded, so that what it leads to can be repeated. */
export interface Chance {
  /** In [0, 1). */
  next(): number;
}

/** A small generator with 32 bits of state (mulberry32). */
export function seededChance(seed: number): Chance {
  let state = seed >>> 0;
  return {
    next: () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}

export interface RandomApplication {
  readonly agents: readonly Contract[];
  readonly flows: readonly FlowDefinition[];
  /** Types that start flows, and types that only waits take. */
  readonly eventTypes: readonly string[];
}

const ANY: StandardSchemaV1 = {
  "~standard": { version: 1, vendor: "event-spine", validate: (value) => ({ value }) },
};
const WAITED = ["Paid", "Noted"];
const ON_BUSY: readonly OnBusy[] = ["queue", "parallel", "restart", "pre-empt", "reject"];
const MOST_TRIES = 200;

export const pick = <T>(chance: Chance, values: readonly [T, ...T[]] | readonly T[]): T =>
  // The index is inside: values are never empty here.
  values[Math.floor(chance.next() * values.length)] as T;
export const oneIn = (chance: Chance, n: number): boolean => chance.next() * n < 1;
export const upTo = (chance: Chance, most: number): number => Math.floor(chance.next() * (most + 1));

/** A random application that the linter has no error for, with every kind of step, join, fallback and contract in it now and then. */
export function randomApplication(chance: Chance): RandomApplication {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const made = new Generator(chance).application();
    if (lintFlows(made.flows, made.agents).every(({ severity }) => severity === "warning")) return made;
  }
  throw new Error(`None of ${MOST_TRIES} random applications passed the linter.`);
}

/** Data for an event of a random application: what its expressions read, or not quite. */
export function randomEventData(chance: Chance): JsonObject {
  const list = Array.from({ length: upTo(chance, 4) }, (_, i) => i);
  return { ...(oneIn(chance, 8) ? {} : { n: upTo(chance, 5) }), list, ok: oneIn(chance, 2) };
}

class Generator {
  private readonly agents: Contract[] = [];
  private readonly sections: string[] = [];
  private readonly parts: string[] = [];
  private readonly starts: string[] = [];
  private readonly chance: Chance;
  private names = 0;
  private budget = 0;

  constructor(chance: Chance) {
    this.chance = chance;
  }

  application(): RandomApplication {
    const flows: FlowDefinition[] = [];
    const count = 1 + upTo(this.chance, 2);
    this.starts.push(...Array.from({ length: count }, (_, i) => `Start${i}`));
    if (this.oneIn(2)) {
      flows.push(defineFlow({ name: "part", plan: this.plan(6) }));
      this.parts.push("part");
    }
    for (let i = 0; i < count; i++) {
      const twin = i > 0 && this.oneIn(6);
      flows.push(
        defineFlow({
          name: `flow${i}`,
          on: this.starts[twin ? i - 1 : i] ?? "Start0",
          ...(this.oneIn(2) && {
            if: this.pick(["!has(event.n) || event.n < 4", "!has(event.n) || event.n >= 0", "event.ok"]),
          }),
          onBusy: this.pick(ON_BUSY),
          ...(this.oneIn(5) && { timeoutMs: 1_000 + upTo(this.chance, 60_000) }),
          plan: this.plan(12),
        }),
      );
    }
    return {
      agents: this.agents,
      flows: flows.map((flow) => ({ ...flow, ...together(flow, flows) })),
      eventTypes: [...this.starts, ...WAITED],
    };
  }

  private plan(steps: number): PlanNode {
    this.budget = steps;
    const plan = this.several(3);
    return this.oneIn(3) ? sequence(plan, reply(this.expression())) : plan;
  }

  private node(depth: number): PlanNode {
    this.budget -= 1;
    const leaf = depth === 0 || this.budget <= 0;
    const draw = this.chance.next() * (leaf ? 60 : 100);
    if (draw < 34) return this.task();
    if (draw < 39) return this.wait();
    if (draw < 44)
      return human({
        ask: "Well?",
        into: this.section("person"),
        timeoutMs: this.ms(40_000),
        onTimeout: this.pick(["fail", "continue"]),
      });
    if (draw < 49) return transform({ [`${this.section("note")}.x`]: this.expression() });
    if (draw < 54)
      return emit(
        this.pick([...this.starts, ...WAITED]),
        this.pick(["{'n': has(input.n) ? input.n + 1 : 1, 'ok': true}", "input"]),
      );
    if (draw < 57) return reply(this.expression());
    if (draw < 60)
      return this.parts.length > 0 ? subFlow(this.pick(this.parts), this.bounds(4)) : this.task();
    if (draw < 72) return this.several(depth - 1);
    if (draw < 84) return this.fork(depth - 1);
    if (draw < 92) return this.decision(depth - 1);
    return this.items(depth - 1);
  }

  private several(depth: number): PlanNode {
    const steps = Array.from({ length: 1 + upTo(this.chance, 2) }, () => this.node(depth));
    return sequence(this.bounds(4), ...steps);
  }

  private fork(depth: number): PlanNode {
    const names = ["x", "y", "z"].slice(0, 2 + upTo(this.chance, 1));
    const branches = Object.fromEntries(names.map((name) => [name, this.node(depth)]));
    const joins: readonly Join[] = [
      { type: "all" },
      { type: "any" },
      { type: "quorum", n: 1 + upTo(this.chance, names.length - 1) },
      { type: "best", into: this.section("best") },
    ];
    return parallel({
      branches,
      join: this.pick(joins),
      losers: this.pick(["cancel", "finish"]),
      onTimeout: this.pick(["fail", "partial"]),
      ...this.bounds(2),
    });
  }

  private decision(depth: number): PlanNode {
    const known = this.sections[0] ?? "input";
    const conditions = [
      "input.n > 2",
      "has(input.n)",
      `confidence.${known} < 0.5`,
      "input.missing.deeply == 1",
    ];
    return choice({
      when: [{ if: this.pick(conditions), then: this.node(depth) }],
      otherwise: this.node(depth),
    });
  }

  private items(depth: number): PlanNode {
    const each = this.node(depth);
    const over = this.pick([
      "has(input.list) ? input.list : []",
      "has(input.list) ? input.list : []",
      "input.list",
    ]);
    return map({
      over,
      each,
      ...(this.oneIn(4) && { key: "'of-' + string(item.value)" }),
      maxItems: this.oneIn(6) ? 2 : 5,
      maxConcurrent: sharesSections(each) ? 1 : 1 + upTo(this.chance, 2),
      ...this.bounds(4),
    });
  }

  private task(): PlanNode {
    const overrides = {
      ...(this.oneIn(8) && { timeoutMs: this.ms(10_000) }),
      ...(this.oneIn(8) && { retries: { max: upTo(this.chance, 2), backoffMs: upTo(this.chance, 3_000) } }),
      ...(this.oneIn(8) && { onStale: this.pick(Object.values(OnStale)) }),
    };
    const links = Array.from({ length: upTo(this.chance, 2) }, () => this.fallback());
    const undone = this.oneIn(5) ? { compensate: this.compensation() } : {};
    return step(this.agent(), { ...overrides, ...undone, fallback: links });
  }

  private compensation(): TaskNode<string> {
    const links = this.oneIn(3) ? [fallback.human({ ask: "Undone?", timeoutMs: this.ms(20_000) })] : [];
    return step(this.agent("undo"), { fallback: links });
  }

  private fallback(): Fallback<string> {
    const draw = upTo(this.chance, 5);
    if (draw <= 1) return fallback.agent(this.agent());
    if (draw === 2) return fallback.value({ by: "value" });
    if (draw === 3) return fallback.lastKnown();
    return draw === 4 ? fallback.human({ ask: "What now?", timeoutMs: this.ms(20_000) }) : fallback.skip();
  }

  private agent(...reads: readonly string[]): Contract {
    const name = this.section("agent");
    const effect = this.oneIn(4) ? "once" : "none";
    const agent = defineAgent({
      name,
      output: ANY,
      reads: [...reads, this.pick(["input", "input.n", "session.channel"]), this.known()],
      keeps: this.oneIn(10),
      timeoutMs: this.ms(20_000),
      retries: { max: upTo(this.chance, 2), backoffMs: this.oneIn(3) ? 0 : upTo(this.chance, 4_000) },
      effect,
      onStale: this.pick(Object.values(OnStale)),
      onDoubt: effect === "none" ? "fail" : this.onDoubt(),
    });
    this.agents.push(agent);
    return agent;
  }

  /** A section of this run, or now and then what an earlier one left in it. */
  private known(): string {
    const section = this.pick(this.sections);
    return this.oneIn(6) ? `before.${section}` : section;
  }

  private onDoubt(): OnDoubt {
    return this.pick([...Object.values(OnDoubt), { person: "Did it happen?", timeoutMs: this.ms(20_000) }]);
  }

  private wait(): PlanNode {
    return waitFor(this.pick(WAITED), {
      ...(this.oneIn(3) && { if: "event.ok" }),
      ...(this.oneIn(2) && { into: this.section("event_data") }),
      // Without a draw of its own: what a seed makes stays as it is.
      ...(this.names % 4 === 0 && { take: "first" as const }),
      timeoutMs: this.ms(40_000),
      onTimeout: this.pick(["fail", "continue"]),
    });
  }

  private section(kind: string): string {
    this.names += 1;
    const name = `${kind}${this.names}`;
    this.sections.push(name);
    return name;
  }

  private expression(): string {
    const known = this.pick([...this.sections, "input"]);
    return this.pick([
      "1 + 1",
      "input",
      `{'said': has(${known}.x)}`,
      "input.n",
      "'text'",
      `{'before': has(before.${known})}`,
    ]);
  }

  private bounds(n: number): { readonly timeoutMs?: number } {
    return this.oneIn(n) ? { timeoutMs: this.ms(60_000) } : {};
  }

  private ms(most: number): number {
    return 500 + upTo(this.chance, most);
  }

  private pick<T>(values: readonly T[]): T {
    return pick(this.chance, values);
  }

  private oneIn(n: number): boolean {
    return oneIn(this.chance, n);
  }
}

/** Flows with one trigger name each other. */
function together(
  flow: FlowDefinition,
  flows: readonly FlowDefinition[],
): { readonly together?: readonly string[] } {
  if (flow.on === undefined) return {};
  const others = flows.filter((other) => other !== flow && other.on === flow.on).map(({ name }) => name);
  return others.length > 0 ? { together: others } : {};
}

/** Whether items would write one section that is not kept by item. */
function sharesSections(each: PlanNode): boolean {
  let shares = false;
  visitPlan(each, ({ node }) => {
    const writes =
      node.kind === "transform" || node.kind === "human" || (node.kind === "wait" && node.into !== undefined);
    if (writes || node.kind === "flow" || (node.kind === "parallel" && node.join.type === "best"))
      shares = true;
  });
  return shares;
}
