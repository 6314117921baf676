import type { HashedFlow } from "../flow/plan.ts";
import type { Commit } from "./commit.ts";
import type { SessionState } from "./state.ts";

/** The form of commits from which on a log names its flows: they stand in its library, once for all sessions. */
export const FLOWS_APART_FORM = 3;

/** Hashes of the flows that a commit names without holding them. */
export const flowsApart = ({ events }: Pick<Commit, "events">): readonly string[] =>
  events.flatMap((event) =>
    event.type === "FlowStored" && event.data.flow === undefined ? [event.data.hash] : [],
  );

/** The flows that a commit holds: all of an older form, none of a stored one from `FLOWS_APART_FORM` on. */
export const flowsWithin = ({ events }: Pick<Commit, "events">): readonly HashedFlow[] =>
  events.flatMap((event) => {
    if (event.type !== "FlowStored" || event.data.flow === undefined) return [];
    const { hash, flow } = event.data;
    return [{ hash, flow }];
  });

/** The commit with its flows, as whoever has no library needs it. What was not given stays a name. */
export function withFlows(commit: Commit, flows: readonly HashedFlow[]): Commit {
  if (flows.length === 0) return commit;
  const byHash = new Map(flows.map(({ hash, flow }) => [hash, flow]));
  const events = commit.events.map((event) => {
    const flow = event.type === "FlowStored" ? byHash.get(event.data.hash) : undefined;
    return event.type !== "FlowStored" || flow === undefined
      ? event
      : { ...event, data: { ...event.data, flow } };
  });
  return { ...commit, events };
}

/** The commit as its log has it: flows that stand apart are only named. */
export function withFlowsNamed(commit: Commit): Commit {
  const events = commit.events.map((event) =>
    event.type === "FlowStored" && event.data.apart === true
      ? { ...event, data: { hash: event.data.hash, apart: true as const } }
      : event,
  );
  return { ...commit, events };
}

/** A state whose commits need this form at least. */
export const inForm = (state: SessionState, form: number): SessionState => ({
  ...state,
  form: Math.max(state.form ?? 1, form),
});
