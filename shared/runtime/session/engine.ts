import type { Application } from "#core/flow/compile.ts";
import type { HashedFlow } from "#core/flow/plan.ts";
import type { SessionKey, TenantId } from "#core/ids.ts";
import type { Limits } from "#core/session/limits.ts";
import type { AgentHealth, Heartbeats } from "#ports/agents.ts";
import type { Blobs } from "#ports/blobs.ts";
import type { Clock, Ids } from "#ports/clock.ts";
import type { Cipher, Digest, KeyedDigests, Tokens } from "#ports/secrets.ts";
import type { Dispatch } from "#ports/queues.ts";
import type { SessionLog } from "#ports/session-log.ts";
import type { Tracer } from "#ports/tracer.ts";
import type { SessionCache } from "./session-cache.ts";

/** What a session with personal values needs while it is decided on. */
export interface PersonalGuard {
  /** Paths whose values are personal by what the tenant declared, by flows, and by what was known before; `undefined` for a tenant that declares none. */
  paths(
    tenant: TenantId,
    flows: readonly HashedFlow[],
    known: readonly string[],
  ): Promise<readonly string[] | undefined>;
  /** What stands for hashes of bodies in the session: digests by its key; `undefined` for a tenant that declares none. */
  digests(key: SessionKey): Promise<((hash: string) => string) | undefined>;
  /** The session's key, if this process has it, as `SessionKeys.cached`: it asks for none. */
  cachedKey(key: SessionKey): Promise<Cipher | undefined>;
}

/** Everything that advancing a session stands on; the same for every door. */
export interface Engine {
  readonly application: Application;
  readonly log: SessionLog;
  readonly dispatch: Dispatch;
  readonly blobs: Blobs;
  readonly health: AgentHealth;
  /** Whether each tenant has circuit breakers of its own. @default all have the same */
  readonly tenantBreakers?: boolean;
  readonly heartbeats: Heartbeats;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly digest: Digest;
  readonly tokens: Tokens;
  /** What logs say in the place of correlations. @default no log says anything of them */
  readonly digests?: KeyedDigests;
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<Limits>;
  /** The newest form of commits that all readers know. @default the newest */
  readonly form?: number;
  /** Whether what agents say while they work is shown to who asks for it. @default it is not */
  readonly live?: boolean;
  /** Pauses before retries that are no longer are left to agents' hosts, ms. @default a timer ends each */
  readonly pauseMs?: number;
  /** Where tenants declare personal values. @default none does */
  readonly personal?: PersonalGuard;
  /** What this process keeps of the sessions that it advanced. @default nothing: each input reads its session */
  readonly cache?: SessionCache;
  /** Records commits and dispatches as spans. @default nothing is recorded */
  readonly tracer?: Tracer;
  /** Told of trouble that somebody else will mend, such as a dispatch that the relay repeats. */
  readonly onTrouble?: (error: unknown, what: string) => void;
}
