import { FAULT_KINDS, type Fault } from "./chaos.ts";
import { CONSEQUENCES, PRIMITIVES, primitivesOf } from "./coverage.ts";
import type { RunResult, SeedResult } from "./run-seed.ts";
import { START } from "./sim-names.ts";
import type { Violation } from "./checks/violation.ts";

/** What many seeds came to. */
export interface Summary {
  readonly seeds: number;
  readonly sessions: number;
  readonly inputs: number;
  readonly events: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly consequences: Readonly<Record<string, number>>;
  /** Sessions in which each occurred. */
  readonly primitives: Readonly<Record<string, number>>;
  /** Sessions whose end was held against the run without faults. */
  readonly compared: number;
  readonly violations: number;
  readonly sessionsPerSecond: number;
}

/** Adds up what seeds did. */
export class Tally {
  #seeds = 0;
  #sessions = 0;
  #inputs = 0;
  #events = 0;
  #compared = 0;
  #violations = 0;
  readonly #faults = new Map<string, number>(FAULT_KINDS.map((kind) => [kind, 0]));
  readonly #consequences = new Map<string, number>(CONSEQUENCES.map((name) => [name, 0]));
  readonly #primitives = new Map<string, number>(PRIMITIVES.map((name) => [name, 0]));

  add({ histories, faults, consequences, compared, violations }: SeedResult): void {
    this.#seeds += 1;
    this.#compared += compared;
    this.#violations += violations.length;
    for (const { kind } of faults) count(this.#faults, kind, 1);
    for (const name of CONSEQUENCES) count(this.#consequences, name, consequences[name]);
    for (const history of histories) {
      this.#sessions += 1;
      this.#inputs += history.commits.reduce((sum, { inputs }) => sum + inputs.length, 0);
      this.#events += history.events.length;
      for (const name of primitivesOf(history)) count(this.#primitives, name, 1);
    }
  }

  /** Adds what another tally came to. */
  addAll(other: Summary): void {
    this.#seeds += other.seeds;
    this.#sessions += other.sessions;
    this.#inputs += other.inputs;
    this.#events += other.events;
    this.#compared += other.compared;
    this.#violations += other.violations;
    for (const [kind, times] of Object.entries(other.faults)) count(this.#faults, kind, times);
    for (const [name, times] of Object.entries(other.consequences)) count(this.#consequences, name, times);
    for (const [name, times] of Object.entries(other.primitives)) count(this.#primitives, name, times);
  }

  get seeds(): number {
    return this.#seeds;
  }

  summary(seconds: number): Summary {
    return {
      seeds: this.#seeds,
      sessions: this.#sessions,
      inputs: this.#inputs,
      events: this.#events,
      faults: Object.fromEntries(this.#faults),
      consequences: Object.fromEntries(this.#consequences),
      primitives: Object.fromEntries(this.#primitives),
      compared: this.#compared,
      violations: this.#violations,
      sessionsPerSecond: Math.round((this.#sessions / seconds) * 10) / 10,
    };
  }
}

const count = (counts: Map<string, number>, name: string, times: number): void =>
  void counts.set(name, (counts.get(name) ?? 0) + times);

const LAST_EVENTS = 25;
const SHOWN = 160;

/** A broken promise with what it takes to break it. */
export interface Finding {
  readonly violation: Violation;
  readonly inputs: readonly string[];
  readonly faults: readonly Fault[];
  readonly result: RunResult;
}

export const seedCommand = (seed: number, flow: string | undefined): string =>
  `npm run sim -- --seeds 1 --seed ${seed}${flow === undefined ? "" : ` --flow ${flow}`}`;

/** The trace of a broken promise, and how to see it again. */
export function formatTrace({ violation, inputs, faults, result }: Finding, again: string): string {
  const lines = [
    `Seed ${result.seed} (${result.flow}) breaks "${violation.promise}": ${violation.check}, in session ${violation.session}.`,
    `  ${violation.problem}`,
    `It takes ${inputs.length + faults.length} steps:`,
  ];
  for (const name of inputs) {
    const planned = result.scenario.inputs.find((input) => input.name === name);
    lines.push(
      `  input ${name}${planned === undefined ? "" : ` at ${planned.at} ms by ${planned.via}: ${JSON.stringify(planned.what)}`}`,
    );
  }
  for (const { site, kind, value } of faults)
    lines.push(`  fault ${kind}${value === 0 ? "" : ` (${value})`} at ${site}`);
  const history = result.histories.find(({ record }) => record.key === violation.session);
  const events = history?.events.slice(-LAST_EVENTS) ?? [];
  lines.push(`The last ${events.length} events of ${violation.session}:`);
  for (const { sequence, type, data } of events) {
    const commit = history?.commits.find(({ last }) => last >= sequence);
    lines.push(
      `  ${sequence} +${(commit?.seen.now ?? START) - START} ms ${type} ${JSON.stringify(data).slice(0, SHOWN)}`,
    );
  }
  lines.push(`Again: ${again}`);
  return lines.join("\n");
}
