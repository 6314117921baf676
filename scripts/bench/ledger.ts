import type { Outcome } from "./outcomes.ts";
/** What names of sessions begin with that belong to a tenant that floods: nobody waits for their replies, and nobody judges them. */
export const NOISY = "noisy";
export const isNoisy = (session: string): boolean => session.startsWith(NOISY);

/** What an agent's part of a reply says: for which message, and on which facts, it was made. */
export interface Section {
  readonly agent: string;
  readonly message: number;
  readonly facts: number;
}

export interface Reply {
  readonly message: number;
  readonly sections: readonly Section[];
}

/** How the client's wait for a message ended. */
export type Answer =
  | { readonly type: "reply"; readonly at: number; readonly reply: Reply }
  /** The arm answered with a failure that it had decided on, such as a fallback's. */
  | { readonly type: "refused"; readonly at: number; readonly reason: string };

export interface MessageRecord {
  readonly message: number;
  /** When the client meant to send it: a queue before the client counts as well. */
  readonly intendedAt: number;
  answer?: Answer;
}

export interface Effect {
  readonly message: number;
  readonly facts: number;
  readonly at: number;
}

/** What became of one session, as somebody sees it who sees everything. */
export interface SessionRecord {
  readonly session: string;
  readonly messages: Map<number, MessageRecord>;
  /** When each message was accepted: from then on the arm says that it has it. */
  readonly accepted: Map<number, number>;
  /** When each message's facts came into force: in the order in which the arm itself works messages off. */
  readonly inForce: Map<number, number>;
  /** What the system outside really did, a repetition under a known key left out. */
  readonly effects: Effect[];
  /** Calls of the system outside whose end no function has seen. */
  readonly effectsUnderWay: Set<symbol>;
  /** What became of it beside its answers. */
  readonly outcomes: Set<Outcome>;
  /** Keys of idempotency that the system outside knows. */
  readonly known: Set<string>;
  /** Time that models took, by message. */
  readonly modelMs: Map<number, number>;
}

/** Everything that happened in a run, by session. */
export class Ledger {
  readonly sessions = new Map<string, SessionRecord>();

  of(session: string): SessionRecord {
    let record = this.sessions.get(session);
    if (record === undefined) {
      record = {
        session,
        messages: new Map(),
        accepted: new Map(),
        inForce: new Map(),
        effects: [],
        effectsUnderWay: new Set(),
        outcomes: new Set(),
        known: new Set(),
        modelMs: new Map(),
      };
      this.sessions.set(session, record);
    }
    return record;
  }

  accept(session: string, message: number, at: number): void {
    const { accepted } = this.of(session);
    if (!accepted.has(message)) accepted.set(message, at);
  }

  /** Without a message: the facts of the first accepted one that are not in force yet. */
  enforce(session: string, at: number, message = this.#next(session)): void {
    const { inForce } = this.of(session);
    if (message !== undefined && !inForce.has(message)) inForce.set(message, at);
  }

  #next(session: string): number | undefined {
    const { accepted, inForce } = this.of(session);
    return [...accepted.keys()].find((message) => !inForce.has(message));
  }

  /** The system outside: without a key it does whatever it is asked to. */
  perform(session: string, effect: Effect, key: string | undefined): void {
    const record = this.of(session);
    if (key !== undefined) {
      if (record.known.has(key)) return;
      record.known.add(key);
    }
    record.effects.push(effect);
  }
}
