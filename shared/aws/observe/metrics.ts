/**
 * The functions' own metrics, written to their logs in CloudWatch's embedded metric format. CloudWatch keeps one metric for
 * each name and set of dimensions, and an alarm looks at one: so a name has one set here. What is a function's own matter
 * goes by `service`, its name. What concerns the whole spine, whichever function met it, goes by `spine`, its prefix: one
 * metric and one alarm for all of them. This file imports nothing: infrastructure and tools read it as it is.
 */
export const METRICS_NAMESPACE = "EventSpine";

/** What concerns the whole spine: each has an alarm. */
export const SpineMetric = {
  /** Dead letters that wait for an operator. */
  parkedLetters: "ParkedLetters",
  /** Events that were refused, and letters that name no session or prove nothing. */
  lostLetters: "LostLetters",
  /** Sessions whose log could not be folded, once for each time that one was met. */
  unreadableSessions: "UnreadableSessions",
  /** Runs that ended while something that they did is not undone. */
  uncompensatedRuns: "UncompensatedRuns",
  /** Circuit breakers of agents that opened, also again after a probe. */
  breakersOpened: "BreakersOpened",
  /** Budgets of runs that were used up: hops, tokens or money. */
  budgetStops: "BudgetStops",
  /** Messages that a function gave back to their queue; for Lambda such a batch is no error. */
  messagesReturned: "MessagesReturned",
  /** Records that a function was invoked with, and that no queue has given out and no log holds. */
  madeUpRecords: "MadeUpRecords",
} as const;
export type SpineMetric = (typeof SpineMetric)[keyof typeof SpineMetric];

/** What concerns one agent, whoever hosts it: by `spine` and `agent`. */
export const AgentMetric = {
  /** Tasks that its queues gave up on. */
  agentLetters: "AgentLetters",
} as const;
export type AgentMetric = (typeof AgentMetric)[keyof typeof AgentMetric];

/** What a function counts of its own work, by `service`. */
export const FunctionMetric = {
  commits: "Commits",
  /** Commits that another writer was faster with. */
  lostRaces: "LostRaces",
  /** Whatever a log line calls a trouble. */
  troubles: "Troubles",
  /** Inputs of sessions that retention has ended. */
  lateInputs: "LateInputs",
  breakersClosed: "BreakersClosed",
  notRun: "NotRun",
  relayRetries: "RelayRetries",
  eventsTaken: "EventsTaken",
  eventsPutOff: "EventsPutOff",
  eventsRefused: "EventsRefused",
  letters: "Letters",
  recordedLetters: "RecordedLetters",
  expiredLetters: "ExpiredLetters",
  returnedLetters: "ReturnedLetters",
  expiredSessions: "ExpiredSessions",
  purgedSessions: "PurgedSessions",
  erasedSessions: "ErasedSessions",
} as const;
export type FunctionMetric = (typeof FunctionMetric)[keyof typeof FunctionMetric];

/** The names of the dimensions by which a metric goes. */
export type MetricDimensions = readonly ["service"] | readonly ["spine"] | readonly ["spine", "agent"];

/** The dimensions of a metric that is counted: what neither spine nor agent names is its function's own. */
export const dimensionsOf = (metric: FunctionMetric | SpineMetric | AgentMetric): MetricDimensions => {
  if (isOneOf(SpineMetric, metric)) return ["spine"];
  return isOneOf(AgentMetric, metric) ? ["spine", "agent"] : ["service"];
};

/** The same for whatever looks at metrics; undefined for a name that no function counts. */
export const knownDimensionsOf = (metric: string): MetricDimensions | undefined => {
  const known = [FunctionMetric, SpineMetric, AgentMetric].flatMap((names) => Object.values(names));
  const found = known.find((name) => name === metric);
  return found && dimensionsOf(found);
};

const isOneOf = (names: Readonly<Record<string, string>>, metric: string): boolean =>
  Object.values(names).includes(metric);

/** The prefix of the spine that a function belongs to, by its own name and what convention calls it. */
export function spineOf(functionName: string, service: string): string | undefined {
  const end = `-${service}`;
  return functionName.endsWith(end) ? functionName.slice(0, -end.length) : undefined;
}
