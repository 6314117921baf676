import { DeleteMessageBatchCommand, ReceiveMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { SessionAdvanced } from "#core/session/task-messages.ts";
import type { VerifiedSpine } from "./verified-spine.ts";

/** EventBridge delivers within a second; the relay is behind by a cold start at most. */
const PATIENCE_MS = 60_000;
const POLL_SECONDS = 10;

/** Reads publications from a queue that gets all of them, in any order and some of them twice. */
export function createPublications(sqs: SQSClient, queueUrl: string): VerifiedSpine["published"] {
  const seen = new Map<string, Map<number, SessionAdvanced>>();

  const receive = async (): Promise<void> => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: POLL_SECONDS,
      }),
    );
    for (const { Body = "" } of Messages) {
      // What the relay publishes is of this build's form, or the scenario fails.
      const { detail } = JSON.parse(Body) as { readonly detail: SessionAdvanced };
      const ofSession = seen.get(detail.session) ?? new Map<number, SessionAdvanced>();
      seen.set(detail.session, ofSession.set(detail.first, detail));
    }
    const Entries = Messages.map(({ MessageId: Id, ReceiptHandle }) => ({ Id, ReceiptHandle }));
    if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  };

  return async (session, last) => {
    for (const giveUpAt = performance.now() + PATIENCE_MS; ; await receive()) {
      const advances = [...(seen.get(session)?.values() ?? [])].sort((a, b) => a.first - b.first);
      if (isWhole(advances, last)) return advances;
      if (performance.now() >= giveUpAt)
        throw new Error(
          `${session} has ${last} events, of which ${PATIENCE_MS / 1_000} s later commits at ${advances.map(({ first }) => first).join(", ") || "none"} were published.`,
        );
    }
  };
}

/** From the first event to the last without a gap: one that is still on its way is waited for. */
const isWhole = (advances: readonly SessionAdvanced[], last: number): boolean =>
  advances.at(-1)?.last === last &&
  advances.every(({ first }, at) => first === (advances[at - 1]?.last ?? 0) + 1);
