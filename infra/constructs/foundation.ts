import type { Duration } from "aws-cdk-lib";
import type * as iam from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { Env } from "#aws/config.ts";
import type { CoreConcurrency } from "../settings/concurrency.ts";
import type { Ceilings } from "#core/session/limits.ts";
import { ownModule } from "#node/own-files.ts";
import { functionName, type CommitCodec, type FunctionSuffix } from "#aws/names.ts";
import type { BlobStore } from "./blob-store.ts";
import type { ByTenant } from "#core/by-tenant.ts";
import type { DeclaredPaths } from "#core/session/personal/declared-paths.ts";
import { grantOpenFormer, type PersonalKey } from "./personal-key.ts";
import type { ScoresTable } from "./scores-table.ts";
import type { SessionIndexTable } from "./session-index-table.ts";
import type { SessionLogTable } from "./session-log-table.ts";
import { SpineFunction, type FunctionOptions } from "./spine-function.ts";
import type { SpineNames } from "./spine.ts";
import type { TokenSecret } from "./token-secret.ts";

/** The shared resources of a spine's functions. */
export interface Foundation extends FunctionOptions {
  readonly names: SpineNames;
  /** Path of the application's module. */
  readonly application: string;
  readonly concurrency: Required<CoreConcurrency>;
  readonly log: SessionLogTable;
  /** Present if sessions are listed. */
  readonly index?: SessionIndexTable | undefined;
  /** Present if replies are scored. */
  readonly scores?: ScoresTable | undefined;
  readonly blobs: BlobStore;
  readonly tokens: TokenSecret;
  /** How commits are written. @default deflate-1 */
  readonly commitCodec?: CommitCodec | undefined;
  /** The newest form in which commits are written. @default 1 */
  readonly commitForm?: number | undefined;
  /** Limits that no event's budget can raise. @default only that of hops */
  readonly ceilings?: Ceilings | undefined;
  /** How many tasks of a tenant an agent's queue has in flight at most. @default any number */
  readonly tenantInFlight?: number | undefined;
  /** Whether events may ask that what agents say while they work is shown. @default false */
  readonly liveOutput?: boolean | undefined;
  /** Present if tenants declare personal values. */
  readonly personal?: { readonly paths: ByTenant<DeclaredPaths>; readonly key: PersonalKey } | undefined;
}

interface CoreFunction {
  readonly suffix: FunctionSuffix;
  readonly description: string;
  readonly timeout: Duration;
  readonly data?: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly reservedConcurrency?: number | undefined;
  /** In MB, where the deployment does not say it. @default 512 */
  readonly memorySize?: number;
}

/** One of the project's own functions; its code is found by its name. */
export function coreFunction(scope: Construct, foundation: Foundation, core: CoreFunction): SpineFunction {
  const {
    names,
    application,
    memorySize = core.memorySize,
    logRetention,
    tracing,
    systemLogLevel,
  } = foundation;
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
  tenantInFlight,
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
    ...(tenantInFlight !== undefined && { [Env.tenantInFlight]: String(tenantInFlight) }),
    ...(personal !== undefined && {
      [Env.personal]: JSON.stringify(personal.paths),
      [Env.personalKey]: personal.key.key.keyArn,
    }),
  };
}

/** The variable of a function that lists sessions, or keeps their list. */
export const indexEnvironment = ({ index }: Foundation): Record<string, string> =>
  index === undefined ? {} : { [Env.sessionIndex]: index.table.tableName };

/** The variable of a function that reads scores, or erases them. */
export const scoresEnvironment = ({ scores }: Foundation): Record<string, string> =>
  scores === undefined ? {} : { [Env.scores]: scores.table.tableName };

/** Send tasks to all agents, whichever stack hosts them, with their tokens and with links to large views. */
export function grantDispatch({ names, blobs, tokens }: Foundation, grantee: iam.IGrantable): void {
  names.grant(grantee, ["sqs:SendMessage"], [names.queueArn("agent-*.fifo")]);
  blobs.grantRead(grantee);
  tokens.grantIssue(grantee);
}

/** Read the log with its personal values, including values sealed under other paths or another key. */
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
