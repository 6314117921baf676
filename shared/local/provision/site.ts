import type { LocalTable } from "../dynamodb/dynamodb-endpoint.ts";
import type { DynaliteStore } from "../dynamodb/dynalite-store.ts";
import type { TableStream } from "../dynamodb/table-stream.ts";
import type { LocalBus } from "../events/event-bus.ts";
import type { LocalFaults } from "../faults/local-faults.ts";
import type { Access } from "../iam/access.ts";
import type { RequestContext } from "../iam/policy-condition.ts";
import type { Policy } from "../iam/iam-policy.ts";
import type { LocalKey } from "../kms/kms-endpoint.ts";
import type { LocalFunction } from "../lambda/lambda-function.ts";
import type { LocalClock } from "../local-clock.ts";
import type { MetricStore } from "../metrics/metric-store.ts";
import type { Monitor } from "../metrics/monitor.ts";
import type { Poller } from "../mappings/queue-poller.ts";
import type { StreamWait } from "../mappings/stream-poller.ts";
import type { Addresses } from "../addresses.ts";
import type { RequestCounter } from "../request-counts.ts";
import type { LocalBucket } from "../s3/s3-endpoint.ts";
import type { LocalSecret } from "../secrets/local-secret.ts";
import type { Executions, LocalStateMachine } from "../states/executions.ts";
import type { LocalTopic } from "../sns/sns-endpoint.ts";
import type { QueueHost } from "../sqs/queue-host.ts";
import type { Template } from "../template/template.ts";
import type { Concurrency } from "../throttling/concurrency-limit.ts";
import type { Turns } from "../turns.ts";

/** A line of what happens, with who says it: a function's name, or the part of the runtime. */
export interface LogLine {
  readonly from: string;
  readonly text: string;
  /** `output`: a function printed it. `trouble`: a refusal, a crash, a dropped event. */
  readonly kind: "progress" | "output" | "trouble";
}

/** What a role may do: filled as policies are read, in use by the functions that have it. */
export interface LocalRole {
  readonly arn: string;
  readonly policies: Policy[];
  /** Whether a service may assume it, in what it says of the request. */
  readonly trusts: (service: string, context: RequestContext) => boolean;
}

/** Everything that provisioning fills and the endpoints serve from. */
export interface Site {
  readonly addresses: Addresses;
  readonly clock: LocalClock;
  readonly template: Template;
  readonly dataDir: string | undefined;
  readonly counts: RequestCounter;
  readonly access: Access;
  readonly queues: QueueHost;
  readonly store: DynaliteStore;
  readonly tables: Map<string, LocalTable>;
  /** By their ARN. */
  readonly streams: Map<string, TableStream>;
  readonly buckets: Map<string, LocalBucket>;
  readonly secrets: LocalSecret[];
  readonly keys: LocalKey[];
  readonly buses: Map<string, LocalBus>;
  /** By their ARN. */
  readonly roles: Map<string, LocalRole>;
  readonly functions: Map<string, LocalFunction>;
  /** Of a function, by its name. */
  readonly roleOf: Map<string, LocalRole>;
  readonly pollers: Poller[];
  /** State machines by their ARN. */
  readonly machines: Map<string, LocalStateMachine>;
  readonly executions: Executions;
  /** What is measured, as CloudWatch keeps it, and the alarms that look at it. */
  readonly metrics: MetricStore;
  readonly monitor: Monitor;
  /** Topics by their ARN. */
  readonly topics: Map<string, LocalTopic>;
  readonly faults: LocalFaults;
  /** What every function's environment gets beside the template's. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly maxProcesses: (functionName: string) => number;
  /** Processes that start at once. */
  readonly starts: Turns;
  readonly concurrency: Concurrency;
  /** What AWS leaves to chance is drawn from it. */
  readonly seed: number;
  /** How long a batch of a stream waits, ms. */
  readonly streamWaitMs: StreamWait | undefined;
  /** The most records in a batch of a stream, beside the mapping's own bound. */
  readonly streamBatchSize: number | undefined;
  readonly log: (line: LogLine) => void;
}

/** SDK clients and state machines take a queue's address from its URL, whatever endpoint they are given. */
export const localUrls = (text: string, { region, sqsUrl }: Addresses): string =>
  text.replaceAll(`https://sqs.${region}.amazonaws.com/`, `${sqsUrl}/`);

export const lastPart = (arn: string, separator = ":"): string => arn.split(separator).at(-1) ?? arn;
