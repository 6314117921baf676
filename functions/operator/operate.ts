import type { Context } from "aws-lambda";
import { refusalOf } from "#aws/door-protocol.ts";
import type { Observer } from "#aws/observe.ts";
import { problemError } from "#core/errors.ts";
import { isJsonObject } from "#core/json.ts";
import type { Clock } from "#ports/clock.ts";
import type { Executions } from "#ports/executions.ts";
import type { AnswerQueue, Inbox } from "#ports/inbox.ts";
import type { LetterBox } from "#ports/letter-box.ts";
import type { Tokens } from "#ports/tokens.ts";
import type { CommitScan, WaysBack } from "#ports/ways-back.ts";
import { createLetterConfirmer, type Confirmed } from "#runtime/letters/create-letter-confirmer.ts";
import { createOperator } from "#runtime/letters/create-operator.ts";
import { createRedrive } from "#runtime/letters/create-redrive.ts";
import { createFiling } from "#runtime/letters/filing.ts";
import type { SessionStores } from "#runtime/letters/look-up.ts";
import { parseOperatorRequest, type OperatorResponse } from "#runtime/letters/operator-protocol.ts";
import { createWatchLetter, type Watch } from "#runtime/letters/watch.ts";

export interface OperationsPorts {
  readonly stores: SessionStores;
  readonly box: LetterBox;
  readonly executions: Executions;
  readonly inbox: Inbox;
  /** Queues that deliver what they delivered minutes ago. */
  readonly again: { readonly inbox: Inbox; readonly answers: AnswerQueue; readonly waysBack: WaysBack };
  readonly scan: CommitScan;
  readonly tokens: Tokens;
  readonly clock: Pick<Clock, "now">;
  readonly observer: Observer;
}

const SETTLED = {
  recorded: "RecordedLetters",
  parked: "ParkedLetters",
  expired: "ExpiredLetters",
} as const;

/**
 * Does what operators ask, and confirms a page of letters for the execution that watches them. It takes no records: what it works on
 * are letters that recovery has kept and commits of the log, and nothing of what it is called with becomes an input.
 */
export function createOperations(ports: OperationsPorts) {
  const { observer, again } = ports;
  const filing = createFiling(ports);
  const reading = { digest: ports.stores.digest, tokens: ports.tokens };
  const confirm = createLetterConfirmer({
    ...ports,
    ...reading,
    filing,
    onSettled: (mark) => observer.count(SETTLED[mark]),
  });
  const redrive = createRedrive({ ...ports, ...reading, ...again, watch: createWatchLetter(ports) });
  const operator = createOperator({ ...ports, ...again, filing, redrive });

  const answer = async (request: unknown): Promise<OperatorResponse> => {
    try {
      return { ok: true, reply: await operator(parseOperatorRequest(request)) };
    } catch (error) {
      observer.onTrouble(error, "an operator's request");
      return { ok: false, error: refusalOf(error) };
    }
  };

  return (event: unknown, context: Context): Promise<Confirmed | OperatorResponse> =>
    observer.invocation(context, {}, async () => {
      const given = isJsonObject(event) ? event : {};
      // An execution carries what this function gave it.
      if ("confirm" in given) return confirm(given["confirm"] as unknown as Watch);
      if ("operate" in given) return answer(given["operate"]);
      const problem = { field: "operate", problem: "is missing", repair: "Send { operate: … }." };
      return { ok: false, error: refusalOf(problemError("input.malformed", problem)) };
    });
}
