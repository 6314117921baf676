import { LambdaClient } from "@aws-sdk/client-lambda";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import type { Agent } from "#core/contract.ts";
import type { TaskMessage } from "#core/session/task-messages.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { createRandomIds } from "#node/random-ids.ts";
import { createSystemClock } from "#node/system-clock.ts";
import { createAgentHost, type AgentHostPorts } from "#runtime/agents/create-agent-host.ts";
import type { AnswerAddress } from "#runtime/agents/create-later.ts";
import { clientDefaults, INVOKE, lean, QUICK } from "../clients.ts";
import { readEnv, readOptionalEnv } from "../config.ts";
import { createLambdaDoor } from "./lambda-door.ts";
import { createLambdaProgress } from "./lambda-progress.ts";
import { createLazyReturns } from "../lazy-adapters.ts";
import { createObserver, type Observer } from "../observe/observe.ts";
import { createSqsAnswerQueue } from "../sqs/sqs-answer-queue.ts";
import { batchResponse } from "../sqs/sqs-records.ts";
import type { ReturnSoon } from "../sqs/sqs-returns.ts";

export type AgentHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/**
 * Makes an agent a Lambda handler for its queue (batch size 1). Its environment is QUEUE_PREFIX and DOOR_FUNCTION, PROGRESS_FUNCTION where it says what it does, and CALLBACK_URL where
 * what it passes on is answered without a signature.
 *
 * @example
 * export const handler = hostAgent(greeter.implement(({ context }) => ({ text: `Hello ${context.input.who}` })));
 */
export function hostAgent(agent: Agent): AgentHandler {
  return hostAgents(agent);
}

/**
 * Makes the agents of a group one Lambda handler for all their queues. With an answer, the door hands it the next task of the group, which it
 * runs at once in the same invocation.
 *
 * @example
 * const greeting = greeter.implement(({ context }) => ({ text: `Hello ${context.input.who}` }));
 * export const handler = hostAgents(greeting);
 */
export function hostAgents(...agents: readonly Agent[]): AgentHandler {
  const { queuePrefix, door } = readEnv(["queuePrefix", "door"]);
  const digest = createNodeDigest();
  const observer = createObserver(serviceOf(agents));
  const progress = readOptionalEnv("progress");
  const url = readOptionalEnv("callbackUrl");
  const lambda = lean(new LambdaClient(clientDefaults(INVOKE)));
  const ports: HandlerPorts = {
    answersAt: { door, ...(url !== undefined && { url }) },
    door: createLambdaDoor({ client: lambda, functionName: door }),
    ...(progress !== undefined && {
      progress: createLambdaProgress({ client: lambda, functionName: progress }),
    }),
    answers: createSqsAnswerQueue({
      client: lean(new SQSClient(clientDefaults(QUICK))),
      queuePrefix,
      digest,
    }),
    clock: createSystemClock(),
    ids: createRandomIds(),
    fetchView,
    ...(observer.tracer !== undefined && { tracer: observer.tracer }),
  };
  return createAgentHandler(agents, ports, observer, createLazyReturns(queuePrefix, observer.onTrouble));
}

function serviceOf(agents: readonly Agent[]): string {
  const [first] = agents;
  if (first === undefined) throw new Error("A function hosts at least one agent: hostAgents(agent).");
  const { name, group } = first.contract.spec;
  return `agent-${agents.length > 1 ? (group ?? name) : name}`;
}

interface HandlerPorts extends AgentHostPorts {
  /** Where tasks are answered that its agents pass on: the door as the function knows it. @default nobody says it */
  readonly answersAt?: AnswerAddress;
}

/** The handler on given ports: what a test stands on. */
export function createAgentHandler(
  agents: readonly Agent[],
  { answersAt, ...ports }: HandlerPorts,
  observer: Observer,
  returnSoon: ReturnSoon,
): AgentHandler {
  const host = createAgentHost(agents, ports);
  return async (event, context) => {
    const address = answersAt && {
      ...answersAt,
      door: arnBeside(context.invokedFunctionArn, answersAt.door),
    };
    for (const record of event.Records) {
      const { body, attributes, messageId } = record;
      // Only the spine may send to an agent's queue.
      const message = JSON.parse(body) as TaskMessage;
      const work = async (): Promise<void> => {
        const receiveCount = Number(attributes.ApproximateReceiveCount);
        const endsAt = ports.clock.now() + context.getRemainingTimeInMillis();
        try {
          const delivery = {
            message,
            receiveCount,
            endsAt,
            ...(address !== undefined && { answersAt: address }),
          };
          await host(delivery, (done, outcome) => {
            const { tenant, session, asOf, task, attempt } = done;
            if (outcome === "not-run") observer.count("NotRun");
            observer.note({ tenant, session, sequence: asOf, task, attempt, outcome });
          });
        } catch (error) {
          await returnSoon([record], [messageId], "tasks");
          throw error;
        }
      };
      await observer.invocation(context, message, work, RECEIVED);
    }
    // A failure throws: with one message a batch that returns it, whatever the mapping's settings are.
    return batchResponse([]);
  };
}

const FUNCTION_ARN = /^(arn:[^:]+:lambda:[^:]+:[^:]+:function:)[^:]+/;

/** The ARN of a function in the account and Region of another one; its name where that has no ARN. */
function arnBeside(own: string, name: string): string {
  const [, start] = FUNCTION_ARN.exec(own) ?? [];
  return start === undefined || name.startsWith("arn:") ? name : `${start}${name}`;
}

const RECEIVED = {
  name: "agent",
  kind: "consumer",
  attributes: { "messaging.system": "aws_sqs", "messaging.operation.type": "process" },
} as const;

const FETCH_TIMEOUT_MS = 5_000;

async function fetchView(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`The view cannot be fetched: HTTP ${response.status}.`);
  return response.text();
}
