import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { defineAgent } from "event-spine";
import { mcpAgent, type AnswerElicitation } from "event-spine/adapters/mcp";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { describeConformance } from "../support/describe-conformance.ts";
import { taskOf } from "../support/desk.ts";
import type { Said, World } from "../support/script.ts";

const NOTHING = { type: "object" as const, properties: {} };

/** What was said in a call, and which of it is done. */
interface Call {
  readonly said: Said[];
  readonly done: Set<number>;
}
/** What calls had done when they asked, by their keys: a server that asks knows the call again. */
const ASKED = new WeakMap<World, Map<unknown, Call>>();
const askedIn = (world: World): Map<unknown, Call> => {
  const calls = ASKED.get(world) ?? new Map<unknown, Call>();
  ASKED.set(world, calls);
  return calls;
};

/** A server whose one tool does what the script says, and asks before it pays. */
async function connected(world: World, ask?: AnswerElicitation): Promise<Client> {
  const server = new McpServer({ name: "desk", version: "1.0.0" });
  const mayPay = async (input: unknown): Promise<boolean> => {
    const message = `May I pay ${JSON.stringify(input)}?`;
    const { action } = await server.server.elicitInput({ message, requestedSchema: NOTHING });
    return action === "accept";
  };
  server.registerTool(
    "book",
    { inputSchema: { text: z.string() } },
    async (_input, { signal, sendNotification, _meta }) => {
      const progressToken = _meta?.progressToken ?? 0;
      const key = _meta?.["event-spine/idempotency-key"];
      const call = askedIn(world).get(key) ?? { said: [], done: new Set() };
      for (let at = 0; ; at += 1) {
        const said = (call.said[at] ??= world.next());
        if ("tool" in said) {
          if (said.tool === "pay") {
            askedIn(world).set(key, call);
            if (!(await mayPay(said.input))) continue;
          }
          if (!call.done.has(at)) await world.use(said.tool);
          call.done.add(at);
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
  const client = new Client({ name: "spine", version: "1.0.0" }, { capabilities: { elicitation: {} } });
  if (ask !== undefined)
    client.setRequestHandler(ElicitRequestSchema, async ({ params }) => ({ ...(await ask(params)) }));
  await client.connect(ours);
  return client;
}

describeConformance("a tool of an MCP server", {
  lacks: ["usage"],
  start: (world, contract) => mcpAgent(contract, { client: (ask) => connected(world, ask), tool: "book" }),
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
