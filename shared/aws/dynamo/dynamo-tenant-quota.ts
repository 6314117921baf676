import { GetItemCommand, UpdateItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { givenTo, type ByTenant } from "#core/by-tenant.ts";
import type { TenantId } from "#core/ids.ts";
import {
  draw,
  LEASE_MS,
  leaseOf,
  takeToken,
  wantedTokens,
  type Draw,
  type Lease,
  type QuotaRule,
} from "#core/quota.ts";
import type { Clock } from "#ports/clock.ts";
import type { QuotaResult, TenantQuota } from "#ports/tenant-quota.ts";
import { isAwsError } from "../aws-error.ts";
import { ItemKind } from "../names.ts";
import { quotaKey } from "./dynamo-quota-buckets.ts";

export interface DynamoTenantQuotaOptions {
  readonly client: DynamoDBClient;
  /** The log's table: no session's partition begins with "#". */
  readonly table: string;
  readonly clock: Pick<Clock, "now">;
  /** A tenant without a rule is never counted. */
  readonly quotas: ByTenant<QuotaRule>;
  readonly onTrouble?: (error: unknown, what: string) => void;
}

/** What a process remembers of a tenant. */
interface Known {
  readonly fullAt: number;
  readonly lease?: Lease;
  /** Until then everything passes, since the bucket could not be asked, ms. */
  readonly passUntil: number;
  /** Until then nothing passes and nobody asks, ms. */
  readonly overUntil: number;
  /** How often in a row the bucket had nothing. */
  readonly refusals: number;
}

const UNKNOWN: Known = { fullAt: 0, passUntil: 0, overUntil: 0, refusals: 0 };
/** Draws that lose against others of the tenant are tried again with what the item then holds. */
const MAX_TRIES = 5;
/** A bucket that had nothing is left alone for this long, doubled with each time in a row that it has nothing. */
const FIRST_REFUSAL_MS = 100;
const LONGEST_REFUSAL_MS = 2_000;
/** An hour after its bucket was full again a tenant's item is nobody's business; the table's time to live removes it. */
const KEPT_SECONDS = 3_600;
/** What DynamoDB says of a key that is written too often. */
const THROTTLED = ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"];

/**
 * One item a tenant holds when its bucket is full again. A process draws some tokens by one conditional update, and gives
 * them out by itself for a second at most; while the bucket has nothing it does not ask. Trouble lets events pass: an
 * accountant that is away must stop nobody's work. Only a throttled item does not: nothing but the tenant's own flood writes
 * it that often.
 */
export function createDynamoTenantQuota(options: DynamoTenantQuotaOptions): TenantQuota {
  const { client, table, clock, quotas, onTrouble } = options;
  const tenants = new Map<TenantId, Known>();
  const drawing = new Map<TenantId, Promise<void>>();

  const read = async (tenant: TenantId): Promise<number> => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: quotaKey(tenant), ConsistentRead: true }),
    );
    return Number(Item?.["fullAt"]?.N ?? 0);
  };

  /** Writes a draw, unless the bucket is not as it was thought to be. */
  const write = async (
    tenant: TenantId,
    rule: QuotaRule,
    known: number,
    drawn: Extract<Draw, { readonly type: "granted" }>,
    now: number,
  ): Promise<number | undefined> => {
    const cost = (drawn.tokens * 1_000) / rule.perSecond;
    // A bucket that is not full takes the draws of many at once; one that is full starts anew, which only one may do.
    const filling = known >= now;
    const values = filling
      ? { ":cost": cost, ":now": now, ":most": now + (rule.burst * 1_000) / rule.perSecond - cost }
      : { ":now": now, ":next": drawn.fullAt };
    try {
      const { Attributes } = await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: quotaKey(tenant),
          UpdateExpression: `SET #fullAt = ${filling ? "#fullAt + :cost" : ":next"}, #kind = :kind, #expires = :expires`,
          ConditionExpression: filling
            ? "#fullAt BETWEEN :now AND :most"
            : "attribute_not_exists(#fullAt) OR #fullAt < :now",
          ExpressionAttributeNames: { "#fullAt": "fullAt", "#kind": "kind", "#expires": "expires" },
          ExpressionAttributeValues: {
            ...Object.fromEntries(
              Object.entries(values).map(([name, value]) => [name, { N: String(value) }]),
            ),
            ":kind": { S: ItemKind.quota },
            ":expires": { N: String(Math.ceil(drawn.fullAt / 1_000) + KEPT_SECONDS) },
          },
          ReturnValues: "UPDATED_NEW",
        }),
      );
      return Number(Attributes?.["fullAt"]?.N ?? drawn.fullAt);
    } catch (error) {
      if (isAwsError(error, "ConditionalCheckFailedException")) return undefined;
      throw error;
    }
  };

  const drawTokens = async (tenant: TenantId, rule: QuotaRule): Promise<void> => {
    const before = tenants.get(tenant) ?? UNKNOWN;
    const now = clock.now();
    const wanted = wantedTokens(rule, before.lease, now);
    let fullAt = before.fullAt;
    for (let tried = 0; tried < MAX_TRIES; tried += 1) {
      const drawn = draw(rule, fullAt, wanted, now);
      if (drawn.type === "granted") {
        const written = await write(tenant, rule, fullAt, drawn, now);
        if (written !== undefined) {
          tenants.set(tenant, { ...UNKNOWN, fullAt: written, lease: leaseOf(drawn.tokens, now) });
          return;
        }
        fullAt = await read(tenant);
      } else if (tried === 0) {
        // It may be emptier or fuller than it was when this process drew last.
        fullAt = await read(tenant);
      } else return refuse(tenant, { ...before, fullAt }, drawn.retryAt, now);
    }
    // Everybody draws at once.
    refuse(tenant, { ...before, fullAt }, now, now);
  };

  const refuse = (tenant: TenantId, before: Known, retryAt: number, now: number): void => {
    const pause = Math.min(FIRST_REFUSAL_MS * 2 ** before.refusals, LONGEST_REFUSAL_MS);
    const { fullAt, refusals } = before;
    const overUntil = Math.max(retryAt, now + pause);
    tenants.set(tenant, { ...UNKNOWN, fullAt, overUntil, refusals: refusals + 1 });
  };

  /** Only what this process knows changes: others meet the same trouble by themselves. */
  const drawOrPass = async (tenant: TenantId, rule: QuotaRule): Promise<void> => {
    try {
      await drawTokens(tenant, rule);
    } catch (error) {
      const now = clock.now();
      const before = tenants.get(tenant) ?? UNKNOWN;
      if (THROTTLED.some((name) => isAwsError(error, name))) return refuse(tenant, before, now, now);
      onTrouble?.(error, `counting the events of ${tenant}; they pass uncounted meanwhile`);
      tenants.set(tenant, { ...UNKNOWN, fullAt: before.fullAt, passUntil: now + LEASE_MS });
    }
  };

  /** Events that a process takes side by side draw once. */
  const drawOnce = async (tenant: TenantId, rule: QuotaRule): Promise<void> => {
    const under = drawing.get(tenant) ?? drawOrPass(tenant, rule).finally(() => drawing.delete(tenant));
    drawing.set(tenant, under);
    await under;
  };

  const fromLease = (tenant: TenantId): QuotaResult | undefined => {
    const known = tenants.get(tenant) ?? UNKNOWN;
    const now = clock.now();
    if (now < known.passUntil) return { type: "granted" };
    if (now < known.overUntil) return { type: "over", retryAfterMs: known.overUntil - now };
    const lease = takeToken(known.lease, now);
    if (lease === undefined) return undefined;
    tenants.set(tenant, { ...known, lease });
    return { type: "granted" };
  };

  return {
    async take(tenant) {
      const rule = givenTo(quotas, tenant);
      if (rule === undefined) return { type: "granted" };
      for (;;) {
        const result = fromLease(tenant);
        if (result !== undefined) return result;
        await drawOnce(tenant, rule);
      }
    },
  };
}
