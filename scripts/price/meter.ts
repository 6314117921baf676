import { KEY_PARTITION_END } from "#aws/names.ts";
import { functionCallOf, type FunctionCall } from "#local/faults/function-call.ts";
import {
  isStreamed,
  type Around,
  type LocalRequest,
  type LocalResponse,
} from "#local/http/loopback-server.ts";
import type { LogLine } from "#local/provision/site.ts";
import { OF_KEY } from "./of-key.ts";
import { IndexWrites, isOfRow, OF_ROW } from "./of-row.ts";
import { LOG_EVENT_BYTES } from "./prices.ts";
import { itemBytes, readUnits, writeUnits, type WireItem } from "./units.ts";

/** What one function asked of one service. */
export interface Asked {
  readonly functionName: string;
  readonly service: string;
  readonly operation: string;
  readonly resource: string;
  readonly requests: number;
  /** Events of `PutEvents`, which are billed one by one; else as many as requests. */
  readonly entries: number;
  /** Capacity units of DynamoDB. */
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Bytes of the largest request. */
  readonly largestBytes: number;
}

export interface Logged {
  readonly functionName: string;
  readonly lines: number;
  /** As CloudWatch bills them. */
  readonly bytes: number;
}

export interface Reading {
  readonly asked: readonly Asked[];
  readonly logged: readonly Logged[];
}

/** Weighs what functions ask of AWS and what they log, at the local endpoints. */
export interface Meter {
  readonly around: Around;
  readonly onLog: (line: LogLine) => void;
  reset(): void;
  read(): Reading;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export function createMeter(): Meter {
  const asked = new Map<string, Mutable<Asked>>();
  const logged = new Map<string, Mutable<Logged>>();
  const indexWrites = new IndexWrites();
  const indexUnits = ({ operation }: FunctionCall, { body }: LocalRequest): number =>
    operation === "PutItem" ? indexWrites.unitsOf(jsonOf(body)["Item"] as WireItem) : 0;
  return {
    async around(request, handle) {
      const response = await handle(request);
      const call = functionCallOf(request);
      if (call === undefined) return response;
      const { functionName, service, resource } = call;
      const ofRow = isOfRow(request.body);
      const operation = call.operation + (isOfKey(request) ? OF_KEY : "") + (ofRow ? OF_ROW : "");
      const key = JSON.stringify([functionName, service, operation, resource]);
      const entry = asked.get(key) ?? {
        ...{ functionName, service, operation, resource },
        ...{ requests: 0, entries: 0, writeUnits: 0, readUnits: 0, largestBytes: 0 },
      };
      const units =
        request.headers["x-amz-target"]?.startsWith("DynamoDB_") === true
          ? plus(unitsOf(call, request, response), ofRow ? indexUnits(call, request) : 0)
          : { write: 0, read: 0 };
      entry.requests += 1;
      entry.entries += operation === "PutEvents" ? listIn(request.body, "Entries").length : 1;
      entry.writeUnits += units.write;
      entry.readUnits += units.read;
      entry.largestBytes = Math.max(entry.largestBytes, request.body.length);
      asked.set(key, entry);
      return response;
    },
    onLog({ from, text, kind }) {
      if (kind !== "output") return;
      const entry = logged.get(from) ?? { functionName: from, lines: 0, bytes: 0 };
      entry.lines += 1;
      entry.bytes += Buffer.byteLength(text) + LOG_EVENT_BYTES;
      logged.set(from, entry);
    },
    reset() {
      asked.clear();
      logged.clear();
    },
    read: () => ({
      asked: [...asked.values()].map((each) => ({ ...each })),
      logged: [...logged.values()].map((each) => ({ ...each })),
    }),
  };
}

const isOfKey = ({ body }: LocalRequest): boolean => body.includes(`${KEY_PARTITION_END}"}`);

interface Units {
  readonly write: number;
  readonly read: number;
}

const plus = ({ write, read }: Units, more: number): Units => ({ write: write + more, read });
const written = (write: number): Units => ({ write, read: 0 });
const read = (units: number): Units => ({ write: 0, read: units });

/** The units of a request. A write that its condition refuses costs as much as one that is done. */
function unitsOf(
  { operation, functionName }: FunctionCall,
  request: LocalRequest,
  response: LocalResponse,
): Units {
  const input = jsonOf(request.body);
  const output = isStreamed(response.body) ? {} : jsonOf(response.body);
  const consistent = input["ConsistentRead"] === true;
  switch (operation) {
    case "PutItem":
      return written(writeUnits(itemBytes(input["Item"] as WireItem)));
    case "UpdateItem":
    case "DeleteItem":
      // Counters and small entries, below 1 KB each.
      return written(1);
    case "BatchWriteItem":
      return written(
        tablesOf<{ readonly PutRequest?: { readonly Item: WireItem } }>(input["RequestItems"])
          .map(({ PutRequest }) => writeUnits(PutRequest === undefined ? 0 : itemBytes(PutRequest.Item)))
          .reduce(add, 0),
      );
    case "Query":
      return read(readUnits(itemsOf(output["Items"]).map(itemBytes).reduce(add, 0), consistent));
    case "GetItem":
      return read(readUnits(itemBytes((output["Item"] ?? {}) as WireItem), consistent));
    case "BatchGetItem": {
      const asked = Object.values((input["RequestItems"] ?? {}) as Record<string, BatchGet>);
      return read(
        asked.map((table) => table.Keys.length * readUnits(0, table.ConsistentRead === true)).reduce(add, 0),
      );
    }
    default:
      throw new Error(`${functionName} sends DynamoDB ${operation}, whose units are unknown here.`);
  }
}

interface BatchGet {
  readonly Keys: readonly unknown[];
  readonly ConsistentRead?: boolean;
}

const add = (sum: number, value: number): number => sum + value;
const itemsOf = (items: unknown): readonly WireItem[] => (Array.isArray(items) ? (items as WireItem[]) : []);
const tablesOf = <T>(tables: unknown): readonly T[] =>
  Object.values((tables ?? {}) as Record<string, T[]>).flat();

const listIn = (body: Buffer, field: string): readonly unknown[] => {
  const list = jsonOf(body)[field];
  return Array.isArray(list) ? (list as readonly unknown[]) : [];
};

function jsonOf(body: string | Buffer | undefined): Readonly<Record<string, unknown>> {
  const text = body?.toString() ?? "";
  return text === "" ? {} : (JSON.parse(text) as Readonly<Record<string, unknown>>);
}
