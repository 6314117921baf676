import type { SpineError } from "#core/errors.ts";
import type { Application } from "#core/flow/compile.ts";
import type { SessionKey } from "#core/ids.ts";
import { awaitsType } from "#core/flow/awaited.ts";
import type { FlowBook } from "#core/session/decide/draft.ts";
import type { EventInput } from "#core/session/input.ts";
import { flowsOfRuns, type SessionState } from "#core/session/state.ts";
import { findDuplicate } from "./duplicates.ts";
import type { Engine } from "./engine.ts";
import { createFlowBooks, loadSession } from "./load-session.ts";
import { schemaError } from "./event-data.ts";

/** Takes an event that the application of today does not, or throws `unfit`, which says why it does not. */
export type CheckAwaited = (key: SessionKey, input: EventInput, unfit: SpineError) => Promise<EventInput>;

/**
 * Runs go on with the flow that they started with: an event of a type that one of them waits for is taken as that flow takes
 * it, also where a newer application does not know the type or has another schema for it. It is checked by the schema that is
 * stored with the flow, and taken as it came.
 */
export function createCheckAwaited(
  engine: Pick<Engine, "application" | "log" | "blobs" | "digest">,
): CheckAwaited {
  const flowBook = createFlowBooks(engine);
  return async (key, input, unfit) => {
    const { state } = await loadSession(engine, key);
    // One that was taken before is known by its id, whatever is taken now.
    if ((await findDuplicate(engine.log, { loaded: state, now: state, input })) !== undefined) return input;
    const flows = flowsAwaiting(state, await flowBook(key, state), engine.application, input.type);
    if (flows.length === 0) throw unfit;
    const { storedSchemaProblems } = await import("./stored-schema-problems.ts");
    let problem: SpineError | undefined;
    for (const { events = {} } of flows) {
      const schema = Object.hasOwn(events, input.type) ? events[input.type] : undefined;
      const problems = schema === undefined ? [] : storedSchemaProblems(schema, input.data, "data");
      if (problems.length === 0) return input;
      problem ??= schemaError(input.type, problems);
    }
    throw problem ?? unfit;
  };
}

/** Flows of older versions with a run, under way or queued, whose plan waits for the type. */
function flowsAwaiting(state: SessionState, book: FlowBook, application: Application, type: string) {
  return flowsOfRuns(state).flatMap((hash) => {
    const flow = application.byHash(hash) === undefined ? book.byHash(hash)?.flow : undefined;
    return flow !== undefined && awaitsType(flow.plan, type) ? [flow] : [];
  });
}
