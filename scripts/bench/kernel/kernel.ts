import { chance } from "#memory/seeded-chance.ts";
import { Scheduler, type Appointment } from "#simulator/scheduler.ts";
import type { LatencyName, Params } from "../params.ts";
import { quantileAt } from "./latency.ts";

/** Whose draw it is. The same session draws the same in every arm, wherever the purposes are the same. */
export interface Label {
  readonly session: string;
  readonly agent: string;
}

export interface KernelOptions {
  readonly seed: number;
  readonly params: Params;
  /** By how much faults are more frequent than the parameters say. 0: none, and no bad minute. */
  readonly faults: number;
  /** When the bad minute begins. @default none */
  readonly badMinuteAt?: number;
}

const MOST_HAPPENINGS = 50_000_000;
/** More is no fault of a service any more. */
const MOST_ERRORS = 0.2;

/** Virtual time, and draws that depend on nothing but seed, session, agent and purpose. */
export class Kernel {
  readonly params: Params;
  readonly faults: number;
  readonly seed: number;
  readonly #badMinuteAt: number;
  readonly #scheduler = new Scheduler(0);
  readonly #counts = new Map<string, number>();

  constructor({ seed, params, faults, badMinuteAt = Infinity }: KernelOptions) {
    this.seed = seed;
    this.params = params;
    this.faults = faults;
    this.#badMinuteAt = badMinuteAt;
  }

  get now(): number {
    return this.#scheduler.now;
  }

  at(time: number, happening: () => void): Appointment {
    return this.#scheduler.after(Math.max(0, time - this.now), happening);
  }

  after(ms: number, happening: () => void): Appointment {
    return this.#scheduler.after(Math.max(0, ms), happening);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  /** What comes until a time; when it is over, what `late` says or throws. The work goes on. */
  before<T, Late>(until: number, work: Promise<T>, late: () => Late | Promise<Late>): Promise<T | Late> {
    return new Promise((resolve, reject) => {
      const limit = this.at(until, () => {
        try {
          resolve(late());
        } catch (error) {
          reject(asError(error));
        }
      });
      const over = (then: () => void) => {
        limit.happening = undefined;
        then();
      };
      work.then(
        (value) => over(() => resolve(value)),
        (error: unknown) => over(() => reject(asError(error))),
      );
    });
  }

  /** A number in [0, 1). Asked again for the same, it is the next one. */
  draw({ session, agent }: Label, purpose: string): number {
    const name = `${session}/${agent}/${purpose}`;
    const count = this.#counts.get(name) ?? 0;
    this.#counts.set(name, count + 1);
    return chance(this.seed, `${name}#${count}`);
  }

  latency(label: Label, name: LatencyName): number {
    const ms = quantileAt(this.params.latencies[name], this.draw(label, name));
    const ofAws = name !== "model" && name !== "target";
    return this.#isBad() && ofAws ? ms * this.params.faults.badMinuteLatency : ms;
  }

  /** Whether something goes wrong that does at this rate. */
  goesWrong(label: Label, purpose: string, rate: number): boolean {
    if (this.faults === 0) return false;
    const bad = this.#isBad() ? this.params.faults.badMinuteErrors : 1;
    return this.draw(label, purpose) < Math.min(MOST_ERRORS, rate * this.faults * bad);
  }

  /** Runs until nothing is planned any longer. */
  async run(): Promise<void> {
    const ended = await this.#scheduler.run(MOST_HAPPENINGS, () => undefined);
    if (!ended) throw new Error(`More than ${MOST_HAPPENINGS} happenings: the run does not end.`);
  }

  #isBad(): boolean {
    const since = this.now - this.#badMinuteAt;
    return since >= 0 && since < this.params.faults.badMinute;
  }
}

export const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
