import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { clientDefaults, QUICK } from "#aws/clients.ts";
import { readVariable } from "#aws/config.ts";
import { hostAgents } from "#aws/lambda/host-agent.ts";
import { createDefaultS3Client } from "#aws/s3/s3-client.ts";
import { createAgent as createDocuments } from "../../../functions/agents/documents/documents-agent.ts";
import { createS3DocumentStore } from "../../../functions/agents/documents/s3-document-store.ts";
import { agent as inquiry } from "../../../functions/agents/inquiry/inquiry-agent.ts";
import { createAgent as createRecommendation } from "../../../functions/agents/recommendation/recommendation-agent.ts";
import { agent as reply } from "../../../functions/agents/reply/reply-agent.ts";
import { createDynamoCalendar } from "../../../functions/agents/scheduling/dynamo-calendar.ts";
import { createAgent as createScheduling } from "../../../functions/agents/scheduling/scheduling-agent.ts";

/** The agents of the sample application in one function. */
export const handler = hostAgents(
  inquiry,
  createScheduling({
    calendar: createDynamoCalendar({
      client: new DynamoDBClient(clientDefaults(QUICK)),
      table: readVariable("CALENDAR_TABLE"),
    }),
  }),
  createDocuments({
    store: createS3DocumentStore({
      client: createDefaultS3Client(),
      bucket: readVariable("DOCUMENTS_BUCKET"),
    }),
  }),
  createRecommendation(),
  reply,
);
