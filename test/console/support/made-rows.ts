import { parseSessionKey } from "#core/ids.ts";
import { emptyOutline } from "#core/session/summary/outline.ts";
import type { SessionRow } from "#core/session/summary/summary.ts";
import type { InProcessSpine } from "#testing/index.ts";
import { MORNING } from "./desk.ts";

/** Lists sessions that have no log; the returned function takes them out again. */
export async function listMade(
  { sessionIndex, key }: InProcessSpine,
  indexes: readonly number[],
): Promise<() => Promise<void>> {
  const keys = indexes.map((index) => parseSessionKey({ ...key("any"), session: `made-${index}` }));
  for (const [at, made] of keys.entries()) {
    const row = madeRow(made, indexes[at] ?? 0);
    await sessionIndex.put(made, { row, base: emptyOutline(row.startedAt) });
  }
  return async () => {
    for (const made of keys) await sessionIndex.remove(made);
  };
}

const madeRow = ({ session }: Pick<SessionRow, "session">, index: number): SessionRow => ({
  ...{ session, state: index % 3 === 0 ? "waiting" : "idle", sequence: index + 1 },
  ...{ startedAt: MORNING - index, lastAt: MORNING - index, flows: [], agents: [], tokens: 0, money: 0 },
  ...(index % 50 === 0 && {
    problem: { kind: "late", step: "plan/1", at: MORNING, sequence: 1 },
  }),
});
