import { GetItemCommand, UpdateItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { TenantId } from "#core/ids.ts";
import { permitsOf, permitsToTry, type WaitBounds } from "#core/wait-permits.ts";
import type { Clock, Ids } from "#ports/clock.ts";
import type { WaitPermit, WaitRoom } from "#ports/tenant-quota.ts";
import { isAwsError } from "../aws-error.ts";
import { ItemKind, WAIT_PARTITION } from "../names.ts";

export interface DynamoWaitRoomOptions {
  readonly client: DynamoDBClient;
  /** The log's table: no session's partition begins with "#". */
  readonly table: string;
  readonly bounds: WaitBounds;
  readonly clock: Pick<Clock, "now">;
  readonly ids: Ids;
  /** What the permits' partitions start with. @default those of requests that wait for their replies */
  readonly partition?: string;
  readonly onTrouble?: (error: unknown, what: string) => void;
}

/** Of a tenant's permits some are asked for; where these are taken there is little room, and another request soon finds some. */
const MAX_TRIES = 4;
/** Of so few permits some are mostly all taken: they are looked through. */
const SMALL_ROOM = 12;
/** A permit that was taken an hour ago is nobody's business; the table's time to live removes it. */
const KEPT_SECONDS = 3_600;

/**
 * One item a permit, taken by one conditional update until its time is over, and given back by another. Nothing of it can be lost: a
 * process that dies leaves a permit whose time ends.
 */
export function createDynamoWaitRoom(options: DynamoWaitRoomOptions): WaitRoom {
  const { client, table, bounds, clock, ids, partition = WAIT_PARTITION, onTrouble } = options;
  const keyOf = (permit: number) => ({ pk: { S: `${partition}${permit}` }, sk: { N: "0" } });

  const take = async (permit: number, holder: string, until: number, before?: string): Promise<boolean> => {
    try {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyOf(permit),
          UpdateExpression: "SET #until = :until, #holder = :holder, #kind = :kind, #expires = :expires",
          ConditionExpression: `attribute_not_exists(#until) OR #until < :now${before === undefined ? "" : " OR begins_with(#holder, :before)"}`,
          ExpressionAttributeNames: {
            "#until": "until",
            "#holder": "holder",
            "#kind": "kind",
            "#expires": "expires",
          },
          ExpressionAttributeValues: {
            ":until": { N: String(until) },
            ":now": { N: String(clock.now()) },
            ":holder": { S: holder },
            ...(before !== undefined && { ":before": { S: before } }),
            ":kind": { S: ItemKind.wait },
            ":expires": { N: String(Math.ceil(until / 1_000) + KEPT_SECONDS) },
          },
        }),
      );
      return true;
    } catch (error) {
      if (isAwsError(error, "ConditionalCheckFailedException")) return false;
      throw error;
    }
  };

  const giveBack = async (permit: number, holder: string): Promise<void> => {
    try {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyOf(permit),
          UpdateExpression: "SET #until = :free",
          // Who was held for longer than its permit has nothing to give back.
          ConditionExpression: "#holder = :holder",
          ExpressionAttributeNames: { "#until": "until", "#holder": "holder" },
          ExpressionAttributeValues: { ":free": { N: "0" }, ":holder": { S: holder } },
        }),
      );
    } catch (error) {
      if (!isAwsError(error, "ConditionalCheckFailedException"))
        onTrouble?.(error, "releasing a permit to wait");
    }
  };

  const isHeld = async (permit: number, holder: string): Promise<boolean> => {
    try {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: keyOf(permit) }));
      return Item?.["holder"]?.S === holder;
    } catch (error) {
      onTrouble?.(error, "looking at a permit");
      return true;
    }
  };

  return {
    async enter(tenant: TenantId, until: number, who?: string): Promise<WaitPermit | undefined> {
      // The holder begins with who it is, so that none of it is left when another one takes the permit.
      const before = who === undefined ? undefined : `${tenant}/${who}~`;
      const holder = `${before ?? ""}${ids.next()}`;
      const own = permitsOf(tenant, bounds);
      const tries = own.length <= SMALL_ROOM ? own.length : MAX_TRIES;
      try {
        for (const permit of permitsToTry(own, before ?? holder, tries))
          if (await take(permit, holder, until, before))
            return { leave: () => giveBack(permit, holder), isHeld: () => isHeld(permit, holder) };
      } catch (error) {
        onTrouble?.(error, "taking a permit to wait");
      }
      return undefined;
    },
  };
}
