import type { AgentTask } from "#core/agent-task.ts";
import type { Agent, Contract } from "#core/contract.ts";
import { SpineError } from "#core/errors.ts";
import { adaptAgent, type AdapterOptions } from "./adapt-agent.ts";
import type { Framework } from "./framework.ts";
import { ownView } from "./own-view.ts";

/** A client of the Model Context Protocol that is connected, as far as it is called. */
export interface McpClient {
  callTool(
    params: { name: string; arguments?: Record<string, unknown>; _meta?: Record<string, unknown> },
    schema: undefined,
    options: {
      signal: AbortSignal;
      timeout: number;
      onprogress: (progress: { message?: string | undefined }) => void;
    },
  ): Promise<unknown>;
}

export interface McpOptions<View, Result> extends Pick<AdapterOptions<View, Result>, "result"> {
  /** Gives a connected client, the same one for many tasks if it likes. */
  readonly client: () => McpClient | Promise<McpClient>;
  /** The tool to call. */
  readonly tool: string;
  /** @default the view's `input` */
  readonly arguments?: (view: View, task: AgentTask<View>) => Record<string, unknown>;
}

/**
 * A tool of an MCP server as an agent: one call a task. The call's `_meta` has the task's key as `event-spine/idempotency-key`.
 *
 * @example
 * const agent = mcpAgent(assistant, { client: () => connected, tool: "search" });
 */
export function mcpAgent<View, Result>(
  contract: Contract<View, Result>,
  { client, tool, arguments: argumentsOf, ...options }: McpOptions<View, Result>,
): Agent {
  const { timeoutMs, writes } = contract.spec;
  const framework: Framework<Record<string, unknown>> = {
    run: async ({ prompt, signal, say, task }) => {
      const connected = await client();
      const answer = await connected.callTool(
        { name: tool, arguments: prompt, _meta: { "event-spine/idempotency-key": task.idempotencyKey } },
        undefined,
        { signal, timeout: timeoutMs, onprogress: ({ message }) => say(message ?? "") },
      );
      return { output: outputOf(answer, tool) };
    },
  };
  const prompt = (view: View, task: AgentTask<View>): Record<string, unknown> => {
    if (argumentsOf !== undefined) return argumentsOf(view, task);
    const { input = {} } = ownView(view, writes) as { readonly input?: unknown };
    return input as Record<string, unknown>; // the server holds it against the tool's schema
  };
  return adaptAgent(contract, framework, { ...options, prompt });
}

interface ToolAnswer {
  readonly isError?: boolean;
  readonly structuredContent?: unknown;
  readonly content?: readonly { readonly type: string; readonly text?: string }[];
}

function outputOf(answer: unknown, tool: string): unknown {
  const { isError, structuredContent, content = [] } = answer as ToolAnswer; // as the client checked it
  // What it says of its failure stays out of logs.
  if (isError === true)
    throw new SpineError("agent.failed", `The tool "${tool}" reported an error.`, { retryable: true });
  return structuredContent ?? content.map(({ text = "" }) => text).join("");
}
