import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { clientDefaults, lean, QUICK } from "#aws/clients.ts";
import { readVariable } from "#aws/config.ts";
import { hostAgent } from "#aws/lambda/host-agent.ts";
import { createDynamoCalendar } from "./dynamo-calendar.ts";
import { createAgent } from "./scheduling-agent.ts";

/** The agent on its own table, which CALENDAR_TABLE names; its function may get and put the items of it. */
export const handler = hostAgent(
  createAgent({
    calendar: createDynamoCalendar({
      client: lean(new DynamoDBClient(clientDefaults(QUICK))),
      table: readVariable("CALENDAR_TABLE"),
    }),
  }),
);
