import type { Agent } from "#core/contract.ts";
import type { AgentName } from "#core/ids.ts";
import { shareFunction } from "#core/group-time.ts";
import { FUNCTION_TIMEOUT_MS } from "#core/times.ts";
import type { TaskMessage } from "#core/session/task-messages.ts";
import type { Batch } from "#memory/queue/event-source-mapping.ts";
import type { ReceivedMessage } from "#memory/queue/message.ts";
import type { CoordinatorDoor } from "#ports/agents.ts";
import type { ProgressDoor } from "#ports/live-output.ts";
import type { AnswerQueue, Inbox } from "#ports/queues.ts";
import { createAgentHost, type AgentHost } from "#runtime/agents/create-agent-host.ts";
import { createCoordinator, type QueuedMessage } from "#runtime/doors/create-coordinator.ts";
import type { ArrivedLetter } from "#runtime/letters/create-letter-keeper.ts";
import type { Recovery } from "#runtime/letters/create-recovery.ts";
import type { RelayBatches } from "#runtime/relay/create-relay-batches.ts";
import type { Engine } from "#runtime/session/engine.ts";
import { createIntake, type IntakePorts } from "#runtime/intake/create-intake.ts";
import type { Duty, IntakeQueue } from "./in-process-queues.ts";

/** What one worker (a running function) stands on. */
export interface WorkerPorts {
  readonly engine: Engine;
  readonly door: CoordinatorDoor;
  readonly intake: IntakeQueue & Pick<IntakePorts, "callerOf" | "quota">;
  readonly inbox: Inbox;
  readonly answers: AnswerQueue;
  readonly recovery: () => Recovery;
  readonly relay: () => RelayBatches;
  /** By name: all of the application, of which a function hosts one or a group. Another map has other implementations. */
  readonly agents: ReadonlyMap<string, Agent>;
  /** Where agents say what they do while they work. @default nowhere */
  readonly progress?: ProgressDoor;
}

/** A function on a queue: takes a batch, answers with its partial batch response; a throw fails the whole batch. */
export type Handler = (batch: Batch) => Promise<unknown>;

const toQueued = ({
  messageId: id,
  body,
  receiveCount: receives,
  sentAt,
  attributes,
}: ReceivedMessage): QueuedMessage => {
  const redrive = attributes["redrive"]?.value;
  return { id, body, receives, sentAt, ...(redrive !== undefined && { redrive }) };
};

function toLetter(
  queue: string,
  { messageId: id, body, sentAt, attributes }: ReceivedMessage,
): ArrivedLetter {
  const cause = attributes["cause"]?.value;
  return { queue, id, body, sentAt, ...(cause !== undefined && { cause }) };
}

const response = (failed: readonly string[]) => ({
  batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })),
});

/** What its function said of a batch beside the response: messages that only a newer version can decide. */
const newerIn = new WeakMap<Batch, ReadonlySet<string>>();

/** Whether a message that was given back waits for a newer version of its function. */
export const isForNewer = (batch: Batch, messageId: string): boolean =>
  newerIn.get(batch)?.has(messageId) === true;

/** Its callbacks are answered at the spine itself. */
const answersAt = { door: "in-process" };

/** The function that a queue feeds, built on one worker's ports. */
export function createHandler(duty: Duty, ports: WorkerPorts): Handler {
  const { engine } = ports;
  switch (duty.type) {
    case "intake": {
      const { callerOf, quota, send, refuse } = ports.intake;
      const take = createIntake({
        ...engine,
        callerOf,
        ...(quota !== undefined && { quota }),
        inbox: ports.inbox,
        putOff: send,
        refuse,
        count: () => undefined,
      });
      return async ({ messages }) => response(await take(messages.map(toQueued)));
    }
    case "inbox":
    case "answers": {
      const coordinator = createCoordinator(engine, { refuse: ports.intake.refuse });
      return async (batch) => {
        const newer = new Set<string>();
        newerIn.set(batch, newer);
        const awaitsNewer = (id: string): void => void newer.add(id);
        return response(await coordinator[duty.type](batch.messages.map(toQueued), awaitsNewer));
      };
    }
    case "deadlines": {
      const recovery = ports.recovery();
      return async ({ messages }) =>
        response(await recovery.deadlines(messages.map(({ messageId: id, body }) => ({ id, body }))));
    }
    case "commits": {
      const relay = ports.relay();
      return async ({ messages }) => {
        const endsAt = engine.clock.now() + FUNCTION_TIMEOUT_MS.relay;
        return response(
          await relay.retries(
            messages.map(({ messageId: id, body }) => ({ id, body })),
            endsAt,
          ),
        );
      };
    }
    case "agent": {
      let made: { readonly of: WorkerPorts["agents"]; readonly host: AgentHost } | undefined;
      const host = (): AgentHost => {
        if (made?.of !== ports.agents) made = { of: ports.agents, host: hostOf(duty.agent, ports) };
        return made.host;
      };
      host();
      return async ({ messages, deadline: endsAt }) => {
        // Our own dispatch wrote the body; queues carry it unchanged.
        for (const { body, receiveCount } of messages)
          await host()({ message: JSON.parse(body) as TaskMessage, receiveCount, endsAt, answersAt });
      };
    }
    case "dead-letters": {
      const recovery = ports.recovery();
      return async ({ messages }) =>
        response(await recovery.letters(messages.map((message) => toLetter(duty.of, message))));
    }
  }
}

/** The function that runs an agent, alone or with its group. */
function hostOf(name: AgentName, { engine, agents, door, answers, progress }: WorkerPorts): AgentHost {
  const agent = agents.get(name);
  if (agent === undefined) throw new Error(`No agent implements "${name}".`);
  const { spec } = agent.contract;
  const hosted = [...agents.values()].filter(({ contract }) => shareFunction(contract.spec, spec));
  return createAgentHost(hosted, {
    door,
    answers,
    clock: engine.clock,
    ids: engine.ids,
    fetchView: (url) => Promise.resolve(readDataUrl(url)),
    ...(progress !== undefined && { progress }),
  });
}

/** Local blobs link by data URLs: the text in base64 behind the comma. */
function readDataUrl(url: string): string {
  return Buffer.from(url.slice(url.indexOf(",") + 1), "base64").toString("utf8");
}
