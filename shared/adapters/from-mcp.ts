import type { AgentTask } from "#core/agent-task.ts";
import type { Agent, Contract } from "#core/contract.ts";
import { SpineError } from "#core/errors.ts";
import type { Json } from "#core/json.ts";
import { adaptAgent, type AdapterOptions } from "./adapt-agent.ts";
import type { Asking, Framework } from "./framework.ts";
import { elicitationsOf, elicitedBy, type AnswerElicitation, type McpElicited } from "./mcp-elicitations.ts";
import { ownView } from "./own-view.ts";

export type { AnswerElicitation, McpElicitation, McpElicited } from "./mcp-elicitations.ts";

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
  /**
   * Gives a connected client, the same one for many tasks if it likes. A client of this task alone may hand `ask` what the server elicits: a
   * person is asked with `withApproval`, and the call is made again with the answer.
   */
  readonly client: (ask: AnswerElicitation) => McpClient | Promise<McpClient>;
  /** The tool to call. */
  readonly tool: string;
  /** @default the view's `input` */
  readonly arguments?: (view: View, task: AgentTask<View>) => Record<string, unknown>;
  /** What the server is told of a person's answer. @default `approved: false` declines, all else accepts with `content` or the answer's fields */
  readonly answer?: (answer: Json) => McpElicited;
}

/**
 * A tool of an MCP server as an agent: one call a task. The call's `_meta` has the task's key as `event-spine/idempotency-key`, the same
 * one when the call is made again with a person's answer.
 *
 * @example
 * const agent = mcpAgent(assistant, { client: () => connected, tool: "search" });
 */
export function mcpAgent<View, Result>(
  contract: Contract<View, Result>,
  { client, tool, arguments: argumentsOf, answer: told = elicitedBy, ...options }: McpOptions<View, Result>,
): Agent {
  const { timeoutMs, writes } = contract.spec;
  const framework: Framework<Record<string, unknown>> = {
    run: async ({ prompt, resumed, signal, say, task }) => {
      let asking: Asking | undefined;
      const stopping = new AbortController();
      const ask = (asked: Asking): void => {
        asking = asked;
        stopping.abort();
      };
      const { key, answer } = elicitationsOf(task.idempotencyKey, resumed, { told, ask });
      const connected = await client(answer);
      const calling = connected.callTool(
        { name: tool, arguments: prompt, _meta: { "event-spine/idempotency-key": key } },
        undefined,
        {
          signal: AbortSignal.any([signal, stopping.signal]),
          timeout: timeoutMs,
          onprogress: ({ message }) => say(message ?? ""),
        },
      );
      try {
        return { output: outputOf(await calling, tool) };
      } catch (error) {
        if (asking !== undefined) return asking;
        throw error;
      }
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
