import type { Application } from "#core/flow/compile.ts";

export interface ExchangeableApplication {
  /** Whoever keeps it sees the newest application from then on. */
  readonly application: Application;
  exchange(next: Application): void;
}

/** An application in whose place another one can be put while a spine stands on it. Runs go on with the flows that they have. */
export function createExchangeableApplication(first: Application): ExchangeableApplication {
  let current = first;
  return {
    application: {
      get contracts() {
        return current.contracts;
      },
      get flows() {
        return current.flows;
      },
      get eventTypes() {
        return current.eventTypes;
      },
      byTrigger: (type) => current.byTrigger(type),
      byHash: (hash) => current.byHash(hash),
      eventSchema: (type) => current.eventSchema(type),
      answerSchema: (question) => current.answerSchema(question),
    },
    exchange: (next) => {
      current = next;
    },
  };
}
