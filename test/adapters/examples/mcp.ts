import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { defineAgent } from "event-spine";
import { mcpAgent } from "event-spine/adapters/mcp";
import * as z from "zod";

const forecast = defineAgent({ name: "forecast", output: z.object({ degrees: z.number() }) });

let connecting: Promise<Client> | undefined;
const connect = async (): Promise<Client> => {
  const client = new Client({ name: "event-spine", version: "1.0.0" });
  await client.connect(
    new StreamableHTTPClientTransport(new URL("https://weather.example.com/mcp")) as never,
  );
  return client;
};

export const agent = mcpAgent(forecast, {
  client: () => (connecting ??= connect()),
  tool: "forecast",
  arguments: ({ input }) => ({ city: input.city }),
});
