import { START } from "./sim-names.ts";
import type { FaultKind } from "./chaos.ts";
import type { Ground } from "./worker.ts";

/** Stretches of time in which something outside is out of order: each span of time may begin with one. */
export class Spells {
  readonly #ground: Ground;
  readonly #kind: FaultKind;
  readonly #spanMs: number;
  #span = -1;
  #until = 0;

  constructor(ground: Ground, kind: FaultKind, spanMs: number) {
    this.#ground = ground;
    this.#kind = kind;
    this.#spanMs = spanMs;
  }

  /** How long the present one still lasts, ms; 0 when nothing is wrong. */
  get left(): number {
    const { scheduler, chaos } = this.#ground;
    const span = Math.floor((scheduler.now - START) / this.#spanMs);
    if (span !== this.#span) {
      this.#span = span;
      const fault = chaos.at(`${this.#kind} ${span}`, [this.#kind]);
      this.#until = fault === undefined ? 0 : START + span * this.#spanMs + fault.value;
    }
    return Math.max(0, this.#until - scheduler.now);
  }
}
