/** The one of the core. */
export {
  BREAKER_RULES,
  CLOSED,
  verdictOf,
  withOutcome,
  withProbe,
  type Breaker,
  type BreakerRules,
} from "#core/breaker.ts";
