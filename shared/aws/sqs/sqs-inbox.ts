import { sessionKeyText, type TenantId } from "#core/ids.ts";
import { isIdentified } from "#core/session/input.ts";
import type { Ids } from "#ports/clock.ts";
import type { KeyedDigests } from "#ports/secrets.ts";
import type { Inbox, InboxMessage } from "#ports/queues.ts";
import { QueueSuffix } from "../names.ts";
import type { SqsOptions } from "./sqs-dispatch.ts";
import { sendMessages } from "./sqs-send.ts";

export interface SqsInboxOptions extends SqsOptions {
  readonly ids: Ids;
  /**
   * Every message is delivered, also one that was delivered within the queue's window: for what is sent again because its
   * first message was given up. @default an input is delivered once within five minutes
   */
  readonly again?: boolean;
  /**
   * What keys the hash of a message in its deduplication id, for tenants with personal values: a plain one tells who guesses what was
   * sent. While processes go by two versions of its secret an input may be delivered twice within the window; its session knows it by
   * its id. @default hashes are plain
   */
  readonly keyed?: (tenant: TenantId) => Pick<KeyedDigests, "digest"> | undefined;
}

/** The inbox on its FIFO queue, grouped by session. */
export function createSqsInbox({ client, queuePrefix, digest, ids, again, keyed }: SqsInboxOptions): Inbox {
  /** A deadline that fired early is armed and sent again: unlike other inputs, its second message must come through. */
  const identityText = ({ input, redrive }: InboxMessage): string =>
    isIdentified(input) && again !== true
      ? JSON.stringify([input.source, input.id, ...(redrive === undefined ? [] : [redrive])])
      : `${input.kind}/${ids.next()}`;

  /** One event that its producer put twice has two envelopes, and one that is delivered twice may have two spans. */
  const sameText = ({ key: { tenant, session }, input }: InboxMessage): string =>
    JSON.stringify({ tenant, session, input: { ...input, traceparent: undefined } });

  const outgoing = async (message: InboxMessage) => {
    const { key, input, envelope, unchecked } = message;
    const addressed = { tenant: key.tenant, session: key.session, input };
    const sent = digest.sha256(`${identityText(message)}\n${sameText(message)}`);
    return {
      queueUrl: queuePrefix + QueueSuffix.inbox,
      body: JSON.stringify({ ...addressed, envelope, unchecked }),
      groupId: digest.sha256(sessionKeyText(key)),
      deduplicationId: (await keyed?.(key.tenant)?.digest(sent)) ?? sent,
      traceparent: "traceparent" in input ? input.traceparent : undefined,
    };
  };
  return {
    send: async (...messages) => sendMessages(client, await Promise.all(messages.map(outgoing))),
  };
}
