import { randomUUID } from "node:crypto";
import type { EventTest } from "./event-pattern.ts";

/** An event as a rule's target gets it. */
export interface BusEvent {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export interface Rule {
  readonly name: string;
  readonly matches: EventTest;
  readonly targets: readonly ((event: BusEvent) => void)[];
}

export interface LocalBus {
  readonly name: string;
  readonly arn: string;
  readonly rules: Rule[];
}

export interface PutEntry {
  readonly Source?: string;
  readonly DetailType?: string;
  readonly Detail?: string;
  readonly Time?: number;
  readonly Resources?: readonly string[];
  readonly EventBusName?: string;
}

/** Makes an event of an entry, or says why the entry is refused. */
export function eventOf(
  entry: PutEntry,
  { account, region, now }: { readonly account: string; readonly region: string; readonly now: number },
): BusEvent | { readonly ErrorCode: string; readonly ErrorMessage: string } {
  const { Source, DetailType, Detail, Time, Resources = [] } = entry;
  if (!Source || !DetailType || !Detail) {
    const missing = Object.entries({ Source, DetailType, Detail }).flatMap(([name, value]) =>
      value ? [] : [name],
    );
    return {
      ErrorCode: "InvalidArgument",
      ErrorMessage: `Parameter ${missing.join(", ")} is not valid. Reason: required.`,
    };
  }
  if (Source.startsWith("aws.")) {
    return { ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source." };
  }
  const detail = parsed(Detail);
  if (detail === undefined) return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": DetailType,
    source: Source,
    account,
    time: new Date(Time === undefined ? now : Time * 1_000).toISOString().replace(/\.\d+Z$/, "Z"),
    region,
    resources: Resources,
    detail,
  };
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
