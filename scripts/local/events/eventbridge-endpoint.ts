import type { Clock } from "#ports/clock.ts";
import { AwsError } from "../http/aws-error.ts";
import { jsonRefusal, jsonService } from "../http/json-service.ts";
import { serveLoopback, type LoopbackServer } from "../http/loopback-server.ts";
import type { Access } from "../iam/access.ts";
import { EVENTS } from "../signing/services.ts";
import { eventOf, type LocalBus, type PutEntry } from "./event-bus.ts";

export interface EventBridgeOptions {
  readonly buses: ReadonlyMap<string, LocalBus>;
  readonly access: Access;
  readonly account: string;
  readonly region: string;
  readonly clock: Pick<Clock, "now">;
  /** Told of events that no bus takes: EventBridge accepts and drops them. */
  readonly onDropped: (message: string) => void;
}

const CONTENT_TYPE = "application/x-amz-json-1.1";
const MAX_ENTRIES = 10;
const MAX_BYTES = 1_048_576;

/** EventBridge's PutEvents. Rules' targets are served after the answer, in no promised order. */
export function serveEventBridge(options: EventBridgeOptions): Promise<LoopbackServer> {
  const { buses, access, account, region, clock } = options;
  return serveLoopback(
    jsonService({
      access,
      service: EVENTS,
      contentType: CONTENT_TYPE,
      refusal: jsonRefusal(CONTENT_TYPE),
      operations: {
        PutEvents({ caller, input }) {
          const entries = (Array.isArray(input["Entries"]) ? input["Entries"] : []) as readonly PutEntry[]; // fields are checked below
          const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
          if (entries.length === 0 || entries.length > MAX_ENTRIES || bytes > MAX_BYTES) {
            throw new AwsError(
              "ValidationException",
              `PutEvents takes 1 to ${MAX_ENTRIES} entries of ${MAX_BYTES} bytes in all.`,
            );
          }
          const names = new Set(entries.map(busNameOf));
          for (const name of names) {
            const arn = buses.get(name)?.arn ?? `arn:aws:events:${region}:${account}:event-bus/${name}`;
            const [first] = entries.filter((entry) => busNameOf(entry) === name);
            const count = entries
              .filter((entry) => busNameOf(entry) === name)
              .every((entry) => entry.Source === first?.Source);
            if (!count)
              throw new AwsError(
                "ValidationException",
                "Entries of one call with several sources are not emulated.",
              );
            access.check(caller, "PutEvents", "events:PutEvents", arn, {
              ...(first?.Source !== undefined && { "events:source": first.Source }),
              ...(first?.DetailType !== undefined && { "events:detail-type": first.DetailType }),
            });
          }
          const results = entries.map((entry) => put(entry, options, clock.now()));
          return {
            FailedEntryCount: results.filter((result) => "ErrorCode" in result).length,
            Entries: results,
          };
        },
      },
    }),
  );
}

function put(entry: PutEntry, { buses, account, region, onDropped }: EventBridgeOptions, now: number) {
  const event = eventOf(entry, { account, region, now });
  if ("ErrorCode" in event) return event;
  const bus = buses.get(busNameOf(entry));
  if (bus === undefined)
    onDropped(`An event for the bus ${busNameOf(entry)}, which does not exist, was dropped.`);
  for (const { matches, targets } of bus?.rules ?? []) {
    if (matches(event)) for (const deliver of targets) setImmediate(deliver, event);
  }
  return { EventId: event.id };
}

/** A bus is named by its name or ARN. */
const busNameOf = ({ EventBusName = "default" }: PutEntry): string =>
  EventBusName.split("/").at(-1) ?? EventBusName;

function entryBytes({ Source = "", DetailType = "", Detail = "", Resources = [], Time }: PutEntry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), Time === undefined ? 0 : 14);
}
