import { parseSessionKey } from "#core/ids.ts";
import type { AnswerMessage } from "#core/session/messages.ts";
import type { Digest } from "#ports/digest.ts";
import { createRecovery } from "#runtime/create-recovery.ts";
import { parseInboxMessage } from "#runtime/inbox-message.ts";
import type { QueuePorts } from "../in-process/queues.ts";

/** A message that its queue gave up on, as recovery keeps it. */
export interface KeptLetter {
  readonly queue: string;
  readonly id: string;
  readonly body: string;
}

/**
 * Gives a letter another chance, by way of the coordinator: inputs and answers are decided on what the session is now, and
 * for a task it decides itself whether there is still anything to do.
 */
export async function redrive(
  { queue, id, body }: KeptLetter,
  ports: QueuePorts,
  digest: Digest,
): Promise<void> {
  if (queue === "inbox") {
    const { key, input } = parseInboxMessage(body);
    return ports.inbox.send(key, input);
  }
  // The bodies are those that our own ports wrote, or that recovery could read.
  if (queue === "answers") return ports.answers.send(JSON.parse(body) as AnswerMessage);
  if (queue === "deadlines") {
    const { at, ...rest } = JSON.parse(body) as {
      readonly tenant: string;
      readonly session: string;
      readonly at: number;
    };
    return ports.deadlines.arm(parseSessionKey(rest), at);
  }
  await createRecovery({ inbox: ports.inbox, digest })({ queue, id, body });
}
