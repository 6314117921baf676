import {
  PutEventsCommand,
  type EventBridgeClient,
  type PutEventsRequestEntry,
} from "@aws-sdk/client-eventbridge";
import { messageOf, SpineError } from "#core/errors.ts";
import { utf8Length } from "#core/json.ts";
import type { SessionAdvanced } from "#core/session/messages.ts";
import type { Publish } from "#ports/publish.ts";
import { advanceText } from "./advance-detail.ts";
import { SESSION_ADVANCED, SPINE_SOURCE } from "./names.ts";
import { MAX_PUT_EVENTS } from "./service-limits.ts";

export interface EventBridgePublishOptions {
  readonly client: EventBridgeClient;
  /** Name of spine-out. */
  readonly bus: string;
}

/** One request takes 1 MB; a little is left for what the service counts beside the text. */
const MAX_REQUEST_BYTES = 1_000_000;
/** Consumers behind a rule may take less than the bus does: 256 KB is what all targets take. */
const MAX_DETAIL_BYTES = 256_000;

/** Publication on spine-out: one entry a commit. What the bus refuses is sent once more. */
export function createEventBridgePublish({ client, bus }: EventBridgePublishOptions): Publish {
  const put = async (entries: readonly PutEventsRequestEntry[]): Promise<readonly Refused[]> => {
    try {
      const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: [...entries] }));
      return entries.flatMap((entry, index) => {
        const { ErrorCode, ErrorMessage = "" } = Entries[index] ?? {};
        return ErrorCode === undefined ? [] : [{ entry, reason: `${ErrorCode} ${ErrorMessage}`.trim() }];
      });
    } catch (error) {
      return entries.map((entry) => ({ entry, reason: messageOf(error) }));
    }
  };

  return {
    async publish(advances) {
      const failed: Refused[] = [];
      for (const batch of packed(advances.map((advance) => toEntry(advance, bus)))) {
        const refused = await put(batch);
        if (refused.length > 0) failed.push(...(await put(refused.map(({ entry }) => entry))));
      }
      const [first] = failed;
      if (first === undefined) return;
      throw new SpineError(
        "queue.rejected",
        `${failed.length} of ${advances.length} publications failed: ${first.reason}`,
        { retryable: true, details: { failed: failed.length } },
      );
    },
  };
}

interface Refused {
  readonly entry: PutEventsRequestEntry;
  readonly reason: string;
}

function toEntry(advance: SessionAdvanced, bus: string): PutEventsRequestEntry {
  return {
    EventBusName: bus,
    Source: SPINE_SOURCE,
    DetailType: SESSION_ADVANCED,
    Time: new Date(advance.time),
    Detail: advanceText(advance, MAX_DETAIL_BYTES),
  };
}

function packed(entries: readonly PutEventsRequestEntry[]): readonly (readonly PutEventsRequestEntry[])[] {
  const batches: PutEventsRequestEntry[][] = [];
  let room = 0;
  for (const entry of entries) {
    const bytes = utf8Length(entry.Detail ?? "") + SPINE_SOURCE.length + SESSION_ADVANCED.length;
    const current = batches.at(-1);
    if (current === undefined || current.length === MAX_PUT_EVENTS || bytes > room) {
      batches.push([entry]);
      room = MAX_REQUEST_BYTES - bytes;
    } else {
      current.push(entry);
      room -= bytes;
    }
  }
  return batches;
}
