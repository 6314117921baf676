import { GetItemCommand, PutItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Booking } from "#contracts/scheduling.ts";
import type { Calendar, CalendarAnswer } from "./calendar.ts";
import { createMemoryCalendar, type MemoryCalendar, type RecordedEffect } from "./memory-calendar.ts";

export interface DynamoCalendarOptions {
  readonly client: DynamoDBClient;
  /** A table with the partition key `pk` (text). */
  readonly table: string;
}

interface Stored {
  readonly version: number;
  readonly bookings: readonly Booking[];
  readonly effects: readonly RecordedEffect[];
}

const KEY = { pk: { S: "calendar" } };
const EMPTY: Stored = { version: 0, bookings: [], effects: [] };
const MAX_LOST_RACES = 20;

/**
 * The business's calendar as one item, changed only from the version that was read: a booking and the key under which it
 * was made are written together, so no act can happen twice and no slot be given away twice. One item holds some 1,000
 * bookings (400 KB), enough for a sample; a larger business has an item a week.
 */
export function createDynamoCalendar({ client, table }: DynamoCalendarOptions): Calendar {
  const read = async (): Promise<Stored> => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: KEY, ConsistentRead: true }),
    );
    const text = Item?.["text"]?.S;
    if (text === undefined) return EMPTY;
    // Only this module writes the table.
    return { ...(JSON.parse(text) as Omit<Stored, "version">), version: Number(Item?.["version"]?.N) };
  };

  const write = async (version: number, calendar: MemoryCalendar): Promise<boolean> => {
    const text = JSON.stringify({ bookings: calendar.bookings(), effects: calendar.effects() });
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: { ...KEY, version: { N: String(version + 1) }, text: { S: text } },
          ConditionExpression: "attribute_not_exists(pk) OR version = :version",
          ExpressionAttributeValues: { ":version": { N: String(version) } },
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === "ConditionalCheckFailedException") return false;
      throw error;
    }
  };

  const act = async (perform: (calendar: Calendar) => Promise<CalendarAnswer>): Promise<CalendarAnswer> => {
    for (let lost = 0; lost < MAX_LOST_RACES; lost += 1) {
      const stored = await read();
      const calendar = createMemoryCalendar(stored);
      const answer = await perform(calendar);
      const changed = calendar.effects().length > stored.effects.length;
      if (!changed || (await write(stored.version, calendar))) return answer;
    }
    throw new Error(`The calendar was changed by others ${MAX_LOST_RACES} times.`);
  };

  const current = async (): Promise<Calendar> => createMemoryCalendar(await read());

  return {
    free: async (query) => (await current()).free(query),
    bookingsOf: async (who) => (await current()).bookingsOf(who),
    doneUnder: async (idempotencyKey) => (await current()).doneUnder(idempotencyKey),
    book: (order) => act((calendar) => calendar.book(order)),
    move: (order) => act((calendar) => calendar.move(order)),
    cancel: (order) => act((calendar) => calendar.cancel(order)),
  };
}
