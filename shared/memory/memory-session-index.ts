import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import { orderOf, type SessionRow } from "#core/session/summary/summary.ts";
import type { IndexedSession, RowsOf, SessionIndex } from "#ports/session-index.ts";

export interface MemorySessionIndex extends SessionIndex {
  all(): readonly { readonly key: SessionKey; readonly row: SessionRow }[];
}

export function createMemorySessionIndex(): MemorySessionIndex {
  const closed = new Set<string>();
  const rows = new Map<string, { readonly key: SessionKey; readonly indexed: IndexedSession }>();
  return {
    get: (key) => Promise.resolve(rows.get(sessionKeyText(key))?.indexed),
    put({ tenant, session }, indexed, over) {
      const name = sessionKeyText({ tenant, session });
      const known = rows.get(name)?.indexed.row.sequence ?? 0;
      const { sequence } = indexed.row;
      if (!closed.has(name) && (sequence > known || known === over))
        rows.set(name, { key: { tenant, session }, indexed });
      return Promise.resolve();
    },
    list({ tenant, of, before, limit }) {
      const meant = [...rows.values()].flatMap(({ key, indexed: { row } }) =>
        key.tenant === tenant && isOf(row, of) && (before === undefined || orderOf(row) < before)
          ? [row]
          : [],
      );
      const newest = meant.toSorted((a, b) => (orderOf(a) < orderOf(b) ? 1 : -1));
      return Promise.resolve(newest.slice(0, limit));
    },
    close(key) {
      closed.add(sessionKeyText(key));
      rows.delete(sessionKeyText(key));
      return Promise.resolve();
    },
    remove(key) {
      closed.delete(sessionKeyText(key));
      rows.delete(sessionKeyText(key));
      return Promise.resolve();
    },
    all: () => [...rows.values()].map(({ key, indexed: { row } }) => ({ key, row })),
  };
}

function isOf(row: SessionRow, of: RowsOf): boolean {
  if ("states" in of) return of.states.includes(row.state);
  if ("flow" in of) return row.flows.some(({ name }) => name === of.flow);
  return row.problem !== undefined && of.problems.includes(row.problem.kind);
}
