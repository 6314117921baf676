/**
 * List prices in US dollars: us-east-1, November 2026, on demand, without free tiers. The one place of the project where
 * they stand.
 */
export const PRICES = {
  /** A million requests of up to 64 KB. */
  sqsStandard: 0.4,
  sqsFifo: 0.5,
  /** A million events of up to 64 KB. */
  eventBridge: 1,
  /** A million requests. */
  lambdaRequest: 0.2,
  /** A GB-second on arm64, of which 1 ms is the step. */
  lambdaGbSecond: 0.0000133334,
  /** A million units. */
  dynamoWriteUnit: 0.625,
  dynamoReadUnit: 0.125,
  /** A million requests. */
  kms: 3,
  /** A GB-month. */
  dynamoStorage: 0.25,
  /** A GB taken in. */
  logs: 0.5,
  /** A million transitions of a standard state machine. */
  transition: 25,
  /** A million operations of durable functions, and a GB that they write. */
  durableOperation: 8,
  durableGb: 0.25,
  /** A million PUTs. */
  s3Put: 5,
  /** A month each. */
  secret: 0.4,
  alarm: 0.1,
  dashboard: 3,
  key: 1,
} as const;

/** Bytes of a message or an event that one request pays for. */
export const BILLED_CHUNK_BYTES = 64 * 1_024;
/** What CloudWatch adds to each event of a log. */
export const LOG_EVENT_BYTES = 26;
/** AWS's documented start of a standard queue's mapping; for FIFO queues an assumption. */
export const POLLERS = 5;
/** How long an empty receive of a poller waits. */
export const POLL_SECONDS = 20;
export const DAYS_A_MONTH = 30;
