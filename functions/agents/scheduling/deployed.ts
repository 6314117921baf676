import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { clientDefaults, QUICK } from "#aws/clients.ts";
import { readVariable } from "#aws/config.ts";
import { createDynamoCalendar } from "./dynamo-calendar.ts";
import { schedulingAgent } from "./scheduling-agent.ts";

/** The agent on its own table, which CALENDAR_TABLE names; its function may get and put the items of it. */
export const agent = schedulingAgent({
  calendar: createDynamoCalendar({
    client: new DynamoDBClient(clientDefaults(QUICK)),
    table: readVariable("CALENDAR_TABLE"),
  }),
});
