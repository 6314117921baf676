import { Role, TaskState, type AgentCard, type Message, type Part, type Task } from "@a2a-js/sdk";
import {
  AgentEvent,
  DefaultRequestHandler,
  InMemoryTaskStore,
  type AgentExecutor,
  type ExecutionEventBus,
  type RequestContext,
} from "@a2a-js/sdk/server";
import { jsonRpcHandler, UserBuilder } from "@a2a-js/sdk/server/express";
import express from "express";
import { a2aAgent } from "event-spine/adapters/a2a";
import { describeConformance } from "../support/describe-conformance.ts";
import { loopback } from "../support/loopback.ts";
import { CALL, type World } from "../support/script.ts";

const server = loopback();

const part = (content: Part["content"]): Part => ({
  content,
  metadata: undefined,
  filename: "",
  mediaType: "",
});
const text = (value: string): Part => part({ $case: "text", value });
const data = (value: unknown): Part => part({ $case: "data", value });

/** A remote agent with the tools of the script: it asks before it pays. */
class RemoteDesk implements AgentExecutor {
  private readonly world: World;
  private readonly cancelled = new Set<string>();
  constructor(world: World) {
    this.world = world;
  }

  async execute(
    { taskId, contextId, task, userMessage }: RequestContext,
    bus: ExecutionEventBus,
  ): Promise<void> {
    const status = (state: TaskState, parts: Part[] = []) => ({
      state,
      timestamp: undefined,
      message: parts.length === 0 ? undefined : this.message({ taskId, contextId, parts }),
    });
    const end = (state: TaskState, parts: Part[], metadata: Record<string, unknown>) => {
      bus.publish(AgentEvent.statusUpdate({ taskId, contextId, status: status(state, parts), metadata }));
      bus.finished();
    };
    const working = status(TaskState.TASK_STATE_WORKING);
    const begun: Task = {
      id: taskId,
      contextId,
      status: working,
      artifacts: [],
      history: [],
      metadata: undefined,
    };
    bus.publish(
      AgentEvent.task(task === undefined ? begun : { ...task, status: working, metadata: undefined }),
    );
    if (task !== undefined && approvedIn(userMessage)) await this.world.use("pay");
    let calls = 0;
    const usage = () => ({
      usage: { inputTokens: calls * CALL.inputTokens, outputTokens: calls * CALL.outputTokens },
    });
    for (;;) {
      const said = this.world.next();
      calls += 1;
      if ("text" in said) {
        for await (const piece of this.world.pieces(said.text)) {
          if (this.cancelled.has(taskId)) return end(TaskState.TASK_STATE_CANCELED, [], usage());
          const artifact = {
            artifactId: "text",
            name: "",
            description: "",
            parts: [text(piece)],
            metadata: undefined,
            extensions: [],
          };
          bus.publish(
            AgentEvent.artifactUpdate({
              taskId,
              contextId,
              artifact,
              append: this.world.sent > 1,
              lastChunk: false,
              metadata: undefined,
            }),
          );
        }
        return end(TaskState.TASK_STATE_COMPLETED, [], usage());
      }
      if (said.tool === "pay") return end(TaskState.TASK_STATE_INPUT_REQUIRED, [data(said.input)], usage());
      await this.world.use(said.tool);
    }
  }

  cancelTask = (taskId: string): Promise<void> => {
    this.cancelled.add(taskId);
    this.world.tell();
    return Promise.resolve();
  };

  private message({ taskId, contextId, parts }: Pick<Message, "taskId" | "contextId" | "parts">): Message {
    const role = Role.ROLE_AGENT;
    return {
      messageId: `m${this.world.modelCalls}`,
      taskId,
      contextId,
      role,
      parts,
      metadata: undefined,
      extensions: [],
      referenceTaskIds: [],
    };
  }
}

const approvedIn = ({ parts }: Message): boolean =>
  parts.some(({ content }) => content?.$case === "data" && content.value?.approved === true);

const CARD = {
  name: "desk",
  description: "Books seats.",
  version: "1",
  supportedInterfaces: [{ url: "/", protocolBinding: "JSONRPC", tenant: "", protocolVersion: "1.0" }],
  capabilities: { streaming: true, extensions: [] },
  securitySchemes: {},
  securityRequirements: [],
  defaultInputModes: ["text"],
  defaultOutputModes: ["text"],
  skills: [],
  signatures: [],
} as unknown as AgentCard;

/** Each world has a remote desk of its own, which lives as long as the file's tests. */
const desks = new WeakMap<World, string>();
const deskOf = (world: World): string => {
  const known = desks.get(world);
  if (known !== undefined) return known;
  const app = express();
  const requestHandler = new DefaultRequestHandler(CARD, new InMemoryTaskStore(), new RemoteDesk(world));
  app.use(jsonRpcHandler({ requestHandler, userBuilder: UserBuilder.noAuthentication }));
  const url = server.mount(app);
  desks.set(world, url);
  return url;
};

const usage = ({ usage }: { readonly usage?: unknown }) => usage as typeof CALL;

describeConformance("a remote agent by A2A 1.0, as a stream", {
  remote: true,
  start: (world, contract) => a2aAgent(contract, { url: deskOf(world), usage }),
});

describeConformance("a remote agent by A2A 1.0, without a stream", {
  remote: true,
  lacks: ["streaming"],
  start: (world, contract) => a2aAgent(contract, { url: deskOf(world), usage, streaming: false }),
});
