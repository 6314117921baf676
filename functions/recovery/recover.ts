import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { refusalOf } from "#aws/door-protocol.ts";
import { AgentMetric } from "#aws/metrics.ts";
import { agentOfDeadLetters, deadLetterName, QueueSuffix } from "#aws/names.ts";
import type { Metric, Observer } from "#aws/observe.ts";
import { batchResponse, queueOf } from "#aws/sqs-records.ts";
import type { ReturnSoon } from "#aws/sqs-returns.ts";
import { parseSessionKey } from "#core/ids.ts";
import type { Clock } from "#ports/clock.ts";
import type { Deadlines } from "#ports/deadlines.ts";
import type { Executions } from "#ports/executions.ts";
import type { AnswerQueue, Inbox } from "#ports/inbox.ts";
import type { LetterBox } from "#ports/letter-box.ts";
import type { Tokens } from "#ports/tokens.ts";
import type { CommitScan, WaysBack } from "#ports/ways-back.ts";
import { createLetterConfirmer, type Confirmed } from "#runtime/letters/create-letter-confirmer.ts";
import { createLetterKeeper, type Kept } from "#runtime/letters/create-letter-keeper.ts";
import { createOperator } from "#runtime/letters/create-operator.ts";
import { createRedrive } from "#runtime/letters/create-redrive.ts";
import { createFiling } from "#runtime/letters/filing.ts";
import type { SessionStores } from "#runtime/letters/look-up.ts";
import { parseOperatorRequest, type OperatorResponse } from "#runtime/letters/operator-protocol.ts";
import { createWatchLetter, type Watch } from "#runtime/letters/watch.ts";

export interface RecoveryPorts {
  readonly stores: SessionStores;
  readonly box: LetterBox;
  readonly executions: Executions;
  readonly inbox: Inbox;
  /** Queues that deliver what they delivered minutes ago. */
  readonly again: { readonly inbox: Inbox; readonly answers: AnswerQueue; readonly waysBack: WaysBack };
  readonly scan: CommitScan;
  readonly deadlines: Deadlines;
  readonly tokens: Tokens;
  readonly clock: Pick<Clock, "now">;
  readonly returnSoon: ReturnSoon;
  readonly observer: Observer;
}

/** What the function is called with: a queue's messages, a page of letters to confirm, or what an operator asks. */
export type RecoveryEvent = SQSEvent | { readonly confirm: Watch } | { readonly operate: unknown };

const METRIC: Readonly<Record<Kept, Metric | undefined>> = {
  sent: undefined,
  parked: "ParkedLetters",
  lost: "LostLetters",
  expired: "ExpiredLetters",
  returned: "ReturnedLetters",
};

const SETTLED = {
  recorded: "RecordedLetters",
  parked: "ParkedLetters",
  expired: "ExpiredLetters",
} as const;

/** Makes inputs of deadlines whose time has come and of letters that queues gave up on, and sees to it that they arrive. */
export function createRecoverer(ports: RecoveryPorts) {
  const { deadlines, inbox, clock, observer, again, returnSoon } = ports;
  const filing = createFiling(ports);
  const reading = { digest: ports.stores.digest, tokens: ports.tokens };
  const watch = createWatchLetter(ports);
  const keep = createLetterKeeper({ ...ports, ...reading, filing, watch });
  const confirm = createLetterConfirmer({
    ...ports,
    ...reading,
    filing,
    onSettled: (mark) => observer.count(SETTLED[mark]),
  });
  const redrive = createRedrive({ ...ports, ...reading, ...again, watch });
  const operator = createOperator({ ...ports, ...again, filing, redrive });

  const onDeadline = async ({ body }: SQSRecord): Promise<void> => {
    const { at, ...rest } = JSON.parse(body) as {
      readonly tenant: string;
      readonly session: string;
      readonly at: number;
    };
    const key = parseSessionKey(rest);
    // One that came early, by a clock that is ahead, is sent on until its time has come.
    if (at > clock.now()) return deadlines.arm(key, at);
    await inbox.send({ key, input: { kind: "deadline", at } });
  };

  const onLetter = async (record: SQSRecord): Promise<void> => {
    const queue = queueOf(record);
    const { messageId: id, body, attributes } = record;
    const cause = causeOf(record);
    const { SentTimestamp, SequenceNumber: sequence } = attributes;
    observer.count("Letters");
    const agent = agentOfDeadLetters(queue);
    if (agent !== undefined) observer.count(AgentMetric.agentLetters, 1, agent);
    const sentAt = Number(SentTimestamp);
    const kept = await keep({
      queue,
      id,
      body,
      sentAt,
      ...(sequence !== undefined && { sequence }),
      ...(cause !== undefined && { cause }),
    });
    const metric = METRIC[kept];
    if (metric !== undefined) observer.count(metric);
    if (kept !== "sent") observer.onTrouble(new Error(`It is ${kept}.`), `letter ${id} of ${queue}`);
  };

  const takeBatch = async (records: readonly SQSRecord[]): Promise<SQSBatchResponse> => {
    const failed = { deadlines: [] as string[], letters: [] as string[] };
    for (const record of records) {
      const isDeadline = queueOf(record).endsWith(`-${QueueSuffix.deadlines}`);
      try {
        await (isDeadline ? onDeadline(record) : onLetter(record));
      } catch (error) {
        observer.onTrouble(error, `message ${record.messageId} of ${queueOf(record)}`);
        failed[isDeadline ? "deadlines" : "letters"].push(record.messageId);
      }
    }
    await returnSoon(records, failed.deadlines, "deadlines");
    await returnSoon(records, failed.letters, "letters");
    return batchResponse([...failed.deadlines, ...failed.letters]);
  };

  const answerOperator = async (request: unknown): Promise<OperatorResponse> => {
    try {
      return { ok: true, reply: await operator(parseOperatorRequest(request)) };
    } catch (error) {
      observer.onTrouble(error, "an operator's request");
      return { ok: false, error: refusalOf(error) };
    }
  };

  const answer = (event: RecoveryEvent): Promise<SQSBatchResponse | Confirmed | OperatorResponse> => {
    if ("confirm" in event) return confirm(event.confirm);
    return "operate" in event ? answerOperator(event.operate) : takeBatch(event.Records);
  };

  return (event: RecoveryEvent, context: Context) => observer.invocation(context, {}, () => answer(event));
}

/**
 * What the intake says of an event that it refused, or EventBridge of one that its rule could not deliver. Other queues' letters may
 * carry attributes of whoever sent them.
 */
function causeOf({ eventSourceARN, messageAttributes }: SQSRecord): string | undefined {
  if (!eventSourceARN.endsWith(`-${deadLetterName(QueueSuffix.intake)}`)) return undefined;
  const text = (name: string) => messageAttributes[name]?.stringValue;
  const undelivered = text("ERROR_CODE");
  if (undelivered === undefined) return text("cause");
  return `EventBridge could not deliver it: ${[undelivered, text("ERROR_MESSAGE")].filter(Boolean).join(": ")}`;
}
