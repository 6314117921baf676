import { AsyncLocalStorage } from "node:async_hooks";
import type { Context } from "aws-lambda";
import { isSpineError, messageOf } from "#core/errors.ts";
import type { SessionKey } from "#core/ids.ts";
import type { SessionLog, StoredCommit } from "#ports/session-log.ts";
import { logLine } from "./log-line.ts";
import { metricsLine } from "./metrics-line.ts";
import { readTrace, withTrace, type Trace } from "./trace.ts";

/** What the line of an invocation says of one session. */
export interface Noted {
  readonly tenant: string;
  readonly session: string;
  /** The last committed sequence; for an agent the one that its view shows. */
  readonly sequence?: number;
  readonly correlation?: string;
  readonly task?: string;
  readonly attempt?: number;
  readonly outcome?: string;
}

interface Trouble {
  readonly what: string;
  readonly code: string;
  readonly message?: string;
}

interface Invocation {
  readonly noted: Noted[];
  readonly troubles: Trouble[];
  readonly counts: Map<string, number>;
}

export interface Observer {
  /** Runs one invocation: everything it sends carries the trace; at its end one line is logged, and its counts as metrics. */
  invocation<T>(context: Pick<Context, "awsRequestId">, given: Trace, work: () => Promise<T>): Promise<T>;
  note(noted: Noted): void;
  /** Notes the session, sequence and correlation of a commit. */
  noteCommit(key: SessionKey, commit: Pick<StoredCommit, "last" | "text">): void;
  /** Work to do at the end of every invocation, before the function may be frozen. */
  atEnd(work: () => Promise<void>): void;
  count(metric: string, by?: number): void;
  /** Trouble that somebody else mends. */
  readonly onTrouble: (error: unknown, what: string) => void;
  /** The same log, whose commits are noted and counted. */
  watch(log: SessionLog): SessionLog;
}

const MAX_NOTED = 20;
const MAX_MESSAGE = 300;

/** Lambda hands every invocation a trace id; X-Ray keeps the sampled ones. */
function xrayTrace(): { readonly xray_trace_id?: string } {
  const [, root] = /Root=([^;]+).*Sampled=1/.exec(process.env["_X_AMZN_TRACE_ID"] ?? "") ?? [];
  return root === undefined ? {} : { xray_trace_id: root };
}

/**
 * Logs one line an invocation, with ids only: no bodies, no tokens, no text that a person wrote. Where something was
 * counted, a second line holds it, which CloudWatch makes metrics of: no call of their own. How often a function is called
 * is no count of it: AWS has metrics of invocations, messages and records for nothing.
 */
export function createObserver(service: string, write = writeLine): Observer {
  // By the function's name: two spines of an account have alarms of their own.
  const measured = process.env["AWS_LAMBDA_FUNCTION_NAME"] ?? service;
  const storage = new AsyncLocalStorage<Invocation>();
  const lastWork: (() => Promise<void>)[] = [];

  const note = (noted: Noted): void => void storage.getStore()?.noted.push(noted);
  const count = (metric: string, by = 1): void => {
    if (by === 0) return;
    const counts = storage.getStore()?.counts;
    counts?.set(metric, (counts.get(metric) ?? 0) + by);
  };
  const noteCommit: Observer["noteCommit"] = ({ tenant, session }, { last, text }) =>
    note({ tenant, session, sequence: last, ...correlationIn(text) });
  const onTrouble = (error: unknown, what: string): void => {
    storage.getStore()?.troubles.push(describe(error, what));
    count("Troubles");
    if (isSpineError(error, "session.unreadable")) count("UnreadableSessions");
    if (isSpineError(error, "session.expired")) count("LateInputs");
  };

  const publish = (requestId: string, trace: Trace, { noted, troubles, counts }: Invocation): void => {
    const [only, ...more] = noted;
    const sessions = more.length === 0 ? only : { sessions: noted.slice(0, MAX_NOTED), noted: noted.length };
    const line = {
      requestId,
      ...xrayTrace(),
      ...trace,
      ...sessions,
      ...(troubles.length > 0 && { troubles }),
    };
    const now = Date.now();
    if (troubles.length > 0) write(logLine("WARN", "done with trouble", service, line, now));
    else write(logLine("INFO", "done", service, line, now));
    if (counts.size > 0) write(metricsLine(measured, counts, now));
  };

  return {
    note,
    noteCommit,
    count,
    onTrouble,
    atEnd: (work) => void lastWork.push(work),

    async invocation({ awsRequestId }, given, work) {
      const trace = readTrace(given);
      const invocation: Invocation = { noted: [], troubles: [], counts: new Map() };
      return storage.run(invocation, async () => {
        try {
          return await withTrace(trace, work);
        } catch (error) {
          onTrouble(error, "the invocation");
          throw error;
        } finally {
          await Promise.all(
            lastWork.map((last) => last().catch((error: unknown) => onTrouble(error, "the end"))),
          );
          publish(awsRequestId, trace, invocation);
        }
      });
    },

    watch: (log) => ({
      ...log,
      async append(key, commit) {
        const verdict = await log.append(key, commit);
        if (verdict === "conflict") {
          count("LostRaces");
          return verdict;
        }
        count("Commits");
        if (commit.text.includes(UNCOMPENSATED)) count("UncompensatedRuns");
        noteCommit(key, commit);
        return verdict;
      },
    }),
  };
}

/**
 * Past the console, of whose arguments Lambda makes a line of its own: in the text format it puts a time and a request id
 * before them, in the JSON format it wraps them. CloudWatch looks for `_aws` at the root of a line that is JSON. A line
 * without a level counts as INFO, so a function's application log level must let INFO pass.
 */
function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A run has ended and something that it did is not undone. Inside a JSON string the quotes would be escaped. */
const UNCOMPENSATED = '"uncompensated":["';

/** The inputs stand near the beginning of a commit's text; reading the whole of it only for a log line would cost too much. */
const HEAD = 4_000;
// Inside a JSON string every quote is escaped, so this can match a field only.
const CORRELATION = /"correlation":("(?:[^"\\]|\\.)*")/;

function correlationIn(text: string): { readonly correlation?: string } {
  const found = CORRELATION.exec(text.slice(0, HEAD))?.[1];
  return found === undefined ? {} : { correlation: JSON.parse(found) as string };
}

/** Codes whose messages are made of names and of what AWS said. */
const TELLABLE: readonly string[] = [
  "queue.rejected",
  "log.unavailable",
  "secret.unavailable",
  "session.contended",
];

/** Another spine error's message may quote what somebody sent: of those only the code is logged. */
function describe(error: unknown, what: string): Trouble {
  const message = messageOf(error);
  const about = what.replace(`: ${message}`, "");
  if (isSpineError(error)) {
    const told = TELLABLE.includes(error.code) ? { message: message.slice(0, MAX_MESSAGE) } : {};
    return { what: about, code: error.code, ...told };
  }
  const code = error instanceof Error ? error.name : "Error";
  return { what: about, code, message: message.slice(0, MAX_MESSAGE) };
}
