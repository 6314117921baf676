import { SQSClient } from "@aws-sdk/client-sqs";
import type { SQSRecord } from "aws-lambda";
import { grouped } from "#core/grouped.ts";
import { RETURNS, secondsUntilBack, type ReturnKind } from "#core/returns.ts";
import { createRandomIds } from "#node/random-ids.ts";
import type { Ids } from "#ports/clock.ts";
import { clientDefaults } from "../clients.ts";
import { MAX_BATCH_MESSAGES } from "../service-limits.ts";
import { changeVisibility, type HiddenMessage } from "./change-visibility.ts";
import { queueOf } from "./sqs-records.ts";

export type OnTrouble = (error: unknown, what: string) => void;

export interface SqsReturnsOptions {
  readonly client: SQSClient;
  /** What all queue URLs start with. */
  readonly queuePrefix: string;
  readonly ids: Ids;
  readonly onTrouble: OnTrouble;
}

/** Lets those of a batch's messages that a function gives back come again soon. Never throws. */
export type ReturnSoon = (
  records: readonly SQSRecord[],
  returned: readonly string[],
  kind: ReturnKind,
) => Promise<void>;

/** Once and quickly: a function must end in time, and without it the messages only wait out their visibility. */
const BRIEF = { requestTimeout: 500, maxAttempts: 1 } as const;

/**
 * Shortens the visibility of returned messages. All of a group get the same: a FIFO queue delivers nothing of a group
 * while a message of it is hidden, so that the first could not come before the last, and none before the first.
 */
export function createSqsReturns({ client, queuePrefix, ids, onTrouble }: SqsReturnsOptions): ReturnSoon {
  const hide = async (name: string, entries: readonly HiddenMessage[]): Promise<void> => {
    const { Failed = [] } = await changeVisibility(client, queuePrefix, name, entries);
    const [first] = Failed;
    if (first !== undefined) throw new Error(`${Failed.length} of ${entries.length}: ${first.Code}`);
  };

  return async (records, returned, kind) => {
    const back = records.filter(({ messageId }) => returned.includes(messageId));
    for (const [name, own] of grouped(back, queueOf)) {
      const entries = [...grouped(own, groupOf).values()].flatMap((group) => {
        const seconds = secondsUntilBack(RETURNS[kind], mostReceives(group), ids.next());
        return group.map(({ receiptHandle }) => ({ handle: receiptHandle, seconds }));
      });
      for (let from = 0; from < entries.length; from += MAX_BATCH_MESSAGES) {
        try {
          await hide(name, entries.slice(from, from + MAX_BATCH_MESSAGES));
        } catch (error) {
          onTrouble(error, `shortening the visibility timeout of messages of ${name}`);
        }
      }
    }
  };
}

/** A message of a standard queue is alone. */
const groupOf = ({ attributes, messageId }: SQSRecord): string => attributes.MessageGroupId ?? messageId;

const mostReceives = (group: readonly SQSRecord[]): number =>
  Math.max(1, ...group.map(({ attributes }) => Number(attributes.ApproximateReceiveCount)));

export const createDefaultSqsReturns = (queuePrefix: string, onTrouble: OnTrouble): ReturnSoon =>
  createSqsReturns({
    client: new SQSClient(clientDefaults(BRIEF)),
    queuePrefix,
    ids: createRandomIds(),
    onTrouble,
  });
