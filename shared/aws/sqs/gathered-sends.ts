import type { SQSClient } from "@aws-sdk/client-sqs";
import {
  refuse,
  trySendMessages,
  type FailedMessage,
  type OutgoingMessage,
  type SendMessages,
} from "./sqs-send.ts";

interface Waiting {
  readonly messages: readonly OutgoingMessage[];
  readonly resolve: (failed: readonly FailedMessage[]) => void;
}

/**
 * Sends what is asked for side by side in common requests: ten messages of a queue a request, whoever sends them, and to each
 * only the failures of its own. What is asked for in one turn of the event loop goes together. Whoever needs an order between
 * two messages waits for the first.
 */
export function gatherSends(client: SQSClient): SendMessages {
  let waiting: Waiting[] = [];

  const flush = async (): Promise<void> => {
    const together = waiting;
    waiting = [];
    const failed = await trySendMessages(
      client,
      together.flatMap(({ messages }) => messages),
    );
    const byMessage = new Map(failed.map((one) => [one.message, one]));
    for (const { messages, resolve } of together)
      resolve(messages.flatMap((message) => byMessage.get(message) ?? []));
  };

  return async (messages) => {
    if (messages.length === 0) return;
    const failed = await new Promise<readonly FailedMessage[]>((resolve) => {
      waiting.push({ messages, resolve });
      if (waiting.length === 1) setImmediate(() => void flush());
    });
    refuse(failed, messages.length);
  };
}
