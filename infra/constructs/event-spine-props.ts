import type { Duration } from "aws-cdk-lib";
import type * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import type * as kms from "aws-cdk-lib/aws-kms";
import type { CommitCodec } from "#aws/names.ts";
import type { Ceilings } from "#core/session/limits.ts";
import type { CoreConcurrency } from "../settings/concurrency.ts";
import type { ByTenant } from "#core/by-tenant.ts";
import type { TenantQuota } from "../settings/tenant-quotas.ts";
import type { Callbacks } from "../settings/callback-bounds.ts";
import type { Streams } from "../settings/stream-bounds.ts";
import type { Waits } from "../settings/wait-bounds.ts";
import type { CallerRights, Tenants } from "../settings/tenant-rights.ts";
import type { ScorersOptions } from "./scorers.ts";
import type { SessionLogTableProps } from "./session-log-table.ts";
import type { SpineAgentGroupOptions } from "./spine-agent-group.ts";
import type { SpineAgentOptions } from "./spine-agent.ts";
import type { Producer } from "./spine-bus.ts";
import type { FunctionOptions } from "./spine-function.ts";

/** The properties of a spine; all but its application have a default. */
export interface EventSpineProps extends FunctionOptions, SessionLogTableProps {
  /** The module that exports `applicationDefinition`: contracts, flows and event schemas. */
  readonly application: string;
  /** The agents that this stack hosts, by name. @default none */
  readonly agents?: Readonly<Record<string, SpineAgentOptions>>;
  /**
   * The groups that this stack hosts, by the name that contracts give in `group`: one function each for all agents of the group.
   * @default none
   */
  readonly groups?: Readonly<Record<string, SpineAgentGroupOptions>>;
  /** Agents of the application that other stacks host, with `EventSpine.fromName`. @default none */
  readonly agentsElsewhere?: readonly string[];
  /** Ordered subscriptions that other stacks have deployed. Those made with this spine are known. @default none */
  readonly subscriptions?: readonly string[];
  /**
   * Whether the relay keeps a row of each session, for `GET /sessions` and `GET /questions`: a table of its own, written when what
   * a row tells changes.
   * @default true
   */
  readonly sessionIndex?: boolean;
  /**
   * Scores every reply after it is committed, for `GET /sessions/{session}/scores` and the console: a function, a table and an ordered
   * subscription of their own.
   * @default nothing is scored
   */
  readonly scorers?: ScorersOptions;
  /** The start of all names; two spines in one account and Region must have different prefixes. @default "spine" */
  readonly prefix?: string;
  /**
   * Who may put events of which source on spine-in; others are denied.
   * @default any source, for every principal with the IAM right
   */
  readonly producers?: readonly Producer[];
  /**
   * The tenant of each caller: of a role's ARN (without its path) or an account's number over HTTP, of `account/source` on
   * spine-in, which requires `producers` of that source. Accounts other than the spine's get access. Unlisted callers are
   * rejected.
   * @default one tenant, "default", and IAM alone decides who may call
   */
  readonly tenants?: Tenants;
  /**
   * The rights of callers to the sessions of their tenant, by role's ARN (without its path), account's number or
   * `account/source`; `*` applies to all without an entry: `send` events, `read` sessions, `answer` questions, `command`: stop
   * and cancel.
   * @default `send` only
   */
  readonly rights?: CallerRights;
  /**
   * How many events each tenant may send, over HTTP and on spine-in together; `*` is every tenant that is not named. Over HTTP what is more is refused with 429, on
   * spine-in it waits. @default nobody's events are counted
   */
  readonly quotas?: ByTenant<TenantQuota>;
  /**
   * How many tasks of one tenant each agent's queue hands out at once, 1 to 1,000, per lane: a tenant that floods leaves the rest of the bulkhead to
   * others. The sessions of a tenant then share that many message groups, so a task may wait for one of another session of its tenant.
   * @default any number: no task waits for another one
   */
  readonly tenantInFlight?: number;
  /**
   * How many requests are held for their replies (`Prefer: wait`) at once, per tenant and in total; further ones are answered
   * at once. Each holds an environment of Lambda.
   * @default 200, and a quarter of them per tenant
   */
  readonly waits?: Waits;
  /**
   * How many streams of sessions' events are open at once, per tenant and in total, and what of Lambda's concurrency is reserved for
   * them; `false` for no streams, and no function that serves them.
   * @default 100, and a quarter of them per tenant; nothing is reserved
   */
  readonly streams?: Streams | false;
  /**
   * Lets producers ask that what agents say while they work (`task.progress`) is shown in the streams of their sessions: a function and a table of
   * their own. Nothing of it for tenants with personal values. Needs `commitForm` 4.
   * @default false
   */
  readonly liveOutput?: boolean;
  /**
   * A public URL where tasks that agents passed on (`later`) are answered without a signature: by a task's token alone, POST, up to 64 KB. The output
   * `CallbackUrl`, and `url` of callbacks of agents in this stack.
   * @default none: answers are signed calls of the door
   */
  readonly callbacks?: Callbacks;
  /**
   * Limits that no event's budget can raise: tokens, money and hops of a run, its time, and the time of a session from its
   * first event. A higher budget is capped.
   * @default 1,000 hops only
   */
  readonly ceilings?: Ceilings;
  /**
   * How long a session is kept after its last commit, by tenant; `*` is every tenant that is not named. Then only a tombstone
   * is left.
   * @default sessions are kept forever
   */
  readonly retention?: ByTenant<Duration>;
  /**
   * Paths of the context that contain personal values, such as `input.email`, by tenant; `*` is every tenant that is not named.
   * They are stored and published as ciphertext under a key per session.
   * @default none
   */
  readonly personal?: ByTenant<readonly string[]>;
  /**
   * An existing KMS key for the personal values of sessions.
   * @default one is created if there are paths; it is retained, and opens its values, after the paths are removed
   */
  readonly personalKey?: kms.IKey;
  /**
   * How the texts of new commits are written: `deflate-1` compressed, `plain` uncompressed. Every version can read all codecs
   * that it can write. Enable a codec only when no running function predates it: first deploy the version with the previous
   * codec, and then the codec.
   * @default "deflate-1"
   */
  readonly commitCodec?: CommitCodec;
  /**
   * The newest form in which commits are written, enabled like a codec; 3 for a new spine (docs/deploy.md).
   * @default 1, which every version reads
   */
  readonly commitForm?: number;
  /** Batches of one shard of the log's stream that are relayed concurrently, 1 to 10. @default 2 */
  readonly relayParallelization?: number;
  /**
   * The actions of ringing alarms, including those of agents and subscriptions. Agents in separate stacks notify the topic
   * `{prefix}-alarms` unless they have their own actions.
   * @default they notify that topic, to which you subscribe
   */
  readonly alarmActions?: readonly cloudwatch.IAlarmAction[];
  /** E-mail addresses that receive the topic `{prefix}-alarms`, once each has confirmed. @default none until you subscribe */
  readonly alarmEmails?: readonly string[];
  /** Whether there is a dashboard of the spine's metrics, $3.00 a month beyond an account's first three. @default true */
  readonly dashboard?: boolean;
  /** Batches of the core's queues that are processed concurrently (docs/quotas.md). */
  readonly concurrency?: CoreConcurrency;
  /** Environments that are provisioned for the door, whatever else runs in the account. @default none */
  readonly doorConcurrency?: number;
}
