import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { QueueSuffix } from "#aws/names.ts";
import type { Observer } from "#aws/observe.ts";
import { batchResponse, queueOf } from "#aws/sqs-records.ts";
import { parseSessionKey } from "#core/ids.ts";
import type { Blobs } from "#ports/blobs.ts";
import type { Clock } from "#ports/clock.ts";
import type { Deadlines } from "#ports/deadlines.ts";
import type { Inbox } from "#ports/inbox.ts";
import type { DeadLetter } from "#runtime/create-recovery.ts";

export interface RecoveryPorts {
  readonly recover: (letter: DeadLetter) => Promise<boolean>;
  readonly inbox: Inbox;
  readonly deadlines: Deadlines;
  readonly blobs: Blobs;
  readonly clock: Pick<Clock, "now">;
  readonly observer: Observer;
}

/** Makes inputs of deadlines whose time has come and of letters that a queue gave up on. */
export function createRecoverer({ recover, inbox, deadlines, blobs, clock, observer }: RecoveryPorts) {
  const onDeadline = async ({ body }: SQSRecord): Promise<void> => {
    const { at, ...rest } = JSON.parse(body) as {
      readonly tenant: string;
      readonly session: string;
      readonly at: number;
    };
    const key = parseSessionKey(rest);
    // Beyond SQS's longest delay the message is sent on until its time has come.
    if (at > clock.now()) return deadlines.arm(key, at);
    observer.count("Deadlines");
    await inbox.send(key, { kind: "deadline", at });
  };

  const onLetter = async (record: SQSRecord): Promise<void> => {
    const queue = queueOf(record);
    const { messageId: id, body } = record;
    observer.count("Letters");
    // Kept whatever becomes of it: a redrive needs the whole of it.
    await blobs.put(`letters/${queue}/${id}`, body);
    if (await recover({ queue, id, body })) return;
    observer.count("LostLetters");
    observer.onTrouble(new Error("It names no session; it is kept."), `letter ${id} of ${queue}`);
  };

  return (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
    observer.invocation(context, {}, async () => {
      const failed: string[] = [];
      for (const record of event.Records) {
        const isDeadline = queueOf(record).endsWith(`-${QueueSuffix.deadlines}`);
        try {
          await (isDeadline ? onDeadline(record) : onLetter(record));
        } catch (error) {
          observer.onTrouble(error, `message ${record.messageId} of ${queueOf(record)}`);
          failed.push(record.messageId);
        }
      }
      return batchResponse(failed);
    });
}
