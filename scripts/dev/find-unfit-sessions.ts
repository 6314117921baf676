import type { Agent } from "#core/contract.ts";
import { isSpineError } from "#core/errors.ts";
import type { SessionId, TenantId } from "#core/ids.ts";
import { orderOf } from "#core/session/summary/summary.ts";
import { unfitRuns, type UnfitFlow } from "#core/session/unfit-runs.ts";
import type { SessionIndex } from "#ports/session-index.ts";
import type { Engine } from "#runtime/session/engine.ts";
import { createFlowBooks, loadSession } from "#runtime/session/load-session.ts";

/** A session whose runs could not go on with other agents. */
export interface UnfitSession {
  readonly session: SessionId;
  readonly flows: readonly UnfitFlow[];
}

export interface FindingPorts {
  readonly engine: Engine;
  readonly index: Pick<SessionIndex, "list">;
  readonly tenant: TenantId;
}

const PAGE = 100;

/** Looks at every session with runs under way or queued: whether they could go on if these agents took the place of those. */
export async function findUnfitSessions(
  { engine, index, tenant }: FindingPorts,
  agents: readonly Agent[],
  instead: readonly Agent[],
): Promise<readonly UnfitSession[]> {
  const contracts = { before: contractsOf(instead), now: contractsOf(agents) };
  const bookOf = createFlowBooks(engine);
  const found: UnfitSession[] = [];
  let before: string | undefined;
  for (;;) {
    const of = { states: ["running", "waiting", "asking"] } as const;
    const rows = await index.list({ tenant, of, limit: PAGE, ...(before !== undefined && { before }) });
    for (const row of rows) {
      before = orderOf(row);
      const { session } = row;
      try {
        const { state } = await loadSession(engine, { tenant, session });
        const flows = unfitRuns(state, await bookOf({ tenant, session }, state), contracts);
        if (flows.length > 0) found.push({ session, flows });
      } catch (error) {
        // What has ended, or nobody can read, does not go on.
        if (!isSpineError(error, "session.expired") && !isSpineError(error, "session.unreadable"))
          throw error;
      }
    }
    if (rows.length < PAGE) return found;
  }
}

const contractsOf = (agents: readonly Agent[]) =>
  new Map(agents.map(({ contract }) => [contract.spec.name, contract]));
