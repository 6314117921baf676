import {
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type AttributeValue,
  type DynamoDBClient,
  type QueryCommandInput,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import type { SessionKey } from "#core/ids.ts";
import { COMMITS_WORTH_A_SNAPSHOT, MAX_COMMITS_BETWEEN_SNAPSHOTS } from "#core/session/limits.ts";
import type { Blobs } from "#ports/blobs.ts";
import type { Digest } from "#ports/secrets.ts";
import type { Marker, SessionLog, StoredCommit } from "#ports/session-log.ts";
import { reaching } from "../aws-error.ts";
import { createDynamoFlowLibrary } from "./dynamo-flow-library.ts";
import { writeBatches } from "./dynamo-write-batch.ts";
import {
  commitItem,
  markerItem,
  markerKey,
  partitionOf,
  readCommitItem,
  readMarkerItem,
  readCommitText,
} from "./log-items.ts";
import type { CommitCodec } from "../names.ts";
import { getApart, isTextApart, putApart } from "./text-apart.ts";

export interface DynamoSessionLogOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly digest: Digest;
  /** Where texts are that no item can hold. @default commits with such a text can be neither written nor read */
  readonly blobs?: Blobs | undefined;
  /** How commits' texts are written; all codecs are read. @default deflate-1 */
  readonly codec?: CommitCodec | undefined;
  /** What is put for a commit. @default its item */
  readonly itemOf?: typeof commitItem;
}

type Item = Record<string, AttributeValue>;

/** Commits back to the snapshot that a session gets as soon as its tail is worth one. */
const USUAL_TAIL = COMMITS_WORTH_A_SNAPSHOT + 1;

/** Every commit that a page brings is paid for: first as many as usually do, then as many as there may be. */
const backwards = (read: number): number =>
  read < USUAL_TAIL ? USUAL_TAIL - read : Math.max(MAX_COMMITS_BETWEEN_SNAPSHOTS - read, USUAL_TAIL);

/** The session log on one DynamoDB table: an item a commit at (session, first sequence). */
export function createDynamoSessionLog({
  client,
  table,
  digest,
  blobs,
  codec,
  itemOf = commitItem,
}: DynamoSessionLogOptions): SessionLog {
  const read = async (item: Item): Promise<StoredCommit> =>
    isTextApart(item) ? readCommitText(item, await getApart({ blobs, digest }, item)) : readCommitItem(item);

  /** Reads pages until `enough` says so or the session ends; a page ends at 1 MB or at its limit. */
  const query = async (
    key: SessionKey,
    range: Pick<QueryCommandInput, "ScanIndexForward"> & {
      readonly where: string;
      readonly at?: number;
      /** Of a page, by how many commits were read before it. */
      readonly limit: (read: number) => number;
    },
    enough: (commits: readonly StoredCommit[]) => boolean,
  ): Promise<StoredCommit[]> => {
    const { where, at, limit, ...page } = range;
    const commits: StoredCommit[] = [];
    let start: Item | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: `pk = :pk${where}`,
          ExpressionAttributeValues: {
            ":pk": { S: partitionOf(key) },
            ...(at !== undefined && { ":at": { N: String(at) } }),
          },
          ...page,
          Limit: limit(commits.length),
          ...(start !== undefined && { ExclusiveStartKey: start }),
        }),
      );
      commits.push(...(await Promise.all(Items.map(read))));
      start = LastEvaluatedKey;
    } while (start !== undefined && !enough(commits));
    return commits;
  };

  /** The newest commits at or before `at`, oldest first, back to a snapshot. */
  const backToSnapshot = async (key: SessionKey, at?: number): Promise<readonly StoredCommit[]> => {
    const newest = await query(
      key,
      {
        where: at === undefined ? "" : " AND sk <= :at",
        ScanIndexForward: false,
        limit: backwards,
        ...(at !== undefined && { at }),
      },
      (commits) => commits.some(({ first, snapshot }) => snapshot || first === 1),
    );
    const snapshot = newest.findIndex((commit) => commit.snapshot);
    return (snapshot === -1 ? newest : newest.slice(0, snapshot + 1)).reverse();
  };

  return {
    flows: createDynamoFlowLibrary({ client, table, digest, blobs, codec }),
    readTail: (key) => reading(key, () => backToSnapshot(key)),
    readUpTo: (key, sequence) => reading(key, () => backToSnapshot(key, sequence)),

    readAfter: (key, sequence, limit) =>
      reading(key, async () => {
        const range = { where: " AND sk > :at", at: sequence, ScanIndexForward: true, limit: () => limit };
        const commits = await query(key, range, (found) => found.length >= limit);
        return commits.slice(0, limit);
      }),

    async append(key, commit) {
      const apart = await putApart({ blobs, digest }, partitionOf(key), commit.text);
      return reaching<StoredCommit | "conflict">(
        `Commit ${commit.first} of ${partitionOf(key)} was not written`,
        async () => {
          await client.send(
            new PutItemCommand({
              TableName: table,
              Item:
                apart === undefined
                  ? itemOf(key, commit, codec)
                  : { ...itemOf(key, { ...commit, text: "" }, codec), ...apart },
              ConditionExpression: "attribute_not_exists(pk)",
            }),
          );
          return commit;
        },
        { answers: { ConditionalCheckFailedException: "conflict" } },
      );
    },

    readMarker: (key, source, id) =>
      reading(key, async () => {
        const { Item: item } = await client.send(
          new GetItemCommand({
            TableName: table,
            ConsistentRead: true,
            Key: markerKey(key, source, id, digest),
          }),
        );
        return item === undefined ? undefined : readMarkerItem(item);
      }),

    writeMarkers: (key, markers) =>
      reading(key, async () => {
        // One batch must not name a key twice.
        const items = new Map(markers.map((marker) => [JSON.stringify([marker.source, marker.id]), marker]));
        const requests = [...items.values()].map((marker: Marker): WriteRequest => ({
          PutRequest: { Item: markerItem(key, marker, digest) },
        }));
        await writeBatches(client, table, requests);
      }),
  };
}

/** Calls the table, and says in the spine's words that it cannot be reached. */
export const reading = <T>(key: SessionKey, call: () => Promise<T>): Promise<T> =>
  reaching(`The log of ${partitionOf(key)} cannot be read`, call);
