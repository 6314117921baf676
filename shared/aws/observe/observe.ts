import { AsyncLocalStorage } from "node:async_hooks";
import type { Context } from "aws-lambda";
import { isSpineError } from "#core/errors.ts";
import type { SessionKey } from "#core/ids.ts";
import { MAX_ERROR_CHARACTERS, MAX_PROBLEMS } from "#core/problems.ts";
import type { KeyedDigests } from "#ports/secrets.ts";
import type { SessionLog, StoredCommit } from "#ports/session-log.ts";
import type { SpanStart, Tracer } from "#ports/tracer.ts";
import { correlationDigest } from "#runtime/session/correlation-digest.ts";
import { inSpan } from "#runtime/session/in-span.ts";
import { troubleOf, type Trouble } from "#runtime/session/trouble.ts";
import { troublesOfCommit } from "./commit-troubles.ts";
import { logLine } from "./log-line.ts";
import { SpineMetric } from "./metrics.ts";
import { metricsLines, type Counted, type Metric } from "./metrics-line.ts";
import { currentTrace, readTrace, withTrace, type Trace } from "./trace.ts";
import { readTracing, type Tracing } from "./tracing.ts";

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

/** What an operator asked for: the principal, the name of its session, and why. */
export interface NotedOperation {
  readonly by: string;
  readonly person?: string;
  readonly op?: string;
  readonly reason?: string;
  readonly letter?: string;
  readonly tenant?: string;
  readonly session?: string;
}

interface Invocation {
  readonly noted: Noted[];
  readonly troubles: Trouble[];
  readonly counts: Map<string, Counted>;
  operation?: NotedOperation;
}

export type { Metric };

export interface Observer {
  /**
   * Runs one invocation: everything it sends carries the trace; at its end one line is logged, and its counts as metrics.
   * Without a `span` it is none: what it does belongs to several traces.
   */
  invocation<T>(
    context: Pick<Context, "awsRequestId">,
    given: Trace,
    work: () => Promise<T>,
    span?: SpanStart,
  ): Promise<T>;
  /** Where spans are recorded. */
  readonly tracer: Tracer | undefined;
  note(noted: Noted): void;
  /** Notes who operates, and why; an invocation is one operation. */
  noteOperation(operation: NotedOperation): void;
  /** Notes the session, sequence and correlation of a commit. */
  noteCommit(key: SessionKey, commit: Pick<StoredCommit, "last" | "text">): void;
  /** Work to do at the end of every invocation, before the function may be frozen. */
  atEnd(work: () => Promise<void>): void;
  /** Counts for a metric; one that goes by agent needs the agent's name. */
  count(metric: Metric, by?: number, agent?: string): void;
  /** Trouble that somebody else mends. */
  readonly onTrouble: (error: unknown, what: string) => void;
  /** The same log, whose commits are noted and counted. */
  watch(log: SessionLog): SessionLog;
}

export interface ObserverOptions {
  readonly write?: (line: string) => void;
  readonly tracing?: Tracing | undefined;
  /** What stands for correlations, which may be somebody's name. @default lines have none */
  readonly digests?: KeyedDigests;
  /** Logs no line of an invocation that has nothing to warn of: whoever asked for its work has logged it. @default false */
  readonly quiet?: boolean;
}

const MAX_NOTED = 20;

/** Lambda hands every invocation a trace id; X-Ray keeps the sampled ones. */
function xrayTrace(): { readonly xray_trace_id?: string } {
  const [, root] = /Root=([^;]+).*Sampled=1/.exec(process.env["_X_AMZN_TRACE_ID"] ?? "") ?? [];
  return root === undefined ? {} : { xray_trace_id: root };
}

/**
 * Logs one line an invocation, with ids of our own only: no bodies, no tokens, no text that a person wrote or that a producer gave
 * as a name, but an operator's reason; of correlations a digest. Where something was
 * counted, a second line holds it, which CloudWatch makes metrics of: no call of their own. How often a function is called
 * is no count of it: AWS has metrics of invocations, messages and records for nothing.
 */
export function createObserver(
  service: string,
  { write = writeLine, tracing = readTracing(service), digests, quiet = false }: ObserverOptions = {},
): Observer {
  // By the function's name: two spines of an account have alarms of their own.
  const measured = process.env["AWS_LAMBDA_FUNCTION_NAME"] ?? service;
  const storage = new AsyncLocalStorage<Invocation>();
  const lastWork: (() => Promise<void>)[] = tracing === undefined ? [] : [tracing.flush];

  const note = (noted: Noted): void => void storage.getStore()?.noted.push(noted);
  const count: Observer["count"] = (metric, by = 1, agent) => {
    if (by === 0) return;
    const counts = storage.getStore()?.counts;
    const key = agent === undefined ? metric : `${metric} ${agent}`;
    const value = (counts?.get(key)?.value ?? 0) + by;
    counts?.set(key, { metric, value, ...(agent !== undefined && { agent }) });
  };
  const noteCommit: Observer["noteCommit"] = ({ tenant, session }, { last, text }) =>
    note({ tenant, session, sequence: last, ...correlationIn(text) });
  const onTrouble = (error: unknown, what: string): void => {
    storage.getStore()?.troubles.push(troubleOf(error, what));
    count("Troubles");
    if (isSpineError(error, "session.unreadable")) count(SpineMetric.unreadableSessions);
    if (isSpineError(error, "session.expired")) count("LateInputs");
  };

  /** A line without its correlation is still one: session and sequence find it. */
  const named = async ({ correlation, ...noted }: Noted): Promise<Noted> => {
    if (digests === undefined || correlation === undefined || correlation === "") return noted;
    try {
      return { ...noted, correlation: await correlationDigest(digests, noted.tenant, correlation) };
    } catch (error) {
      onTrouble(error, "the digest of a correlation");
      return noted;
    }
  };

  const publish = async (
    requestId: string,
    { traceparent }: Trace,
    { noted: all, troubles, counts, operation }: Invocation,
  ): Promise<void> => {
    const noted = await Promise.all(all.slice(0, MAX_NOTED).map(named));
    const [only] = noted;
    const sessions = all.length <= 1 ? only : { sessions: noted, noted: all.length };
    const line = {
      requestId,
      ...xrayTrace(),
      ...(traceparent !== undefined && { traceparent }),
      ...sessions,
      ...(operation !== undefined && { operation }),
      ...(troubles.length > 0 && told(troubles)),
    };
    const now = Date.now();
    if (troubles.length > 0) write(logLine("WARN", "finished with warnings", service, line, now));
    else if (!quiet) write(logLine("INFO", "done", service, line, now));
    const metrics = metricsLines({ functionName: measured, service }, [...counts.values()], now);
    for (const each of metrics) write(each);
  };

  return {
    note,
    noteOperation(operation) {
      const invocation = storage.getStore();
      if (invocation !== undefined) invocation.operation = operation;
    },
    noteCommit,
    count,
    onTrouble,
    tracer: tracing?.tracer,
    atEnd: (work) => void lastWork.push(work),

    async invocation({ awsRequestId }, given, work, span) {
      let trace = readTrace(given);
      const traced = (): ReturnType<typeof work> => {
        trace = currentTrace();
        return work();
      };
      const invocation: Invocation = { noted: [], troubles: [], counts: new Map() };
      return storage.run(invocation, async () => {
        try {
          const answer = await withTrace(trace, () =>
            span === undefined ? work() : inSpan(tracing?.tracer, span, traced),
          );
          const returned = returnedIn(answer);
          if (returned > 0) count(SpineMetric.messagesReturned, returned);
          return answer;
        } catch (error) {
          onTrouble(error, "the invocation");
          throw error;
        } finally {
          await Promise.all(
            lastWork.map((last) => last().catch((error: unknown) => onTrouble(error, "the end"))),
          );
          await publish(awsRequestId, trace, invocation);
        }
      });
    },

    watch: (log) => ({
      ...log,
      async append(key, commit) {
        const verdict = await inSpan(tracing?.tracer, commitSpan(key, commit), async ({ set }) => {
          const appended = await log.append(key, commit);
          set({ "event_spine.verdict": appended === "conflict" ? appended : "committed" });
          return appended;
        });
        if (verdict === "conflict") {
          count("LostRaces");
          return verdict;
        }
        count("Commits");
        for (const metric of troublesOfCommit(commit.text)) count(metric);
        noteCommit(key, commit);
        return verdict;
      },
    }),
  };
}

const commitSpan = ({ tenant, session }: SessionKey, { first, last }: StoredCommit): SpanStart => ({
  name: "commit",
  kind: "client",
  attributes: {
    "event_spine.tenant": tenant,
    "event_spine.session": session,
    "event_spine.first": first,
    "event_spine.last": last,
  },
});

/**
 * Past the console, of whose arguments Lambda makes a line of its own: in the text format it puts a time and a request id
 * before them, in the JSON format it wraps them. CloudWatch looks for `_aws` at the root of a line that is JSON. A line
 * without a level counts as INFO, so a function's application log level must let INFO pass.
 */
function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** How many messages a function's answer gives back to their queue. */
function returnedIn(answer: unknown): number {
  const failures =
    typeof answer === "object" && answer !== null && "batchItemFailures" in answer
      ? answer.batchItemFailures
      : undefined;
  return Array.isArray(failures) ? failures.length : 0;
}

/** The inputs stand near the beginning of a commit's text; reading the whole of it only for a log line would cost too much. */
const HEAD = 4_000;
// Inside a JSON string every quote is escaped, so this can match a field only.
const CORRELATION = /"correlation":("(?:[^"\\]|\\.)*")/;

function correlationIn(text: string): { readonly correlation?: string } {
  const found = CORRELATION.exec(text.slice(0, HEAD))?.[1];
  return found === undefined ? {} : { correlation: JSON.parse(found) as string };
}

/** The first of them, as many as a line may hold, and how many there were. */
function told(troubles: readonly Trouble[]) {
  let room = MAX_ERROR_CHARACTERS;
  const first = troubles.slice(0, MAX_PROBLEMS).filter(({ what, code, message = "" }) => {
    room -= what.length + code.length + message.length;
    return room >= 0;
  });
  return { troubles: first, ...(first.length < troubles.length && { troubled: troubles.length }) };
}
