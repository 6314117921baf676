import type { Agent } from "#core/contract.ts";
import { parseSessionKey } from "#core/ids.ts";
import type { TaskMessage } from "#core/session/task-messages.ts";
import type { Batch } from "#memory/queue/event-source-mapping.ts";
import type { ReceivedMessage } from "#memory/queue/message.ts";
import type { CoordinatorDoor } from "#ports/agents.ts";
import type { Deadlines } from "#ports/clock.ts";
import type { AnswerQueue, Inbox } from "#ports/queues.ts";
import { createAgentHost } from "#runtime/agents/create-agent-host.ts";
import { createCoordinator, type QueuedMessage } from "#runtime/doors/create-coordinator.ts";
import { createRecovery } from "#runtime/letters/create-recovery.ts";
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
  readonly deadlines: Deadlines;
  readonly agents: ReadonlyMap<string, Agent>;
  /** Letters that name no session. */
  readonly onLostLetter: (queue: string, body: string) => void;
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

const response = (failed: readonly string[]) => ({
  batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })),
});

/** What its function said of a batch beside the response: messages that only a newer version can decide. */
const newerIn = new WeakMap<Batch, ReadonlySet<string>>();

/** Whether a message that was given back waits for a newer version of its function. */
export const isForNewer = (batch: Batch, messageId: string): boolean =>
  newerIn.get(batch)?.has(messageId) === true;

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
    case "deadlines":
      return async ({ messages }) => {
        for (const { body } of messages) {
          const { at, ...rest } = JSON.parse(body) as {
            readonly tenant: string;
            readonly session: string;
            readonly at: number;
          };
          const key = parseSessionKey(rest);
          // Beyond SQS's longest delay the message is sent on until its time has come.
          if (at > engine.clock.now()) await ports.deadlines.arm(key, at);
          else await ports.inbox.send({ key, input: { kind: "deadline", at } });
        }
      };
    case "agent": {
      const agent = ports.agents.get(duty.agent);
      if (agent === undefined) throw new Error(`No agent implements "${duty.agent}".`);
      const host = createAgentHost(agent, {
        door: ports.door,
        answers: ports.answers,
        clock: engine.clock,
        ids: engine.ids,
        fetchView: (url) => Promise.resolve(readDataUrl(url)),
      });
      return async ({ messages }) => {
        // Our own dispatch wrote the body; queues carry it unchanged.
        for (const { body, receiveCount } of messages)
          await host(JSON.parse(body) as TaskMessage, receiveCount);
      };
    }
    case "dead-letters": {
      const recover = createRecovery({ inbox: ports.inbox, digest: engine.digest });
      return async ({ messages }) => {
        for (const { messageId, body } of messages) {
          if (!(await recover({ queue: duty.of, id: messageId, body }))) ports.onLostLetter(duty.of, body);
        }
      };
    }
  }
}

/** Local blobs link by data URLs: the text in base64 behind the comma. */
function readDataUrl(url: string): string {
  return Buffer.from(url.slice(url.indexOf(",") + 1), "base64").toString("utf8");
}
