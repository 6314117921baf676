import { Duration } from "aws-cdk-lib";
import type * as kms from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { Env } from "#aws/config.ts";
import { scorersFunctionName, SCORERS_SUBSCRIPTION } from "#aws/names.ts";
import { SCORERS_MEMORY_MB } from "../settings/memory.ts";
import { CustomerKey } from "./customer-key.ts";
import type { EventSpineProps } from "./event-spine-props.ts";
import type { EventSpine } from "./event-spine.ts";
import { OrderedSubscription } from "./ordered-subscription.ts";
import type { ScoresTable } from "./scores-table.ts";
import { functionOptionsOf, SpineFunction, type FunctionOptions } from "./spine-function.ts";

export interface ScorersOptions extends FunctionOptions {
  /** The module that exports `handler = hostScorers(…)`. */
  readonly entry: string;
  /** How long scores of one batch of replies may take, 10 s to 15 minutes. @default 1 minute */
  readonly timeout?: Duration;
  /** How many batches are scored at once, 2 to 1,000: so many models are called side by side. @default 5 */
  readonly maxConcurrency?: number;
  /** How long a score is kept after its reply, where its session is kept so long. @default 90 days */
  readonly keep?: Duration;
  /** Variables of the function. @default none */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface ScorersProps {
  readonly spine: EventSpine;
  readonly scores: ScoresTable;
  readonly options: ScorersOptions;
  readonly encryptionKey: kms.IKey | undefined;
}

const DEFAULT_TIMEOUT = Duration.minutes(1);
const DEFAULT_KEEP = Duration.days(90);
const SHORTEST_TIMEOUT = Duration.seconds(10);
const A_DAY = Duration.days(1);
const MAX_CONCURRENCY = 5;

/**
 * Scores every reply after it is committed: an ordered subscription, and a function that may read sessions and put scores. No session waits for
 * it. What it needs beside these, such as a model, is granted to `handler`.
 *
 * @example
 * const scored = new EventSpine(this, "Scored", {
 *   application: "application.ts",
 *   scorers: { entry: "scorers.ts" },
 * });
 * if (scored.scorers !== undefined) table.grantReadData(scored.scorers.handler);
 */
export class Scorers extends Construct {
  readonly subscription: OrderedSubscription;
  readonly handler: SpineFunction;

  constructor(scope: Construct, id: string, { spine, scores, options, encryptionKey }: ScorersProps) {
    super(scope, id);
    const { timeout = DEFAULT_TIMEOUT, keep = DEFAULT_KEEP, memorySize = SCORERS_MEMORY_MB } = options;
    if (timeout.toSeconds() < SHORTEST_TIMEOUT.toSeconds())
      throw new Error(
        `${this.node.path} has a timeout below ${SHORTEST_TIMEOUT.toHumanString()}. Give it more.`,
      );
    if (keep.toSeconds() < A_DAY.toSeconds())
      throw new Error(`${this.node.path} keeps scores for less than a day. Keep them longer.`);
    this.subscription = new OrderedSubscription(this, "Subscription", {
      spine,
      name: SCORERS_SUBSCRIPTION,
      timeout,
    });
    this.handler = new SpineFunction(this, "Handler", {
      ...functionOptionsOf({ ...options, memorySize }),
      functionName: scorersFunctionName(spine.prefix),
      description: "Event Spine: scores replies",
      entry: options.entry,
      timeout,
      environment: {
        ...options.environment,
        [Env.table]: spine.log.table.tableName,
        [Env.bucket]: spine.blobs.bucket.bucketName,
        [Env.scores]: scores.table.tableName,
        [Env.scoresKept]: String(keep.toSeconds()),
      },
    });
    this.subscription.addConsumer(this.handler.function, {
      maxConcurrency: options.maxConcurrency ?? MAX_CONCURRENCY,
    });
    spine.log.grantReadCommits(this.handler);
    spine.blobs.grantReadCommits(this.handler);
    CustomerKey.grant(encryptionKey, this.handler, "s3:GetObject");
    scores.grantPut(this.handler);
  }
}

/** The scorers of a spine, where it has a table for their scores. */
export function scorersOf(spine: EventSpine, props: EventSpineProps): Scorers | undefined {
  const { scorers, encryptionKey, tracing, logRetention, systemLogLevel } = props;
  const { scores } = spine;
  if (scores === undefined || scorers === undefined) return undefined;
  const options = { tracing, logRetention, systemLogLevel, ...scorers };
  return new Scorers(spine, "Scorers", { spine, scores, options, encryptionKey });
}
