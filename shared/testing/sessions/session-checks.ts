import assert from "node:assert/strict";
import { valueText } from "#client/narration/words.ts";
import { valueAt } from "#core/context/document.ts";
import type { Json } from "#core/json.ts";
import { openAskIds } from "#core/session/decide/asked.ts";
import type { RecordedEvent, SessionEventType } from "#core/session/events.ts";
import { assertPart } from "../assert-part.ts";
import type { ToldSession } from "./told-session.ts";

/** A value, or a function that says whether a value will do. */
export type ExpectedValue = Json | ((value: Json) => boolean);

/** An event by its type, or by its type and a part of its data. */
export type ExpectedFact = SessionEventType | readonly [SessionEventType, Readonly<Record<string, unknown>>];

/** What a check found. */
export interface Finding {
  readonly holds: boolean;
  /** What was expected, behind "to": `have replied "x"`. */
  readonly expected: string;
  /** What there is instead, as a sentence without its full stop. */
  readonly found: string;
}

const holds = (value: Json, expected: ExpectedValue): boolean =>
  typeof expected === "function" ? expected(value) : succeeds(() => assert.deepEqual(value, expected));

const textOf = (expected: ExpectedValue): string =>
  typeof expected === "function" ? "a value that passes the given test" : valueText(expected);

function succeeds(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

const listed = (values: readonly string[]): string => (values.length === 0 ? "nothing" : values.join(", "));

const recorded = ({ events }: ToldSession): readonly RecordedEvent[] => events.map(({ event }) => event);

/** The flow's name of each run, by its id. */
function flowNames(session: ToldSession): ReadonlyMap<string, string> {
  const names = recorded(session).flatMap((event) =>
    event.type === "RunQueued" ? [[event.data.run as string, event.data.name] as const] : [],
  );
  return new Map(names);
}

/** What may be expected of a session: each check looks at it and changes nothing. */
export const SESSION_CHECKS = {
  /** It has replied: with this body, or at all. */
  toHaveReplied(session: ToldSession, body?: ExpectedValue): Finding {
    const replies = recorded(session).flatMap((event) =>
      event.type === "ReplySent" && event.data.failed !== true ? [event.data.body] : [],
    );
    return {
      holds: replies.some((reply) => body === undefined || holds(reply, body)),
      expected: body === undefined ? "have replied" : `have replied ${textOf(body)}`,
      found: `it replied ${listed(replies.map((reply) => valueText(reply)))}`,
    };
  },

  /** These events are in its log in this order; others may stand between them. */
  toHaveRecorded(session: ToldSession, ...facts: readonly ExpectedFact[]): Finding {
    const missing = [...facts];
    for (const { type, data } of recorded(session)) {
      const [next] = missing;
      const [wanted, part = {}] = typeof next === "string" ? [next] : (next ?? []);
      if (wanted === type && succeeds(() => assertPart(data, part, type))) missing.shift();
    }
    const nameOf = (fact: ExpectedFact) =>
      typeof fact === "string" ? fact : `${fact[0]} ${valueText(fact[1] as Json)}`;
    const [first] = missing;
    return {
      holds: first === undefined,
      expected: `have recorded ${facts.map(nameOf).join(", then ")}`,
      found:
        first === undefined
          ? "all of it is in the log"
          : `${nameOf(first)} is ${missing.length < facts.length ? "not behind the others" : "not in the log"}`,
    };
  },

  /** It has called the agent: so often, counting every attempt, or at all. */
  toHaveCalled(session: ToldSession, agent: string, times?: number): Finding {
    const called = recorded(session).flatMap((event) =>
      event.type === "AttemptDispatched" ? [event.data.agent as string] : [],
    );
    const count = called.filter((name) => name === agent).length;
    return {
      holds: times === undefined ? count > 0 : count === times,
      expected: `have called ${agent}${times === undefined ? "" : ` ${timesText(times)}`}`,
      found: `it called ${agent} ${timesText(count)}, and of all agents ${listed([...new Set(called)])}`,
    };
  },

  /** A run has completed: of this flow, or any. */
  toHaveCompleted(session: ToldSession, flow?: string): Finding {
    const names = flowNames(session);
    const completed = recorded(session).flatMap((event) =>
      event.type === "RunCompleted" ? [names.get(event.data.run) ?? event.data.run] : [],
    );
    return {
      holds: flow === undefined ? completed.length > 0 : completed.includes(flow),
      expected: `have completed ${flow ?? "a run"}`,
      found: `it completed ${listed(completed)}`,
    };
  },

  /** A run has failed: with this error code, or any. */
  toHaveFailed(session: ToldSession, code?: string): Finding {
    const failures = recorded(session).flatMap((event) =>
      event.type === "RunFailed" ? [event.data.error] : [],
    );
    return {
      holds: failures.some((error) => code === undefined || error.code === code),
      expected: `have failed${code === undefined ? "" : ` with ${code}`}`,
      found: `its runs failed with ${listed(failures.map((error) => `${error.code} (${error.message})`))}`,
    };
  },

  /** It asks a person, now: this question, or any. */
  toAsk(session: ToldSession, question?: string): Finding {
    const open = openQuestions(session);
    return {
      holds: question === undefined ? open.length > 0 : open.includes(question),
      expected: question === undefined ? "ask a person" : `ask "${question}"`,
      found: `it asks ${listed(open.map((one) => `"${one}"`))}`,
    };
  },

  /** There is this value at a path of its context, which has what completed runs wrote. */
  toHaveContext(session: ToldSession, path: string, value?: ExpectedValue): Finding {
    const found = valueAt(session.state.context, path);
    return {
      holds: found !== undefined && (value === undefined || holds(found, value)),
      expected: `have ${value === undefined ? "a value" : textOf(value)} at ${path}`,
      found: `there is ${valueText(found)}`,
    };
  },
} as const;

function openQuestions(session: ToldSession): readonly string[] {
  const open = openAskIds(session.state);
  return recorded(session).flatMap(({ type, data }) =>
    type === "HumanAsked" && open.includes(data.ask) ? [data.question] : [],
  );
}

const timesText = (times: number): string => (times === 1 ? "once" : `${times} times`);
