import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import type { Notify } from "#ports/notify.ts";
import { reaching } from "../aws-error.ts";

export interface SnsNotifyOptions {
  readonly client: SNSClient;
  readonly topicArn: string;
  /** Up to 100 ASCII characters without a line break: the subject of mails. */
  readonly subject: string;
}

/** Tells the subscribers of a topic. Its attributes let a subscription select tenants and sessions, and drop what it has had. */
export function createSnsNotify({ client, topicArn, subject }: SnsNotifyOptions): Notify {
  return {
    name: "sns",
    async notify({ text, event, tenant, session }) {
      const attributes = Object.entries({ event, tenant, session }).map(
        ([name, StringValue]) => [name, { DataType: "String", StringValue }] as const,
      );
      await reaching(
        "The topic did not take a notice",
        () =>
          client.send(
            new PublishCommand({
              TopicArn: topicArn,
              Subject: subject,
              Message: text,
              MessageAttributes: Object.fromEntries(attributes),
            }),
          ),
        { code: "notice.rejected" },
      );
    },
  };
}
