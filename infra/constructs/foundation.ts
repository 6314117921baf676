import type { Duration } from "aws-cdk-lib";
import type * as iam from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { Env } from "#aws/config.ts";
import type { CoreConcurrency } from "../settings/concurrency.ts";
import type { Ceilings } from "#core/session/limits.ts";
import { ownModule } from "#node/own-files.ts";
import { functionName, type CommitCodec, type FunctionSuffix } from "#aws/names.ts";
import type { BlobStore } from "./blob-store.ts";
import { grantOpenFormer, type PersonalKey, type PersonalPaths } from "./personal-key.ts";
import type { SessionLogTable } from "./session-log-table.ts";
import { SpineFunction, type FunctionOptions } from "./spine-function.ts";
import type { SpineNames } from "./spine.ts";
import type { TokenSecret } from "./token-secret.ts";

/** What the functions of a spine stand on. */
export interface Foundation extends FunctionOptions {
  readonly names: SpineNames;
  /** Path of the application's module. */
  readonly application: string;
  readonly concurrency: Required<CoreConcurrency>;
  readonly log: SessionLogTable;
  readonly blobs: BlobStore;
  readonly tokens: TokenSecret;
  /** How commits are written. @default deflate-1 */
  readonly commitCodec?: CommitCodec | undefined;
  /** The newest form in which commits are written. @default 1 */
  readonly commitForm?: number | undefined;
  /** What no event's budget lifts. @default none but that of hops */
  readonly ceilings?: Ceilings | undefined;
  /** Where tenants declare personal values. */
  readonly personal?: { readonly paths: PersonalPaths; readonly key: PersonalKey } | undefined;
}

interface CoreFunction {
  readonly suffix: FunctionSuffix;
  readonly description: string;
  readonly timeout: Duration;
  readonly data?: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly reservedConcurrency?: number | undefined;
}

/** One of the project's own functions; its code is found by its name. */
export function coreFunction(scope: Construct, foundation: Foundation, core: CoreFunction): SpineFunction {
  const { names, application, memorySize, logRetention, tracing, systemLogLevel } = foundation;
  return new SpineFunction(scope, "Handler", {
    functionName: functionName(names.prefix, core.suffix),
    description: `Event Spine: ${core.description}`,
    entry: ownModule(`functions/${core.suffix}/handler`),
    application,
    timeout: core.timeout,
    data: core.data,
    reservedConcurrency: core.reservedConcurrency,
    environment: core.environment,
    memorySize,
    logRetention,
    tracing,
    systemLogLevel,
  });
}

/** Variables of a function that reads the log and sends what a commit orders. */
export function engineEnvironment({
  names,
  log,
  blobs,
  tokens,
  commitCodec,
  commitForm,
  ceilings,
  personal,
}: Foundation): Record<string, string> {
  return {
    [Env.table]: log.table.tableName,
    [Env.bucket]: blobs.bucket.bucketName,
    [Env.queuePrefix]: names.queueUrlPrefix,
    [Env.tokenSecret]: tokens.secret.secretArn,
    ...(commitCodec !== undefined && { [Env.commitCodec]: commitCodec }),
    ...(commitForm !== undefined && { [Env.commitForm]: String(commitForm) }),
    ...(ceilings !== undefined && { [Env.ceilings]: JSON.stringify(ceilings) }),
    ...(personal !== undefined && {
      [Env.personal]: JSON.stringify(personal.paths),
      [Env.personalKey]: personal.key.key.keyArn,
    }),
  };
}

/** Send tasks to agents, whoever hosts them, with their tokens and with links to their large views. */
export function grantDispatch({ names, blobs, tokens }: Foundation, grantee: iam.IGrantable): void {
  names.grant(grantee, ["sqs:SendMessage"], [names.queueArn("agent-*.fifo")]);
  blobs.grantRead(grantee);
  tokens.grantIssue(grantee);
}

/** Read the log with its personal values, those too of a time when other paths or another key were declared. */
export function grantOpen({ names, log, personal }: Foundation, grantee: iam.IGrantable): void {
  log.grantReadSession(grantee);
  personal?.key.grantOpen(grantee);
  grantOpenFormer(log, names.prefix, grantee);
}

/** Advance sessions: append to the log, and dispatch. */
export function grantAdvance(foundation: Foundation, grantee: iam.IGrantable): void {
  grantOpen(foundation, grantee);
  foundation.log.grantAppend(grantee);
  foundation.blobs.grantStore(grantee);
  foundation.personal?.key.grantSeal(grantee);
  grantDispatch(foundation, grantee);
}
