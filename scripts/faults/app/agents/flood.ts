import { LambdaClient } from "@aws-sdk/client-lambda";
import { SQSClient } from "@aws-sdk/client-sqs";
import { clientDefaults, INVOKE, QUICK } from "#aws/clients.ts";
import { readEnv } from "#aws/config.ts";
import { createLambdaDoor } from "#aws/lambda/lambda-door.ts";
import { QueueSuffix } from "#aws/names.ts";
import { sendMessages } from "#aws/sqs/sqs-send.ts";
import { parseSessionKey, sessionKeyText } from "#core/ids.ts";
import type { AnswerMessage, TaskMessage } from "#core/session/task-messages.ts";
import { createNodeDigest } from "#node/node-digest.ts";

/** The same task's answer, at the door and in the queue. */
const AT_DOOR = 5;
const IN_QUEUE = 40;
/** In each of the groups that it reaches. */
const JUNK = 3;

const { queuePrefix, door: functionName } = readEnv(["queuePrefix", "door"]);
const sqs = new SQSClient(clientDefaults(QUICK));
const door = createLambdaDoor({ client: new LambdaClient(clientDefaults(INVOKE)), functionName });
const digest = createNodeDigest();

/** Everything that an agent's role can reach, too often and in others' names. */
export async function flood(message: TaskMessage, others: readonly string[]): Promise<void> {
  const { tenant, session, task, attempt, token } = message;
  const answer = (number: number): AnswerMessage => ({
    ...{ tenant, session, task, attempt, token },
    outcome: { status: "ok", result: { text: `flooded ${number}` } },
  });
  const queued = (group: string, body: string) => ({
    queueUrl: queuePrefix + QueueSuffix.answers,
    body,
    groupId: digest.sha256(sessionKeyText(parseSessionKey({ tenant, session: group }))),
    deduplicationId: digest.sha256(`${session} ${attempt} ${body}`),
  });
  await sendMessages(sqs, [
    ...numbers(IN_QUEUE).map((number) => queued(session, JSON.stringify(answer(number)))),
    ...[session, ...others].flatMap((other) =>
      numbers(JUNK).flatMap((number) => [
        queued(other, `junk ${number} of ${session}`),
        queued(other, JSON.stringify({ ...answer(number), session: other, token: "forged" })),
      ]),
    ),
  ]);
  await Promise.all(numbers(AT_DOOR).map((number) => door.answer(answer(number))));
}

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
