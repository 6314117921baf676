import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { HOST_PAUSE_MS } from "#core/flow/bounds.ts";
import type { Application } from "#core/flow/application.ts";
import type { OriginsOf } from "#core/session/personal/follow.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { createRandomIds } from "#node/random-ids.ts";
import { createSystemClock } from "#node/system-clock.ts";
import type { SessionLog } from "#ports/session-log.ts";
import type { Engine } from "#runtime/session/engine.ts";
import { sealedBlobs, sealedLog } from "#runtime/sealing/sealed-stores.ts";
import type { Sealing } from "#runtime/sealing/sealing.ts";
import { clientDefaults, lean, QUICK } from "./clients.ts";
import {
  readCeilings,
  readCommitCodec,
  readCommitForm,
  readEnv,
  readOptionalEnv,
  readTenantInFlight,
} from "./config.ts";
import { createDynamoAgentHealth } from "./dynamo/dynamo-agent-health.ts";
import { createDynamoHeartbeats } from "./dynamo/dynamo-heartbeats.ts";
import { createDynamoSessionLog } from "./dynamo/dynamo-session-log.ts";
import { createLazyBlobs } from "./lazy-adapters.ts";
import { createLazyTokens } from "./secrets/lazy-tokens.ts";
import { readSealing } from "./kms/read-sealing.ts";
import { createObserver, type Observer } from "./observe/observe.ts";
import { createSqsDispatch, type SqsOptions } from "./sqs/sqs-dispatch.ts";
import { tracedDispatch } from "./observe/traced-dispatch.ts";

/** What the functions that advance sessions stand on. */
export interface AwsEngine {
  readonly engine: Engine;
  readonly observer: Observer;
  /** For further adapters on the same queues. */
  readonly queues: SqsOptions;
  /** For further adapters on the log's table. */
  readonly dynamo: DynamoDBClient;
  readonly table: string;
  /** The log as it is stored. */
  readonly stored: SessionLog;
  /** Opens what was sealed; seals where tenants have personal values. */
  readonly sealing: Sealing;
}

export interface AwsEngineOptions {
  /** By which personal values are followed: those give it that decide on sessions. */
  readonly originsOf?: OriginsOf;
  /** Logs only what there is to warn of. @default false */
  readonly quiet?: boolean;
}

/**
 * The engine of a function, made once when it starts, from its environment: TABLE_NAME, BUCKET_NAME, QUEUE_PREFIX and
 * TOKEN_SECRET_ARN.
 */
export function createAwsEngine(
  service: string,
  application: Application,
  { originsOf, quiet = false }: AwsEngineOptions = {},
): AwsEngine {
  const { table, bucket, queuePrefix, tokenSecret } = readEnv([
    "table",
    "bucket",
    "queuePrefix",
    "tokenSecret",
  ]);
  const dynamo = lean(new DynamoDBClient(clientDefaults(QUICK)));
  const clock = createSystemClock();
  const tokens = createLazyTokens(tokenSecret, clock);
  const observer = createObserver(service, { digests: tokens, quiet });
  const { onTrouble } = observer;
  const digest = createNodeDigest();
  const client = lean(new SQSClient(clientDefaults(QUICK)));
  const tenantInFlight = readTenantInFlight();
  const queues = { client, queuePrefix, digest, tenantInFlight };
  const health = createDynamoAgentHealth({
    client: dynamo,
    table,
    clock,
    onTrouble,
    onChange: (state) => observer.count(state === "open" ? "BreakersOpened" : "BreakersClosed"),
  });
  observer.atEnd(() => health.flush());
  const sealing = readSealing(table, originsOf);
  const blobs = createLazyBlobs(bucket);
  const stored = observer.watch(
    createDynamoSessionLog({ client: dynamo, table, digest, blobs, codec: readCommitCodec() }),
  );
  const limits = readCeilings();
  const engine: Engine = {
    application,
    log: sealedLog(stored, sealing, digest),
    dispatch: tracedDispatch(createSqsDispatch(queues), observer.tracer),
    blobs: sealedBlobs(blobs, sealing),
    health,
    // Tasks wait behind their own tenant's: what fails for it says nothing of others'.
    tenantBreakers: tenantInFlight !== undefined,
    heartbeats: createDynamoHeartbeats({ client: dynamo, table }),
    clock,
    ids: createRandomIds(),
    digest,
    tokens,
    digests: tokens,
    form: readCommitForm(),
    live: readOptionalEnv("liveOutput") !== undefined,
    pauseMs: HOST_PAUSE_MS,
    personal: sealing,
    onTrouble,
    ...(limits !== undefined && { limits }),
    ...(observer.tracer !== undefined && { tracer: observer.tracer }),
  };
  return { engine, observer, queues, dynamo, table, stored, sealing };
}
