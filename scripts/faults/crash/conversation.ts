import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { MESSAGE_RECEIVED } from "#flows/customer-care.ts";
import type { SentInput } from "#local/check-log/dump.ts";
import { untilIdle } from "#local/faults/until-idle.ts";
import type { FaultySpine } from "../faulty-spine.ts";
import { send, sentInput, type ProducerEvent, type Reply } from "../producer.ts";

/** Five agents, two of them side by side, one of which claims its effect. */
const TEXT = "I'd like to book a boiler service for next Tuesday morning, please.";
/** What the customer's event says beside its text. */
export const FACTS = {
  session: { who: "Ada Lovelace", channel: "web", locale: "en-GB", today: "2026-03-02" },
  constraints: { openFrom: "08:00", openUntil: "18:00", closedOn: [0], noticeHours: 4, horizonDays: 30 },
};
export const MESSAGE: ProducerEvent = {
  id: "message-1",
  type: MESSAGE_RECEIVED,
  data: { text: TEXT },
  ...FACTS,
};
const WAIT_SECONDS = 2;
const SCHEDULING = "spine-agent-scheduling";
const CALENDAR_ITEM = { pk: { S: "calendar" } };

export interface Conversation {
  readonly sent: readonly SentInput[];
  readonly reply: Reply | undefined;
}

/** Has the sample conversation in a new session, on an empty calendar, until nothing is under way any more. */
export async function converse(spine: FaultySpine, session: string): Promise<Conversation> {
  await spine.dynamo.send(new DeleteItemCommand({ TableName: calendarTable(spine), Key: CALENDAR_ITEM }));
  const first = await send(spine, session, MESSAGE, WAIT_SECONDS);
  await untilIdle(spine.cloud);
  // A producer whose wait ran out asks again.
  const told = first.reply === undefined ? await send(spine, session, MESSAGE, WAIT_SECONDS) : first;
  await untilIdle(spine.cloud);
  const sent = [sentInput(session, MESSAGE, first), sentInput(session, MESSAGE, told)];
  return { sent, reply: told.reply };
}

export const calendarTable = (spine: FaultySpine): string => spine.variable(SCHEDULING, "CALENDAR_TABLE");
