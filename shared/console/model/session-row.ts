import type { SessionRow as Row } from "#core/session/summary/summary.ts";

/** What the list says of a session, as `GET /sessions` gives it. */
export type SessionRow = Omit<Row, "session"> & { readonly session: string };

/** Problems first, then the newest. */
export const inOrder = (rows: readonly SessionRow[]): readonly SessionRow[] =>
  rows.toSorted(
    (one, other) =>
      Number(other.problem !== undefined) - Number(one.problem !== undefined) || other.lastAt - one.lastAt,
  );

/** What is shown beside what has been read since. */
export interface ListedRows {
  /** In the order in which they are shown: what changed stays where it is. */
  readonly shown: readonly SessionRow[];
  /** Sessions that would jump in: they wait until they are asked for. */
  readonly fresh: readonly SessionRow[];
}

/** Takes in rows that were read again: nothing that is looked at moves. */
export function withNewer({ shown, fresh }: ListedRows, read: readonly SessionRow[]): ListedRows {
  const newer = new Map(read.map((row) => [row.session, row]));
  const known = new Set(shown.map(({ session }) => session));
  const waiting = new Map(
    [...fresh, ...read.filter(({ session }) => !known.has(session))].map((row) => [row.session, row]),
  );
  return {
    shown: shown.map((row) => newer.get(row.session) ?? row),
    fresh: [...waiting.values()],
  };
}

/** Shows what waited. */
export const withFresh = ({ shown, fresh }: ListedRows): ListedRows => ({
  shown: inOrder([...fresh, ...shown]),
  fresh: [],
});

/** Appends another page. */
export function withPage({ shown, fresh }: ListedRows, page: readonly SessionRow[]): ListedRows {
  const known = new Set(shown.map(({ session }) => session));
  return { shown: [...shown, ...inOrder(page.filter(({ session }) => !known.has(session)))], fresh };
}
