import { SpineError } from "#core/errors.ts";
import type { Alarm, Clock, Ids } from "#ports/clock.ts";
import { between } from "#memory/seeded-chance.ts";
import type { Chaos, FaultKind } from "./chaos.ts";
import type { Appointment, Scheduler } from "./scheduler.ts";
import type { Slots } from "./slots.ts";

/** What a worker stands on. */
export interface Ground {
  readonly seed: number;
  readonly scheduler: Scheduler;
  readonly chaos: Chaos;
  /** @default as many as are wanted */
  readonly slots?: Slots;
}

const READ: readonly FaultKind[] = ["crash-before-call", "throttled"];
const WRITE: readonly FaultKind[] = [
  "crash-before-call",
  "crash-after-call",
  "lost-acknowledgement",
  "throttled",
];
const APPEND: readonly FaultKind[] = [...WRITE, "contended"];
export const OFFERS = { read: READ, write: WRITE, append: APPEND } as const;

const LEAST_LATENCY_MS = 2;
const MOST_LATENCY_MS = 18;
const SKEWS: readonly FaultKind[] = ["clock-skew", "clock-far-off"];

type Outcome<T> =
  { readonly type: "ok"; readonly value: T } | { readonly type: "error"; readonly error: unknown };

/**
 * A running function. Every call that it makes takes time, and may fail, or be its last. A dead worker never goes on:
 * its promises stay unresolved. What it had asked for before it died still happens.
 */
export class Worker {
  readonly name: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly #ground: Ground;
  readonly #counts = new Map<string, number>();
  #alive = true;
  #holdsSlot = false;
  #onDeath: (() => void) | undefined;
  readonly #onStop: (() => void)[] = [];

  constructor(name: string, ground: Ground) {
    this.name = name;
    this.#ground = ground;
    const skew = ground.chaos.at(`${name} clock`, SKEWS)?.value ?? 0;
    const now = () => ground.scheduler.now + skew;
    this.clock = { now, sleep: (ms) => this.#sleep(ms), alarm: (at) => this.#alarm(at - now()) };
    let made = 0;
    const prefix = name.replaceAll(/[^A-Za-z0-9]/g, "Z");
    this.ids = { next: () => `${prefix}n${made++}` };
  }

  /** Its process ends with it, if it dies or runs out of time. */
  onStop(listener: () => void): void {
    this.#onStop.push(listener);
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Runs what the function does; `ended` is told once how it ended, unless the worker was stopped from outside. */
  start<T>(work: () => Promise<T>, ended: (outcome: Outcome<T>) => void): void {
    const { slots } = this.#ground;
    if (slots === undefined) return this.#begin(work, ended);
    slots.enter(() => {
      // Whoever called may have given it up meanwhile.
      if (!this.#alive) return slots.leave();
      this.#holdsSlot = true;
      this.#begin(work, ended);
    });
  }

  #begin<T>(work: () => Promise<T>, ended: (outcome: Outcome<T>) => void): void {
    this.#onDeath = () => ended({ type: "error", error: unavailable(`${this.name} died`) });
    // What it left behind may go on, and even die of it: nobody waits for that any more.
    const finished = (): boolean => {
      this.#onDeath = undefined;
      this.#leaveSlot();
      return this.#alive;
    };
    work().then(
      (value) => {
        if (finished()) ended({ type: "ok", value });
      },
      (error: unknown) => {
        if (finished()) ended({ type: "error", error });
      },
    );
  }

  /** Ends the worker, as Lambda does at the function's timeout. */
  stop(): void {
    this.#alive = false;
    for (const listener of this.#onStop) listener();
    this.#leaveSlot();
  }

  die(): void {
    if (!this.#alive) return;
    this.stop();
    this.#onDeath?.();
  }

  #leaveSlot(): void {
    if (!this.#holdsSlot) return;
    this.#holdsSlot = false;
    this.#ground.slots?.leave();
  }

  /** A name for the next use of something, the same in every run of the seed up to where runs differ. */
  site(what: string): string {
    const count = (this.#counts.get(what) ?? 0) + 1;
    this.#counts.set(what, count);
    return `${this.name} ${what}#${count}`;
  }

  /** Calls something outside: it takes effect after a while, and its answer comes back, or not. */
  call<T>(what: string, offers: readonly FaultKind[], perform: () => Promise<T>): Promise<T> {
    const { scheduler, chaos, seed } = this.#ground;
    return new Promise((resolve, reject) => {
      if (!this.#alive) return;
      const site = this.site(what);
      const fault = chaos.at(site, offers);
      let latency = between(seed, site, LEAST_LATENCY_MS, MOST_LATENCY_MS);
      if (fault?.kind === "crash-before-call") return this.die();
      if (fault?.kind === "contended") latency += fault.value;
      if (fault?.kind === "throttled") {
        scheduler.after(latency, () => (this.#alive ? reject(throttled(what)) : false));
        return;
      }
      scheduler.after(latency, () => {
        void perform().then(
          (value) => {
            if (!this.#alive) return;
            if (fault?.kind === "crash-after-call") this.die();
            else if (fault?.kind === "lost-acknowledgement") reject(unavailable(`No answer from ${what}`));
            else resolve(value);
          },
          (error: unknown) => {
            // Ports fail with errors; whatever came is handed on.
            if (this.#alive) reject(error instanceof Error ? error : new Error(String(error)));
          },
        );
      });
    });
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#ground.scheduler.after(Math.max(0, ms), () => (this.#alive ? resolve() : false));
    });
  }

  #alarm(ms: number): Alarm {
    const controller = new AbortController();
    const { signal } = controller;
    // Given a reason, it makes none with a stack for each.
    const abort = () => controller.abort("the time is over");
    if (ms <= 0) {
      abort();
      return { signal, cancel: () => undefined, ring: () => undefined };
    }
    const appointment: Appointment = this.#ground.scheduler.after(ms, () => {
      if (!this.#alive) return false;
      abort();
      return undefined;
    });
    const cancel = () => void (appointment.happening = undefined);
    const ring = () => {
      cancel();
      if (this.#alive) abort();
    };
    return { signal, cancel, ring };
  }
}

export function unavailable(what: string): SpineError {
  return new SpineError("log.unavailable", `${what}.`, { retryable: true });
}

/** Refused before it took effect; a caller can tell. */
export function throttled(what: string): SpineError {
  return new SpineError("log.unavailable", `${what} is throttled.`, {
    retryable: true,
    details: { effect: "not-done" },
  });
}
