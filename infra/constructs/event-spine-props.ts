import type { Duration } from "aws-cdk-lib";
import type * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import type * as kms from "aws-cdk-lib/aws-kms";
import type { CommitCodec } from "#aws/names.ts";
import type { Ceilings } from "#core/session/limits.ts";
import type { CoreConcurrency } from "../settings/concurrency.ts";
import type { TenantQuotas } from "../settings/tenant-quotas.ts";
import type { Waits } from "../settings/wait-bounds.ts";
import type { CallerRights, Tenants } from "../settings/tenant-rights.ts";
import type { PersonalPaths } from "./personal-key.ts";
import type { SessionLogTableProps } from "./session-log-table.ts";
import type { SpineAgentOptions } from "./spine-agent.ts";
import type { Producer } from "./spine-bus.ts";
import type { FunctionOptions } from "./spine-function.ts";

/** What a spine is; all but its application has a default. */
export interface EventSpineProps extends FunctionOptions, SessionLogTableProps {
  /** The module that exports `applicationDefinition`: contracts, flows and event schemas. */
  readonly application: string;
  /** The agents that this stack hosts, by name. @default none */
  readonly agents?: Readonly<Record<string, SpineAgentOptions>>;
  /** Agents of the application that other stacks host, with `EventSpine.fromName`. @default none */
  readonly agentsElsewhere?: readonly string[];
  /** Ordered subscriptions that other stacks have deployed. Those made with this spine are known. @default none */
  readonly subscriptions?: readonly string[];
  /** What all names start with; two spines in one account and Region differ by it. @default "spine" */
  readonly prefix?: string;
  /** Who may put events of which source on spine-in; others are denied. @default any source, whoever has the right by IAM */
  readonly producers?: readonly Producer[];
  /**
   * The tenant of each caller: of a role's ARN (without its path) or an account's number over HTTP, of `account/source` on
   * spine-in, which takes `producers` of that source. Accounts other than the spine's are let through. Others are refused. @default one tenant, "default", and IAM alone says who may call
   */
  readonly tenants?: Tenants;
  /**
   * What callers may do with the sessions of their tenant, by role's ARN (without its path), account's number or `account/source`; `*` is
   * every one without an entry: `send` events, `read` sessions, `answer` questions, `command`: stop and cancel. @default to send alone
   */
  readonly rights?: CallerRights;
  /**
   * How many events each tenant may send, over HTTP and on spine-in together. Over HTTP what is more is refused with 429, on
   * spine-in it waits. @default nobody's events are counted
   */
  readonly quotas?: TenantQuotas;
  /**
   * How many requests are held for their replies (`Prefer: wait`) at once, of a tenant and in all; more are answered at once. Each
   * holds an environment of Lambda. @default 200, and a quarter of them for a tenant
   */
  readonly waits?: Waits;
  /**
   * What no event's budget lifts: tokens, money and hops of a run, its time, and that of a session from its first event on. A budget above
   * one is capped. @default 1,000 hops, and no other
   */
  readonly ceilings?: Ceilings;
  /**
   * How long a session stays after the last that happened in it, by tenant; `*` is every tenant that is not named. Then only a
   * tombstone is left. @default sessions stay for ever
   */
  readonly retention?: Readonly<Record<string, Duration>>;
  /**
   * Paths of the context that hold personal values, such as `input.email`, by tenant; `*` is every tenant that is not named. They
   * are stored and published as ciphertext under a key per session. @default none
   */
  readonly personal?: PersonalPaths;
  /**
   * A key of KMS that is there already, for the personal values of sessions. @default one is made where there are paths; it stays, and
   * opens what it sealed, when the paths go
   */
  readonly personalKey?: kms.IKey;
  /**
   * How the texts of new commits are written: `deflate-1` compressed, `plain` as they are. Every version reads what it can
   * write, so a codec is switched to when no function runs any more that does not know it: the version first, with the codec
   * of before, and then the codec. @default "deflate-1"
   */
  readonly commitCodec?: CommitCodec;
  /** The newest form in which commits are written, switched to as a codec is; 2 for a new spine (docs/deploy.md). @default 1, which every version reads */
  readonly commitForm?: number;
  /** Batches of one shard of the log's stream that are relayed side by side, 1 to 10. @default 2 */
  readonly relayParallelization?: number;
  /**
   * What alarms do when they ring, those of agents and subscriptions included. Agents in stacks of their own tell the topic
   * `{prefix}-alarms` unless they are given actions. @default they tell that topic, to which you subscribe
   */
  readonly alarmActions?: readonly cloudwatch.IAlarmAction[];
  /** E-mail addresses that the topic `{prefix}-alarms` tells, once each has confirmed it. @default nobody until you subscribe somebody */
  readonly alarmEmails?: readonly string[];
  /** Whether there is a dashboard of the spine's metrics, $3.00 a month beyond an account's first three. @default true */
  readonly dashboard?: boolean;
  /** Batches of the core's queues that are worked on side by side (docs/quotas.md). */
  readonly concurrency?: CoreConcurrency;
  /** Environments that are kept for the door, whatever else runs in the account. @default none are */
  readonly doorConcurrency?: number;
}
