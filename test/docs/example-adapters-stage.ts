import * as z from "zod";
import { defineInterruptible } from "event-spine/adapters";
import type { AiAgent, AiCall, AiResult } from "event-spine/adapters/ai-sdk";
import type { Graph, MemorySaverLike } from "event-spine/adapters/langgraph";
import type { MastraAgent, MastraStorage } from "event-spine/adapters/mastra";
import type { McpClient } from "event-spine/adapters/mcp";
import type { OpenAiAgentsOptions } from "event-spine/adapters/openai-agents";
import type { StrandsAgent } from "event-spine/adapters/strands";

/**
 * What the examples of the adapters take for granted: a contract, and names of frameworks by the shape that the adapters know of them. The
 * frameworks themselves compile the examples of test/adapters.
 */
export { z };
export const assistant = defineInterruptible({ name: "assistant", output: z.object({ text: z.string() }) });

export declare const model: string;
export declare const tools: Readonly<Record<string, object>>;
export declare const streamText: (options: AiCall & { model: string; tools: object }) => AiResult;
export declare const toolLoop: AiAgent;
export declare const builder: { compile(options: { checkpointer: MemorySaverLike }): Graph };
export declare const MemorySaver: new () => MemorySaverLike;
export declare const Command: new (args: { resume: unknown }) => unknown;
export declare const Agent: new (options: object) => StrandsAgent;
export declare const run: OpenAiAgentsOptions<unknown, unknown>["openai"]["run"];
export declare const RunState: OpenAiAgentsOptions<unknown, unknown>["openai"]["RunState"];
export declare const InMemoryStore: new () => MastraStorage;
export declare const Mastra: new (options: object) => { getAgent(name: string): MastraAgent };
export declare const desk: MastraAgent;
export declare const connected: McpClient;
export declare const answer: boolean;
