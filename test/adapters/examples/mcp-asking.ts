import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { defineInterruptible } from "event-spine/adapters";
import { mcpAgent, type AnswerElicitation } from "event-spine/adapters/mcp";
import * as z from "zod";

const booking = defineInterruptible({ name: "booking", output: z.object({ seat: z.string() }) });

/** A client a task: an elicitation does not say which call it belongs to. */
const connect = async (ask: AnswerElicitation): Promise<Client> => {
  const client = new Client({ name: "event-spine", version: "1.0.0" }, { capabilities: { elicitation: {} } });
  client.setRequestHandler(ElicitRequestSchema, async ({ params }) => ({ ...(await ask(params)) }));
  await client.connect(new StreamableHTTPClientTransport(new URL("https://seats.example.com/mcp")) as never);
  return client;
};

export const agent = mcpAgent(booking, { client: connect, tool: "book" });
