import type { ReceivedMessage } from "#memory/queue/message.ts";
import { requireRange } from "#memory/queue/queue-error.ts";
import { startTimer } from "../timer.ts";
import type { HostedQueue, QueueHost } from "./queue-host.ts";
import { onModel } from "./sqs-refusal.ts";
import {
  chosenNames,
  md5,
  md5OfAttributes,
  pick,
  systemAttributes,
  wireAttributes,
  type WireInput,
} from "./wire.ts";

/** ReceiveMessage: what there is, or with WaitTimeSeconds what comes in time. */
export async function receive(
  host: QueueHost,
  { queue }: HostedQueue,
  input: WireInput,
  gone: AbortSignal,
): Promise<object> {
  const take = () =>
    onModel(() =>
      queue.receive(host.clock.now(), {
        ...(input.MaxNumberOfMessages !== undefined && { max: input.MaxNumberOfMessages }),
        ...(input.VisibilityTimeout !== undefined && {
          visibilityTimeoutMs: input.VisibilityTimeout * 1_000,
        }),
      }),
    );
  onModel(() => requireRange("WaitTimeSeconds", input.WaitTimeSeconds ?? 0, 0, 20));
  const now = take();
  const waitMs = (input.WaitTimeSeconds ?? 0) * 1_000;
  const messages = now.length > 0 || waitMs === 0 ? now : await poll(host, queue, take, waitMs, gone);
  host.changed(queue);
  return messages.length === 0
    ? {}
    : { Messages: messages.map((message) => wireMessage(message, input, host)) };
}

/** Looks again at each change, until something is there, time is up, or the caller has gone. */
function poll(
  host: QueueHost,
  queue: HostedQueue["queue"],
  take: () => readonly ReceivedMessage[],
  waitMs: number,
  gone: AbortSignal,
): Promise<readonly ReceivedMessage[]> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      unwatch();
      cancel();
      gone.removeEventListener("abort", leave);
      settle();
    };
    const look = () => {
      try {
        const taken = take();
        if (taken.length > 0) end(() => resolve(taken));
      } catch (error) {
        end(() => reject(error as Error)); // what `take` throws is an AwsError or a bug, both errors
      }
    };
    const leave = () => end(() => resolve([]));
    const unwatch = host.watch(queue, look);
    const cancel = startTimer(host.clock, host.clock.now() + waitMs, leave);
    gone.addEventListener("abort", leave, { once: true });
  });
}

function wireMessage(message: ReceivedMessage, input: WireInput, host: QueueHost): object {
  const wanted = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])];
  const system = systemAttributes(message, (queue) => host.byName(queue)?.arn ?? queue);
  const names = chosenNames(Object.keys(system), wanted);
  const own = pick(
    message.attributes,
    chosenNames(Object.keys(message.attributes), input.MessageAttributeNames ?? []),
  );
  const ownMd5 = md5OfAttributes(own);
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: md5(message.body),
    ...(names.length > 0 && { Attributes: pick(system, names) }),
    ...(ownMd5 !== undefined && {
      MessageAttributes: wireAttributes(own),
      MD5OfMessageAttributes: ownMd5,
    }),
  };
}
