import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { defineAgent } from "event-spine";
import { mcpAgent } from "event-spine/adapters/mcp";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { describeConformance } from "../support/describe-conformance.ts";
import { taskOf } from "../support/desk.ts";
import type { World } from "../support/script.ts";

/** A server whose one tool does what the script says. */
async function connected(world: World): Promise<Client> {
  const server = new McpServer({ name: "desk", version: "1.0.0" });
  server.registerTool(
    "book",
    { inputSchema: { text: z.string() } },
    async (_input, { signal, sendNotification, _meta }) => {
      const progressToken = _meta?.progressToken ?? 0;
      for (;;) {
        const said = world.next();
        if ("tool" in said) {
          await world.use(said.tool);
          continue;
        }
        let text = "";
        for await (const message of world.pieces(said.text, signal)) {
          if (signal.aborted) break;
          text += message;
          const params = { progressToken, progress: text.length, message };
          await sendNotification({ method: "notifications/progress", params });
        }
        return { content: [{ type: "text", text }] };
      }
    },
  );
  server.registerTool("refuse", {}, () => ({
    isError: true,
    content: [{ type: "text", text: "Ada is not known." }],
  }));
  server.registerTool("score", { outputSchema: { score: z.number() } }, ({ _meta }) => ({
    content: [],
    structuredContent: { score: String(_meta?.["event-spine/idempotency-key"]).length },
  }));
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await server.connect(theirs);
  const client = new Client({ name: "spine", version: "1.0.0" });
  await client.connect(ours);
  return client;
}

describeConformance("a tool of an MCP server", {
  lacks: ["approval", "usage"],
  start: (world, contract) => mcpAgent(contract, { client: () => connected(world), tool: "book" }),
});

describe("a tool of an MCP server", () => {
  const NO_WORLD = {} as World;
  const scorer = defineAgent({ name: "scorer", output: z.object({ score: z.number() }) });

  it("gives its structured content, and gets the task's key", async () => {
    const agent = mcpAgent(scorer, {
      client: () => connected(NO_WORLD),
      tool: "score",
      arguments: () => ({}),
    });
    const { task } = taskOf();
    expect(await agent.run(task)).toMatchObject({ result: { score: task.idempotencyKey.length } });
  });

  it("fails when the tool reports an error, without its words", async () => {
    const agent = mcpAgent(scorer, {
      client: () => connected(NO_WORLD),
      tool: "refuse",
      arguments: () => ({}),
    });
    const failure = {
      code: "agent.failed",
      retryable: true,
      message: expect.not.stringContaining("Ada") as string,
    };
    await expect(Promise.resolve(agent.run(taskOf().task))).rejects.toMatchObject(failure);
  });
});
