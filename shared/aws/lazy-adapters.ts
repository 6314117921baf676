import type { Blobs, LetterBox } from "#ports/blobs.ts";
import type { Clock, Executions } from "#ports/clock.ts";
import type { Monitoring } from "#ports/monitoring.ts";
import type { ExpiringBlobs } from "#ports/retention.ts";
import { loadedOnFirstUse, onDemand } from "./on-demand.ts";
import type { OnTrouble, ReturnSoon } from "./sqs/sqs-returns.ts";

// Modules are named here as infra/bundling/bundle-options.ts names them, which gives each a file of its own.

/** Most sessions never have a blob, and the S3 client would be a third of what a function loads at init. */
export const createLazyBlobs = (bucket: string): Blobs =>
  loadedOnFirstUse<Blobs>({ put: true, get: true, link: true }, async () =>
    (await import("#aws/s3/s3-blobs.ts")).createDefaultS3Blobs(bucket),
  );

/** Most calls of the sweep find no session whose blobs expire. */
export const createLazyExpiringBlobs = (bucket: string): ExpiringBlobs =>
  loadedOnFirstUse<ExpiringBlobs>({ put: true, get: true, link: true, removeAll: true }, async () =>
    (await import("#aws/s3/s3-expiring-blobs.ts")).createDefaultS3ExpiringBlobs(bucket),
  );

/** Recovery's other work, deadlines, needs no letter. */
export const createLazyLetterBox = (bucket: string): LetterBox =>
  loadedOnFirstUse<LetterBox>({ put: true, get: true, list: true, remove: true }, async () =>
    (await import("#aws/s3/s3-letter-box.ts")).createDefaultS3LetterBox(bucket),
  );

/** Few sessions have a deadline far ahead, and fewer a dead letter. */
export const createLazyExecutions = (stateMachine: string): Executions =>
  loadedOnFirstUse<Executions>({ start: true }, async () =>
    (await import("#aws/step-functions/sfn-executions.ts")).createDefaultSfnExecutions(stateMachine),
  );

/** The operator is asked for it by people only. */
export const createLazyMonitoring = (prefix: string, clock: Pick<Clock, "now">): Monitoring =>
  loadedOnFirstUse<Monitoring>({ lately: true, alarms: true }, async () =>
    (await import("#aws/cloudwatch/cloudwatch-monitoring.ts")).createDefaultCloudWatchMonitoring({
      prefix,
      clock,
    }),
  );

/** Most batches have no message that has to come again. */
export function createLazyReturns(queuePrefix: string, onTrouble: OnTrouble): ReturnSoon {
  const returns = onDemand(async () =>
    (await import("#aws/sqs/sqs-returns.ts")).createDefaultSqsReturns(queuePrefix, onTrouble),
  );
  return async (...returned) => {
    if (returned[1].length > 0) await (await returns())(...returned);
  };
}
