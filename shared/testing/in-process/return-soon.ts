import { RETURNS, secondsUntilBack, type ReturnKind } from "#core/returns.ts";
import { readBatchResponse } from "#memory/queue/batch-response.ts";
import type { Batch } from "#memory/queue/event-source-mapping.ts";
import type { ReceivedMessage } from "#memory/queue/message.ts";
import { isQueueError } from "#memory/queue/queue-error.ts";
import type { Duty, Source } from "./in-process-queues.ts";

const KINDS: Readonly<Record<Duty["type"], ReturnKind>> = {
  intake: "events",
  inbox: "inputs",
  answers: "inputs",
  deadlines: "deadlines",
  commits: "commits",
  agent: "tasks",
  "dead-letters": "letters",
};

export const returnKindOf = (duty: Duty): ReturnKind => KINDS[duty.type];

/** The messages of a batch that its function gives back with its answer. */
export function returnedIn({ messages }: Batch, response: unknown): readonly ReceivedMessage[] {
  const result = readBatchResponse(response, new Set(messages.map(({ messageId }) => messageId)));
  return result.type === "failures"
    ? messages.filter(({ messageId }) => result.messageIds.has(messageId))
    : messages;
}

/**
 * Lets returned messages come again as soon as the deployed functions do: all of a group at the same time, and later where one
 * waits for a newer version.
 */
export function returnSoon(
  { duty, queue }: Source,
  now: number,
  returned: readonly ReceivedMessage[],
  forNewer: (messageId: string) => boolean = () => false,
): void {
  const groupOf = ({ groupId, messageId }: ReceivedMessage) => groupId ?? messageId;
  for (const group of new Set(returned.map(groupOf))) {
    const messages = returned.filter((message) => groupOf(message) === group);
    const receives = Math.max(...messages.map(({ receiveCount }) => receiveCount));
    const kind = messages.some(({ messageId }) => forNewer(messageId)) ? "newer" : returnKindOf(duty);
    const seconds = secondsUntilBack(RETURNS[kind], receives, `${group}/${receives}`);
    for (const { receiptHandle } of messages) {
      try {
        queue.changeVisibility(now, receiptHandle, seconds * 1_000);
      } catch (error) {
        // Another has received it meanwhile, or it is done.
        if (!isQueueError(error)) throw error;
      }
    }
  }
}
