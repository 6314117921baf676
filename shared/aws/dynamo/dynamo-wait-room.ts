import { UpdateItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { TenantId } from "#core/ids.ts";
import { slotsOf, slotsToTry, type WaitBounds } from "#core/wait-slots.ts";
import type { Clock, Ids } from "#ports/clock.ts";
import type { WaitPlace, WaitRoom } from "#ports/tenant-quota.ts";
import { isAwsError } from "../aws-error.ts";
import { ItemKind, WAIT_PARTITION } from "../names.ts";

export interface DynamoWaitRoomOptions {
  readonly client: DynamoDBClient;
  /** The log's table: no session's partition begins with "#". */
  readonly table: string;
  readonly bounds: WaitBounds;
  readonly clock: Pick<Clock, "now">;
  readonly ids: Ids;
  readonly onTrouble?: (error: unknown, what: string) => void;
}

/** Of a tenant's places some are asked for; where these are taken there is little room, and another request soon finds some. */
const MAX_TRIES = 4;
/** A place that was taken an hour ago is nobody's business; the table's time to live removes it. */
const KEPT_SECONDS = 3_600;

/**
 * One item a place, taken by one conditional update until its time is over, and given back by another. Nothing of it can be lost: a
 * process that dies leaves a place whose time ends.
 */
export function createDynamoWaitRoom(options: DynamoWaitRoomOptions): WaitRoom {
  const { client, table, bounds, clock, ids, onTrouble } = options;
  const keyOf = (slot: number) => ({ pk: { S: `${WAIT_PARTITION}${slot}` }, sk: { N: "0" } });

  const take = async (slot: number, holder: string, until: number): Promise<boolean> => {
    try {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyOf(slot),
          UpdateExpression: "SET #until = :until, #holder = :holder, #kind = :kind, #expires = :expires",
          ConditionExpression: "attribute_not_exists(#until) OR #until < :now",
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

  const giveBack = async (slot: number, holder: string): Promise<void> => {
    try {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyOf(slot),
          UpdateExpression: "SET #until = :free",
          // Who was held for longer than its place has nothing to give back.
          ConditionExpression: "#holder = :holder",
          ExpressionAttributeNames: { "#until": "until", "#holder": "holder" },
          ExpressionAttributeValues: { ":free": { N: "0" }, ":holder": { S: holder } },
        }),
      );
    } catch (error) {
      if (!isAwsError(error, "ConditionalCheckFailedException"))
        onTrouble?.(error, "leaving a place of those who wait");
    }
  };

  return {
    async enter(tenant: TenantId, until: number): Promise<WaitPlace | undefined> {
      const holder = ids.next();
      try {
        for (const slot of slotsToTry(slotsOf(tenant, bounds), holder, MAX_TRIES))
          if (await take(slot, holder, until)) return { leave: () => giveBack(slot, holder) };
      } catch (error) {
        onTrouble?.(error, "taking a place among those who wait");
      }
      return undefined;
    },
  };
}
