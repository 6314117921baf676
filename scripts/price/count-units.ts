import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { itemBytes, readUnits, type WireItem } from "./units.ts";

/** What a client has asked of DynamoDB. */
export interface CountedUnits {
  requests: number;
  /** Capacity units. */
  read: number;
  write: number;
}

/** Adds up what a client asks from now on; the emulator's own count leaves out empty answers. */
export function countUnits(client: DynamoDBClient): CountedUnits {
  const units = { requests: 0, read: 0, write: 0 };
  client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        const result = await next(args);
        const { ConsistentRead } = args.input as { ConsistentRead?: boolean };
        const { Item, Items = Item === undefined ? [] : [Item] } = result.output as {
          Item?: WireItem;
          Items?: readonly WireItem[];
        };
        const bytes = Items.reduce((sum, item) => sum + itemBytes(item), 0);
        units.requests += 1;
        if (commandName === "UpdateItemCommand") units.write += 1;
        else if (["QueryCommand", "GetItemCommand"].includes(commandName))
          units.read += readUnits(bytes, ConsistentRead === true);
        else throw new Error(`DynamoDB ${commandName}: its units are unknown here.`);
        return result;
      },
    { step: "initialize" },
  );
  return units;
}
