import type { AgentName } from "#core/ids.ts";
import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import { RETURNS } from "#core/returns.ts";
import { FUNCTION_TIMEOUT_MS, INPUTS_HIDDEN_MS } from "#core/times.ts";
import { isIdentified, type Lane } from "#core/session/input.ts";
import { EventSourceMapping } from "#memory/queue/event-source-mapping.ts";
import type { Chooser } from "#memory/queue/delivery-order.ts";
import type { MessageAttributes } from "#memory/queue/message.ts";
import { MAX_DELAY_MS } from "#memory/queue/queue-config.ts";
import { createQueue, type Queue } from "#memory/queue/queue.ts";
import type { Deadlines } from "#ports/clock.ts";
import type { Dispatch, AnswerQueue, Inbox, InboxMessage, RelayRetries } from "#ports/queues.ts";
import { addressOf, type AddressRules } from "#runtime/agents/task-address.ts";
import type { IntakePorts } from "#runtime/intake/create-intake.ts";
import type { RefuseEvents } from "#runtime/intake/refused-event.ts";
import { returnKindOf } from "./return-soon.ts";

/** What a queue's messages are for. */
export type Duty =
  | { readonly type: "intake" }
  | { readonly type: "inbox" }
  | { readonly type: "answers" }
  | { readonly type: "deadlines" }
  | { readonly type: "commits" }
  | { readonly type: "agent"; readonly agent: AgentName; readonly lane: Lane }
  | { readonly type: "dead-letters"; readonly of: string };

/** A queue with the mapping that feeds its function. */
export interface Source {
  readonly duty: Duty;
  readonly queue: Queue;
  readonly mapping: EventSourceMapping;
}

export interface QueueSettings {
  /** How long an agent's function may run, by agent. */
  readonly agentTimeoutMs: (agent: AgentName) => number;
  /** Chooses among deliverable messages or groups. @default the oldest */
  readonly pick?: Chooser;
  /** @default 5 minutes */
  readonly dedupWindowMs?: number;
  /** Whether agents' queues keep groups apart and drop a second send, as the deployed ones do. @default true */
  readonly fifoAgents?: boolean;
}

export interface Queues {
  readonly sources: readonly Source[];
  /** Where spine-in's rule sends. */
  readonly intake: Queue;
  readonly inbox: Queue;
  readonly answers: Queue;
  readonly deadlines: Queue;
  /** What the relay has not done. */
  readonly relayRetries: Queue;
  readonly agent: (agent: string, lane: Lane) => Queue;
  /** Makes an agent's queues, in the place of those that it had: what waits there is delivered all the same. */
  readonly add: (agent: AgentName) => void;
}

interface QueuePlan {
  readonly duty: Duty;
  /** Without the suffix of FIFO queues. */
  readonly name: string;
  readonly fifo: boolean;
  readonly functionTimeoutMs: number;
  readonly visibilityTimeoutMs: number;
  readonly batchSize: number;
}

/** A message stays hidden for so many times its function's timeout, as Lambda advises. */
const TIMES_THE_FUNCTION = 6;

/** The queues of a spine, each with its own dead-letter queue and mapping, as the deployed ones are. */
export function createQueues(agents: readonly AgentName[], settings: QueueSettings): Queues {
  const sources: Source[] = [];
  const optional = {
    ...(settings.pick !== undefined && { pick: settings.pick }),
    ...(settings.dedupWindowMs !== undefined && { dedupWindowMs: settings.dedupWindowMs }),
  };
  const add = ({ duty, name, fifo, functionTimeoutMs, visibilityTimeoutMs, batchSize }: QueuePlan): Queue => {
    const suffix = fifo ? ".fifo" : "";
    const retentionMs = 14 * 86_400_000;
    const deadLetterQueue = createQueue({ name: `${name}-dead${suffix}`, fifo, retentionMs });
    const queue = createQueue({
      name: `${name}${suffix}`,
      fifo,
      retentionMs,
      visibilityTimeoutMs,
      maxReceiveCount: RETURNS[returnKindOf(duty)].receives,
      deadLetterQueue,
      ...optional,
    });
    sources.push({
      duty,
      queue,
      mapping: new EventSourceMapping({ queue, batchSize, functionTimeoutMs, reportBatchItemFailures: true }),
    });
    const letters = new EventSourceMapping({
      queue: deadLetterQueue,
      batchSize: 10,
      functionTimeoutMs: FUNCTION_TIMEOUT_MS.coordinator,
      reportBatchItemFailures: true,
    });
    sources.push({ duty: { type: "dead-letters", of: name }, queue: deadLetterQueue, mapping: letters });
    return queue;
  };
  const coordinator = (duty: Duty, name: string, fifo: boolean) =>
    add({
      duty,
      name,
      fifo,
      functionTimeoutMs: FUNCTION_TIMEOUT_MS.coordinator,
      visibilityTimeoutMs: INPUTS_HIDDEN_MS,
      batchSize: 10,
    });
  const own = (duty: Duty, name: string, functionTimeoutMs: number) =>
    add({
      duty,
      name,
      fifo: false,
      functionTimeoutMs,
      visibilityTimeoutMs: TIMES_THE_FUNCTION * functionTimeoutMs,
      batchSize: 10,
    });
  const intake = own({ type: "intake" }, "intake", FUNCTION_TIMEOUT_MS.intake);
  const relayRetries = own({ type: "commits" }, "relay-retries", FUNCTION_TIMEOUT_MS.relay);
  const inbox = coordinator({ type: "inbox" }, "inbox", true);
  const answers = coordinator({ type: "answers" }, "answers", true);
  const deadlines = coordinator({ type: "deadlines" }, "deadlines", false);
  const lanes = new Map<string, Queue>();
  const addAgent = (agent: AgentName): void => {
    for (const lane of ["normal", "express"] as const) {
      const functionTimeoutMs = settings.agentTimeoutMs(agent);
      const queue = add({
        duty: { type: "agent", agent, lane },
        name: lane === "express" ? `agent-${agent}-express` : `agent-${agent}`,
        fifo: settings.fifoAgents ?? true,
        functionTimeoutMs,
        visibilityTimeoutMs: TIMES_THE_FUNCTION * functionTimeoutMs,
        batchSize: 1,
      });
      lanes.set(`${agent}/${lane}`, queue);
    }
  };
  agents.forEach(addAgent);
  const agent = (name: string, lane: Lane): Queue => {
    const queue = lanes.get(`${name}/${lane}`);
    if (queue === undefined) throw new Error(`No agent is named "${name}".`);
    return queue;
  };
  return { sources, intake, inbox, answers, deadlines, relayRetries, agent, add: addAgent };
}

/** The queue of the intake, and its dead letters. */
export interface IntakeQueue {
  /** What the bus delivers, and what the intake puts off. */
  readonly send: IntakePorts["putOff"];
  readonly refuse: RefuseEvents;
}

export interface QueuePorts {
  readonly dispatch: Dispatch;
  readonly intake: IntakeQueue;
  readonly inbox: Inbox;
  readonly answers: AnswerQueue;
  readonly deadlines: Deadlines;
  readonly retries: RelayRetries;
}

/** The ports that send, over the queues; `sent` is told of every send, so that somebody polls. */
export function createQueuePorts(
  queues: Queues,
  clock: { now(): number },
  rules: AddressRules,
  sent: (queue: Queue) => void,
): QueuePorts {
  const { digest } = rules;
  const groupOf = (key: SessionKey) => digest.sha256(sessionKeyText(key));
  return {
    dispatch: {
      send: (tasks) => {
        for (const task of tasks) {
          const { agent, lane, groupId, deduplicationId } = addressOf(task, rules);
          const queue = queues.agent(agent, lane);
          const body = JSON.stringify(task);
          // A standard queue takes a group for the tenant that it is fair to, and drops nothing.
          const ids = queue.fifo ? { groupId, deduplicationId } : { groupId: digest.sha256(task.tenant) };
          queue.send(clock.now(), { body, ...ids });
          sent(queue);
        }
        return Promise.resolve();
      },
    },
    intake: {
      send: (events) => {
        for (const { body, delaySeconds, redrive } of events)
          queues.intake.send(clock.now(), {
            body,
            delayMs: delaySeconds * 1_000,
            ...textAttributes({ redrive }),
          });
        sent(queues.intake);
        return Promise.resolve();
      },
      refuse: (events) => {
        const { deadLetterQueue } = queues.intake.config;
        if (deadLetterQueue === undefined) throw new Error("The intake has no dead-letter queue.");
        for (const { body, cause } of events)
          deadLetterQueue.send(clock.now(), { body, ...textAttributes({ cause }) });
        sent(deadLetterQueue);
        return Promise.resolve();
      },
    },
    inbox: {
      send: (...messages) => {
        for (const message of messages) {
          const { key, input, envelope, unchecked } = message;
          const addressed = { tenant: key.tenant, session: key.session, input };
          const identity = `${identityText(message, clock.now())}\n${JSON.stringify(addressed)}`;
          queues.inbox.send(clock.now(), {
            body: JSON.stringify({ ...addressed, envelope, unchecked }),
            groupId: groupOf(key),
            deduplicationId: digest.sha256(identity),
          });
        }
        sent(queues.inbox);
        return Promise.resolve();
      },
    },
    answers: {
      send: (answer) => {
        const body = JSON.stringify(answer);
        queues.answers.send(clock.now(), {
          body,
          groupId: groupOf(answer),
          deduplicationId: digest.sha256(body),
        });
        sent(queues.answers);
        return Promise.resolve();
      },
    },
    deadlines: {
      arm: (key, at) => {
        const delayMs = Math.min(MAX_DELAY_MS, Math.max(0, at - clock.now()));
        queues.deadlines.send(clock.now(), {
          body: JSON.stringify({ tenant: key.tenant, session: key.session, at }),
          delayMs,
        });
        sent(queues.deadlines);
        return Promise.resolve();
      },
    },
    retries: {
      keep: (refs, delaySeconds) => {
        for (const ref of refs)
          queues.relayRetries.send(clock.now(), {
            body: JSON.stringify(ref),
            delayMs: delaySeconds * 1_000,
          });
        sent(queues.relayRetries);
        return Promise.resolve([]);
      },
    },
  };
}
/** A deadline that fired early is armed and sent again: unlike other inputs, its second message must come through. */
const identityText = ({ input, redrive }: InboxMessage, now: number): string =>
  isIdentified(input)
    ? JSON.stringify([input.source, input.id, ...(redrive === undefined ? [] : [redrive])])
    : `${input.kind}/${now}`;

/** Attributes that are texts; those without a value are left out. */
function textAttributes(texts: Readonly<Record<string, string | undefined>>): {
  readonly attributes: MessageAttributes;
} {
  const given = Object.entries(texts).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, { dataType: "String", value }] as const],
  );
  return { attributes: Object.fromEntries(given) };
}
