import { SNSClient } from "@aws-sdk/client-sns";
import type { Context, SQSEvent } from "aws-lambda";
import { clientDefaults, lean, QUICK } from "#aws/clients.ts";
import { readOptionalEnv } from "#aws/config.ts";
import { createObserver } from "#aws/observe/observe.ts";
import { createSnsNotify } from "#aws/sns/sns-notify.ts";
import { batchResponse } from "#aws/sqs/sqs-records.ts";
import { createWebhookNotify } from "#aws/webhook/webhook-notify.ts";
import { createSystemClock } from "#node/system-clock.ts";
import type { Notify } from "#ports/notify.ts";
import { createQuestionNotices } from "#runtime/notices/create-question-notices.ts";

const SUBJECT = "Event Spine: a question is open";

const observer = createObserver("questions");
const topicArn = readOptionalEnv("noticeTopic");
const secretArn = readOptionalEnv("webhookSecret");

function ways(): readonly Notify[] {
  const found: Notify[] = [];
  if (topicArn !== undefined) {
    const client = lean(new SNSClient(clientDefaults(QUICK)));
    found.push(createSnsNotify({ client, topicArn, subject: SUBJECT }));
  }
  if (secretArn !== undefined) {
    const readUrl = async () =>
      (await import("#aws/secrets/read-secret-text.ts")).readDefaultSecretText(secretArn);
    found.push(createWebhookNotify({ readUrl }));
  }
  return found;
}

const tell = createQuestionNotices({
  ways: ways(),
  wording: {
    link: readOptionalEnv("noticeLink"),
    withQuestion: readOptionalEnv("noticeQuestion") !== undefined,
  },
  clock: createSystemClock(),
  onTrouble: observer.onTrouble,
});

/** Fed by the rule of spine-out for questions. It reads no session. */
export const handler = ({ Records }: SQSEvent, context: Context) =>
  observer.invocation(context, {}, async () =>
    batchResponse(await tell(Records.map(({ messageId: id, body }) => ({ id, body })))),
  );
