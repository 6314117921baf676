import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { SessionKey } from "#core/ids.ts";
import { emptyOutline, type Outline } from "#core/session/summary/outline.ts";
import { orderOf, type SessionRow } from "#core/session/summary/summary.ts";
import type { IndexedSession, RowsOf } from "#ports/session-index.ts";
import type { Digest } from "#ports/secrets.ts";
import { INDEX_SHARDS, IndexAttribute, SessionIndexName } from "../names.ts";
import { partitionOf } from "./log-items.ts";

type Item = Record<string, AttributeValue>;

/** The form of what is stored. A reader takes another one for nothing, and folds the session anew. */
const FORM = "1";
/** What the sort key of a session's own item is; those of its further flows are `flow/NAME`. */
const OWN = "row";

const { partition, sort, order, row: rowAttribute } = IndexAttribute;
const { byState, byFlow, byProblem } = IndexAttribute;

export const ownKey = (key: SessionKey): Item => ({
  [partition]: { S: partitionOf(key) },
  [sort]: { S: OWN },
});

/** The items of a session: one for each flow beyond the first, and at the end its own, so that whoever finds it finds the others. */
export function indexItems(key: SessionKey, { row, base }: IndexedSession, digest: Digest): readonly Item[] {
  const shard = shardOf(key, digest);
  const listed = (by: string, value: string): AttributeValue => ({ S: listName(key, by, value, shard) });
  const common = {
    form: { N: FORM },
    sequence: { N: String(row.sequence) },
    [order]: { S: orderOf(row) },
    [rowAttribute]: { S: JSON.stringify(row) },
  };
  const [first, ...further] = row.flows;
  const inFlow = (name: string): Item => ({ [byFlow]: listed(SessionIndexName.flow, name) });
  return [
    ...further.map(({ name }) => ({
      ...ownKey(key),
      [sort]: { S: `flow/${name}` },
      ...common,
      ...inFlow(name),
    })),
    {
      ...ownKey(key),
      ...common,
      base: { S: JSON.stringify(besideRow(base)) },
      [byState]: listed(SessionIndexName.state, row.state),
      ...(first !== undefined && inFlow(first.name)),
      ...(row.problem !== undefined && { [byProblem]: listed(SessionIndexName.problem, row.problem.kind) }),
    },
  ];
}

/** Stands in no list, and no row is newer: none is put over it. */
export const closedItem = (key: SessionKey): Item => ({
  ...ownKey(key),
  form: { N: FORM },
  sequence: { N: String(Number.MAX_SAFE_INTEGER) },
});

/** What an outline has that its row has not. */
type BesideRow = Omit<Outline, keyof SessionRow | "time"> & Partial<Pick<Outline, "problem">>;

const besideRow = ({ stopped, deadline, runs, tasks, waits, held, problem, doubts }: Outline): BesideRow => ({
  runs,
  tasks,
  waits,
  held,
  doubts,
  ...(stopped !== undefined && { stopped }),
  ...(deadline !== undefined && { deadline }),
  ...(problem !== undefined && { problem }),
});

/** What a session's own item says; nothing where it has another form. */
export function readIndexItem(item: Item | undefined): IndexedSession | undefined {
  const base = item?.["base"]?.S;
  if (item === undefined || base === undefined || item["form"]?.N !== FORM) return undefined;
  const row = readRow(item);
  const { flows, startedAt, lastAt: time, sequence, agents, tokens, money } = row;
  return {
    row,
    base: {
      ...emptyOutline(startedAt),
      ...{ time, sequence, tokens, money },
      flows: flows.map(({ name, flow }) => ({ name, flow })),
      agents,
      // Written by us, in this form.
      ...(JSON.parse(base) as BesideRow),
    },
  };
}

/** Written by us: rows of a later form only have more fields. */
export const readRow = (item: Item): SessionRow => JSON.parse(item[rowAttribute]?.S ?? "") as SessionRow;

/** The keys of the lists that hold the meant rows, and the index that has them. */
export function listsOf(tenant: SessionKey["tenant"], of: RowsOf) {
  const [index, attribute, values] =
    "states" in of
      ? ([SessionIndexName.state, byState, of.states] as const)
      : "flow" in of
        ? ([SessionIndexName.flow, byFlow, [of.flow]] as const)
        : ([SessionIndexName.problem, byProblem, of.problems] as const);
  const shards = Array.from({ length: INDEX_SHARDS }, (_, shard) => shard);
  const names = values.flatMap((value) => shards.map((shard) => listName({ tenant }, index, value, shard)));
  return { index, attribute, names };
}

/** No tenant and no flow has a `#` in its name. */
const listName = ({ tenant }: Pick<SessionKey, "tenant">, by: string, value: string, shard: number): string =>
  [tenant, by, value, shard].join("#");

function shardOf(key: SessionKey, digest: Digest): number {
  const [first = 0] = Buffer.from(digest.sha256(partitionOf(key)), "base64url");
  return first % INDEX_SHARDS;
}
