import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { FlowLibrary } from "#ports/session-log.ts";
import { reaching } from "../aws-error.ts";
import { CommitCodec, FLOW_PARTITION, ItemKind, LARGE_FLOWS } from "../names.ts";
import { packText, unpackText } from "./commit-codec.ts";
import type { DynamoSessionLogOptions } from "./dynamo-session-log.ts";
import { getApart, isTextApart, putApart } from "./text-apart.ts";

/** Flows in the log's own table, each an item that carries no time to live. */
export function createDynamoFlowLibrary({
  client,
  table,
  digest,
  blobs,
  codec = CommitCodec.deflate1,
}: Omit<DynamoSessionLogOptions, "itemOf">): FlowLibrary {
  const keyOf = (hash: string) => ({ pk: { S: FLOW_PARTITION + hash }, sk: { N: "0" } });
  return {
    async put(hash, text) {
      const apart = await putApart({ blobs, digest }, LARGE_FLOWS, text);
      await reaching(
        `Flow ${hash} was not written`,
        async () => {
          await client.send(
            new PutItemCommand({
              TableName: table,
              Item: {
                ...keyOf(hash),
                kind: { S: ItemKind.flow },
                ...(apart ?? packText(text, codec)),
              },
              ConditionExpression: "attribute_not_exists(pk)",
            }),
          );
        },
        { answers: { ConditionalCheckFailedException: undefined } },
      );
    },

    get: (hash) =>
      reaching(`Flow ${hash} cannot be read`, async () => {
        const { Item: item } = await client.send(
          new GetItemCommand({ TableName: table, ConsistentRead: true, Key: keyOf(hash) }),
        );
        if (item === undefined) return undefined;
        return isTextApart(item) ? getApart({ blobs, digest }, item) : unpackText(item);
      }),
  };
}
