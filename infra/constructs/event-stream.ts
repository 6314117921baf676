import { Duration } from "aws-cdk-lib";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { Env } from "#aws/config.ts";
import { CALLERS_FILE, callersText, type Callers } from "#aws/lambda/callers.ts";
import { FunctionSuffix } from "#aws/names.ts";
import { streamBounds, type Streams } from "../settings/stream-bounds.ts";
import type { CallingAccount } from "../settings/tenant-rights.ts";
import { waitsText } from "../settings/wait-bounds.ts";
import { STREAM_MEMORY_MB } from "../settings/memory.ts";
import { coreFunction, grantOpen, type Foundation } from "./foundation.ts";
import type { AgentProgress } from "./agent-progress.ts";
import { signedUrl } from "./signed-url.ts";
import type { SpineFunction } from "./spine-function.ts";

/** A stream is open for less than a minute, and its last events are on their way for a few seconds. */
const TIMEOUT = Duration.seconds(65);

export interface EventStreamProps {
  readonly foundation: Foundation;
  readonly callers: Callers;
  /** Other accounts that the tenants name. */
  readonly accounts: readonly CallingAccount[];
  readonly streams: Streams | undefined;
  /** What agents say while they work. @default none of it is streamed */
  readonly live: AgentProgress | undefined;
}

/**
 * Streams sessions' events to who may read them (Server-Sent Events), at a URL of its own: the function reads the log, and can change
 * nothing.
 */
export class EventStream extends Construct {
  readonly handler: SpineFunction;
  readonly url: lambda.FunctionUrl;

  constructor(
    scope: Construct,
    id: string,
    { foundation, callers, accounts, streams, live }: EventStreamProps,
  ) {
    super(scope, id);
    const { log, blobs, personal } = foundation;
    this.handler = coreFunction(this, foundation, {
      suffix: FunctionSuffix.stream,
      description: "streams sessions' events over HTTP",
      timeout: TIMEOUT,
      memorySize: STREAM_MEMORY_MB,
      reservedConcurrency: streams?.reservedConcurrency,
      data: { [CALLERS_FILE]: callersText(callers) },
      environment: {
        [Env.table]: log.table.tableName,
        [Env.bucket]: blobs.bucket.bucketName,
        [Env.streams]: waitsText(streamBounds(streams, callers.tenants !== undefined)),
        ...(live !== undefined && { [Env.liveTable]: live.table.tableName }),
        ...(personal !== undefined && {
          [Env.personal]: JSON.stringify(personal.paths),
          [Env.personalKey]: personal.key.key.keyArn,
        }),
      },
    });
    grantOpen(foundation, this.handler);
    blobs.grantReadSession(this.handler);
    blobs.grantTellMissing(this.handler);
    log.grantStream(this.handler);
    live?.grantRead(this.handler);
    const calling = accounts.flatMap(({ account, overHttp }) => (overHttp ? [account] : []));
    this.url = signedUrl(this, this.handler, calling, lambda.InvokeMode.RESPONSE_STREAM);
  }
}
