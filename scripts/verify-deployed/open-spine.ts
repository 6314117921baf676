import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { SQSClient } from "@aws-sdk/client-sqs";
import { randomUUID } from "node:crypto";
import { spineInName } from "#aws/names.ts";
import { MESSAGE_RECEIVED } from "#flows/customer-care.ts";
import { createSpineClient } from "#client/client.ts";
import type { DeployedTarget } from "#client/deployed-target.ts";
import { createOperate } from "#client/operate.ts";
import { createListener, type Listener } from "./listener.ts";
import { createPublications } from "./publications.ts";
import type { VerifiedSpine } from "./verified-spine.ts";

export interface OpenOptions {
  /** What events of the bus say of their source. */
  readonly source: string;
  /** URL of a queue that a rule of spine-out fills. @default one is made, with a rule, and both go at the end */
  readonly listener?: string | undefined;
}

export interface OpenSpine {
  readonly spine: VerifiedSpine;
  close(): Promise<void>;
}

/** Opens a deployed spine for its scenarios. */
export async function openSpine(
  target: DeployedTarget,
  { source, listener }: OpenOptions,
): Promise<OpenSpine> {
  const { prefix, ingress, environment, call } = target;
  const region = environment["AWS_REGION"] ?? "";
  const run = randomUUID().slice(0, 8);
  const [sqs, events] = [new SQSClient({ region }), new EventBridgeClient({ region })];
  const heard: Listener =
    listener === undefined
      ? await createListener({ sqs, events }, { prefix, name: `${prefix}-verify-${run}` })
      : { queueUrl: listener, close: () => Promise.resolve() };
  let sessions = 0;
  return {
    spine: {
      client: createSpineClient(call),
      async unsigned(session) {
        const url = `${ingress.replace(/\/+$/, "")}/sessions/${session}/state`;
        const response = await fetch(url);
        await response.arrayBuffer();
        return response.status;
      },
      async putOnBus(detail) {
        const { FailedEntryCount, Entries = [] } = await events.send(
          new PutEventsCommand({
            Entries: [
              {
                EventBusName: spineInName(prefix),
                Source: source,
                DetailType: MESSAGE_RECEIVED,
                Detail: JSON.stringify(detail),
              },
            ],
          }),
        );
        const [entry] = Entries;
        if (FailedEntryCount !== 0)
          throw new Error(`The bus rejected the event: ${entry?.ErrorCode} ${entry?.ErrorMessage}`);
      },
      operate: createOperate(target),
      published: createPublications(sqs, heard.queueUrl),
      newSession: () => `verify-${run}-${(sessions += 1)}`,
    },
    async close() {
      await heard.close();
      sqs.destroy();
      events.destroy();
    },
  };
}
