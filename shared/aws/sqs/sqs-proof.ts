import type { SQSClient } from "@aws-sdk/client-sqs";
import type { SQSRecord } from "aws-lambda";
import { messageOf } from "#core/errors.ts";
import { grouped } from "#core/grouped.ts";
import { RETURNS, type ReturnKind } from "#core/returns.ts";
import type { Observer } from "../observe/observe.ts";
import { MAX_BATCH_MESSAGES } from "../service-limits.ts";
import { changeVisibility } from "./change-visibility.ts";
import { queueOf } from "./sqs-records.ts";

/** What a queue says of a message that it has given to somebody who was too slow: it comes again. */
const TOO_LATE = "MessageNotInflight";

/** Which of these messages no queue has given out, as far as that is known: they are to come again, if they exist. */
export type ProveReceived = (
  records: readonly SQSRecord[],
  kind: Extract<ReturnKind, "inputs" | "events" | "letters">,
) => Promise<ReadonlySet<SQSRecord>>;

export interface ProofOptions {
  readonly client: SQSClient;
  /** What all queue URLs start with. */
  readonly queuePrefix: string;
  readonly observer: Pick<Observer, "count" | "onTrouble">;
}

/**
 * Asks the queues whether they gave these messages out. A payload cannot show who called a function: who may invoke it could hand it
 * records of its own making. A receipt handle is something that only the receive of a message gives: it hides its message for as long again
 * as it was, and a queue refuses one that it has not made. Whatever is not believed is reported, and an alarm rings.
 */
export function createSqsProof({ client, queuePrefix, observer }: ProofOptions): ProveReceived {
  /** Gives the places of those that their queue does not know. */
  const refusedOf = async (
    name: string,
    some: readonly SQSRecord[],
    seconds: number,
  ): Promise<readonly number[]> => {
    const { Failed = [], Successful = [] } = await changeVisibility(
      client,
      queuePrefix,
      name,
      some.map(({ receiptHandle }) => ({ handle: receiptHandle, seconds })),
    );
    const madeUp = Failed.filter(({ SenderFault, Code }) => SenderFault === true && Code !== TOO_LATE);
    observer.count("MadeUpRecords", madeUp.length);
    for (const { Code } of Failed) observer.onTrouble(new Error(Code), `verifying a message of ${name}`);
    const known = new Set(Successful.map(({ Id }) => Id));
    return some.flatMap((_, at) => (known.has(String(at)) ? [] : [at]));
  };

  return async (records, kind) => {
    const unproven = new Set<SQSRecord>();
    for (const [name, own] of grouped(records, queueOf)) {
      for (let from = 0; from < own.length; from += MAX_BATCH_MESSAGES) {
        const some = own.slice(from, from + MAX_BATCH_MESSAGES);
        const refused = await refusedOf(name, some, RETURNS[kind].hiddenSeconds).catch((error: unknown) => {
          observer.onTrouble(error, `verifying messages of ${name}: ${messageOf(error)}`);
          return some.keys();
        });
        for (const at of refused) {
          const record = some[at];
          if (record !== undefined) unproven.add(record);
        }
      }
    }
    return unproven;
  };
}
