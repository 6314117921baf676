import { standardShape } from "#core/flow/shape.ts";
import type { SessionKey } from "#core/ids.ts";
import type { Json } from "#core/json.ts";
import { openAskIds } from "#core/session/decide/asked.ts";
import { createSessionReader } from "../../session/create-session-reader.ts";
import type { Engine } from "../../session/engine.ts";
import { readable } from "../../session/load-session.ts";
import { readCommit } from "../../session/read-commit.ts";

/** An open question, with what it takes to answer it. */
export interface FoundQuestion {
  readonly session: string;
  readonly ask: string;
  readonly question: string;
  /** Session time at which nobody is waited for any more, ms. */
  readonly dueAt: number;
  /** The event that asked it. */
  readonly askedAt: number;
  /** Name of the flow that asks. */
  readonly flow: string;
  readonly step: string;
  /** JSON Schema of the answer, where the application has one. */
  readonly schema?: Json;
}

/**
 * Finds the open questions of a session: reads its state, and its log back to the event that asked the oldest of them, which as a
 * rule is among the last commits.
 */
export function createFindQuestions(engine: Engine): (key: SessionKey) => Promise<readonly FoundQuestion[]> {
  const reader = createSessionReader(engine);
  const { application, log } = engine;
  return async (key) => {
    const state = await reader.current(key);
    const open = new Set(openAskIds(state));
    const found: FoundQuestion[] = [];
    for (let before = state.sequence + 1; open.size > 0 && before > 1;) {
      const page = await readable(key, () => log.readUpTo(key, before - 1));
      for (const stored of page.toReversed()) {
        for (const event of readCommit(log, key, stored).events) {
          if (event.type !== "HumanAsked" || !open.delete(event.data.ask)) continue;
          const { ask, question, dueAt, run, step } = event.data;
          const schema = application.answerSchema(question);
          const shape = schema && standardShape(schema);
          found.push({
            ...{ session: key.session, ask, question, dueAt, askedAt: event.sequence, step },
            flow: state.runs[run]?.name ?? "",
            ...(shape !== undefined && { schema: shape }),
          });
        }
      }
      before = page[0]?.first ?? 1;
    }
    return found;
  };
}
