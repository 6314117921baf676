import type { RefuseEvents } from "#runtime/intake/refused-event.ts";
import { deadLetterName, QueueSuffix } from "../names.ts";
import type { SqsOptions } from "./sqs-dispatch.ts";
import { sendMessages } from "./sqs-send.ts";

/** The intake's dead letters, each with its cause. */
export const createSqsRefusals =
  ({ client, queuePrefix }: Pick<SqsOptions, "client" | "queuePrefix">): RefuseEvents =>
  (events) =>
    sendMessages(
      client,
      events.map((event) => ({ queueUrl: queuePrefix + deadLetterName(QueueSuffix.intake), ...event })),
    );
