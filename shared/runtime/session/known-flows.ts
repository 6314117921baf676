import { messageOf, problemError, type SpineError } from "#core/errors.ts";
import { canonicalText } from "#core/flow/flow-text.ts";
import type { CompiledFlow, HashedFlow } from "#core/flow/plan.ts";
import type { Commit } from "#core/session/commit.ts";
import { flowsApart, withFlows } from "#core/session/stored-flows.ts";
import type { Engine } from "./engine.ts";

type Stores = Pick<Engine, "log" | "digest">;

/** The flows of a log's library, each of which a process puts or reads once. */
export interface KnownFlows {
  /** Resolves once they stand in the library: only then may a commit name them. */
  put(flows: readonly HashedFlow[]): Promise<void>;
  /** `undefined` for one that is missing. Throws `log.corrupt` for one that is not what its hash says. */
  find(hash: string): Promise<HashedFlow | undefined>;
}

const MAX_KNOWN = 200;

export function createKnownFlows({ log, digest }: Stores): KnownFlows {
  const known = new Map<string, HashedFlow>();
  const remember = (flow: HashedFlow): HashedFlow => {
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(flow.hash, flow);
    return flow;
  };
  return {
    async put(flows) {
      const unknown = flows.filter(({ hash }) => !known.has(hash));
      await Promise.all(
        unknown.map(async (one) => {
          await log.flows.put(one.hash, canonicalText(one.flow));
          remember(one);
        }),
      );
    },
    async find(hash) {
      const found = known.get(hash);
      if (found !== undefined) return found;
      const text = await log.flows.get(hash);
      if (text === undefined) return undefined;
      if (digest.sha256(text) !== hash)
        throw unusable(hash, "is not the flow that was stored under its hash");
      return remember({ hash, flow: parsed(hash, text) });
    },
  };
}

function parsed(hash: string, text: string): CompiledFlow {
  try {
    // Written by us under the hash of its text.
    return JSON.parse(text) as CompiledFlow;
  } catch (error) {
    throw unusable(hash, `is not JSON: ${messageOf(error)}`);
  }
}

/** For a flow that a log names and its library does not have. */
export const missingFlow = (hash: string): SpineError => unusable(hash, "is missing from the log's library");

const unusable = (hash: string, problem: string): SpineError =>
  problemError("log.corrupt", {
    field: `flow ${hash}`,
    problem,
    repair: `Put its item "#flow/${hash}" back as a backup of the table has it.`,
  });

/** Gives a commit with the flows that it names: whoever is told of it has no library. */
export type WholeCommit = (commit: Commit) => Promise<Commit>;

/** @param application whose flows need not be read; without one all are */
export function createWholeCommits(
  engine: Stores & Partial<Pick<Engine, "application">>,
  known: KnownFlows = createKnownFlows(engine),
): WholeCommit {
  const flowOf = async (hash: string): Promise<HashedFlow> => {
    const flow = engine.application?.byHash(hash) ?? (await known.find(hash));
    if (flow === undefined) throw missingFlow(hash);
    return flow;
  };
  return async (commit) => {
    const named = flowsApart(commit);
    return named.length === 0 ? commit : withFlows(commit, await Promise.all(named.map(flowOf)));
  };
}
