import {
  PutEventsCommand,
  type EventBridgeClient,
  type PutEventsRequestEntry,
} from "@aws-sdk/client-eventbridge";
import { messageOf } from "#core/errors.ts";
import { utf8Length } from "#core/json.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";
import type { Publish, Unpublished } from "#ports/publish.ts";
import { advanceText } from "./advance-detail.ts";
import { SESSION_ADVANCED, SPINE_SOURCE } from "../names.ts";
import { packed } from "../pack-requests.ts";
import { MAX_PUT_EVENTS } from "../service-limits.ts";

export interface EventBridgePublishOptions {
  readonly client: EventBridgeClient;
  /** Name of spine-out. */
  readonly bus: string;
}

/** One request takes 1 MB; a little is left for what the service counts beside the text. */
const MAX_REQUEST_BYTES = 1_000_000;
/** Consumers behind a rule may take less than the bus does: 256 KB is what all targets take. */
const MAX_DETAIL_BYTES = 256_000;

/** Publication on spine-out: one entry a commit, in as few requests as their number and bytes allow. */
export function createEventBridgePublish({ client, bus }: EventBridgePublishOptions): Publish {
  const put = async (batch: readonly Publication[]): Promise<readonly Unpublished[]> => {
    try {
      const { Entries = [] } = await client.send(
        new PutEventsCommand({ Entries: batch.map(({ entry }) => entry) }),
      );
      return batch.flatMap(({ advance }, at) => {
        const { ErrorCode, ErrorMessage = "" } = Entries[at] ?? {};
        return ErrorCode === undefined ? [] : [{ advance, reason: `${ErrorCode} ${ErrorMessage}`.trim() }];
      });
    } catch (error) {
      // Whether some of it arrived is unknown; a publication may come twice.
      return batch.map(({ advance }) => ({ advance, reason: messageOf(error) }));
    }
  };

  return {
    async publish(advances) {
      const publications = advances.map((advance) => ({ advance, entry: toEntry(advance, bus) }));
      const batches = packed(publications, sizeOf, { items: MAX_PUT_EVENTS, bytes: MAX_REQUEST_BYTES });
      for (const [at, batch] of batches.entries()) {
        const refused = await put(batch);
        const [first] = refused;
        if (first === undefined) continue;
        const rest = batches.slice(at + 1).flat();
        return [...refused, ...rest.map(({ advance }) => ({ advance, reason: first.reason }))];
      }
      return [];
    },
  };
}

interface Publication {
  readonly advance: SessionAdvanced;
  readonly entry: PutEventsRequestEntry;
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

const sizeOf = ({ entry }: Publication): number =>
  utf8Length(entry.Detail ?? "") + SPINE_SOURCE.length + SESSION_ADVANCED.length;
