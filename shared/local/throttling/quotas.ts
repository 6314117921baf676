/** What AWS allows an account in a Region before it throttles. */
export interface Quotas {
  /** Write and read units a second for a partition key. */
  readonly partitionWrites: number;
  readonly partitionReads: number;
  /** Write and read units a second for a table that is new and on demand; later it follows what it had to bear. */
  readonly tableWrites: number;
  readonly tableReads: number;
  /** Invocations at once, of all functions. */
  readonly concurrency: number;
  /** Executions that may start at once, and how many a second more. */
  readonly startBurst: number;
  readonly startsPerSecond: number;
  readonly openExecutions: number;
  /** Requests a second. */
  readonly putEventsPerSecond: number;
}

/** The defaults of us-east-1, as the service quotas pages have them. */
export const DEFAULT_QUOTAS: Quotas = {
  partitionWrites: 1_000,
  partitionReads: 3_000,
  tableWrites: 4_000,
  tableReads: 12_000,
  concurrency: 1_000,
  startBurst: 1_300,
  startsPerSecond: 300,
  openExecutions: 1_000_000,
  putEventsPerSecond: 10_000,
};

/** Of an account that is new, and of the Regions where EventBridge and Step Functions allow least. */
export const NEW_ACCOUNT: Quotas = {
  ...DEFAULT_QUOTAS,
  concurrency: 10,
  startBurst: 800,
  startsPerSecond: 150,
  putEventsPerSecond: 400,
};
