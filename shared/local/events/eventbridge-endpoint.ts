import type { Clock } from "#ports/clock.ts";
import { AwsError } from "../http/service-error.ts";
import { jsonRefusal, jsonService } from "../http/json-service.ts";
import { serveLoopback, type LoopbackServer } from "../http/loopback-server.ts";
import type { Access } from "../iam/access.ts";
import type { Throttling } from "../throttling/throttling.ts";
import { createTokenBucket } from "../throttling/token-bucket.ts";
import { EVENTS } from "../signing/services.ts";
import { eventOf, type LocalBus, type PutEntry } from "./event-bus.ts";

export interface EventBridgeOptions {
  readonly buses: ReadonlyMap<string, LocalBus>;
  readonly access: Access;
  readonly account: string;
  readonly region: string;
  readonly clock: Pick<Clock, "now">;
  readonly throttling: Throttling;
  /** Told of events that no bus takes: EventBridge accepts and drops them. */
  readonly onDropped: (message: string) => void;
}

const CONTENT_TYPE = "application/x-amz-json-1.1";
const MAX_ENTRIES = 10;
const MAX_BYTES = 1_048_576;
const MAX_SOURCE = 256;
const MAX_DETAIL_TYPE = 128;

/** EventBridge's PutEvents. Rules' targets are served after the answer, in no promised order. */
export function serveEventBridge(options: EventBridgeOptions): Promise<LoopbackServer> {
  const { buses, access, account, region, clock, throttling } = options;
  const perSecond = throttling.quotas.putEventsPerSecond;
  const requests = createTokenBucket({ perSecond, now: () => clock.now() });
  return serveLoopback(
    jsonService({
      access,
      service: EVENTS,
      contentType: CONTENT_TYPE,
      refusal: jsonRefusal(CONTENT_TYPE),
      operations: {
        PutEvents({ caller, input }) {
          const entries = (Array.isArray(input["Entries"]) ? input["Entries"] : []) as readonly PutEntry[]; // fields are checked below
          requireWithinLimits(entries);
          for (const name of new Set(entries.map(busNameOf))) {
            const arn = buses.get(name)?.arn ?? `arn:aws:events:${region}:${account}:event-bus/${name}`;
            const mine = entries.filter((entry) => busNameOf(entry) === name);
            access.check(caller, "PutEvents", "events:PutEvents", arn, {
              "events:source": [...new Set(mine.flatMap(({ Source = [] }) => Source))],
              "events:detail-type": [...new Set(mine.flatMap(({ DetailType = [] }) => DetailType))],
            });
          }
          if (!requests.take(1)) {
            throttling.refused("events requests");
            throw new AwsError("ThrottlingException", "Rate exceeded");
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

function put(
  entry: PutEntry,
  { buses, account, region, onDropped, throttling }: EventBridgeOptions,
  now: number,
) {
  // Each entry has an answer of its own: some of a request that succeeds may be refused.
  if (throttling.strikes("events entry"))
    return { ErrorCode: "ThrottlingException", ErrorMessage: "Rate exceeded" };
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

function requireWithinLimits(entries: readonly PutEntry[]): void {
  const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
  if (entries.length === 0 || entries.length > MAX_ENTRIES)
    throw new AwsError(
      "ValidationException",
      `PutEvents accepts 1 to ${MAX_ENTRIES} entries, not ${entries.length}.`,
    );
  if (bytes > MAX_BYTES)
    throw new AwsError(
      "ValidationException",
      `Total size of the entries in the request is over the limit: ${bytes}.`,
    );
  for (const { Source = "", DetailType = "" } of entries) {
    if (Source.length > MAX_SOURCE)
      throw new AwsError(
        "ValidationException",
        `A source has ${Source.length} characters, at most ${MAX_SOURCE}.`,
      );
    if (DetailType.length > MAX_DETAIL_TYPE)
      throw new AwsError("ValidationException", `A detail type has at most ${MAX_DETAIL_TYPE} characters.`);
  }
}

/** A bus is named by its name or ARN. */
const busNameOf = ({ EventBusName = "default" }: PutEntry): string =>
  EventBusName.split("/").at(-1) ?? EventBusName;

function entryBytes({ Source = "", DetailType = "", Detail = "", Resources = [], Time }: PutEntry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), Time === undefined ? 0 : 14);
}
