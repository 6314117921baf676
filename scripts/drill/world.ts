import { setImmediate as turn, setTimeout as pause } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DEFAULT_PREFIX, FunctionSuffix, functionName } from "#aws/names.ts";
import { createLocalCloud, type LocalCloud } from "#local/cloud.ts";
import { functionCallOf, type FunctionCall } from "#local/faults/function-call.ts";
import type { InvocationFault, LocalFaults } from "#local/faults/local-faults.ts";
import type { Around, LocalRequest, LocalResponse } from "#local/http/loopback-server.ts";
import { MINUTE_MS, minuteOf } from "#local/metrics/metric-store.ts";
import type { AlarmState } from "#local/metrics/monitor.ts";
import { connectionTo } from "#local/connection-to.ts";

export const PREFIX = DEFAULT_PREFIX;
const INGRESS = functionName(PREFIX, FunctionSuffix.ingress);

/** What goes wrong now; a scenario sets it, and all is well again after it. */
export interface Trouble {
  invocation?: (functionName: string) => InvocationFault | undefined;
  delivery?: (target: string) => string | undefined;
  /** Answers a request in its service's place. Told who asks, where a function does. */
  request?: (request: LocalRequest, call: FunctionCall | undefined) => LocalResponse | undefined;
}

/** A deployed spine on this machine, whose time is moved, whose alarms are heard, and whose AWS can be in trouble. */
export interface DrillWorld {
  readonly cloud: LocalCloud;
  readonly trouble: Trouble;
  readonly clients: Clients;
  /** An event as producers send it on any day, with this id. */
  readonly event: ProducerEvent;
  /** Alarms without the spine's prefix, with the time at which each last began to ring. */
  readonly rung: Map<string, number>;
  now(): number;
  /** Sends an event over HTTP; gives the status. */
  post(session: string, event: object, waitSeconds?: number): Promise<number>;
  /** The URL of one of the spine's queues. */
  queueUrl(suffix: string): string;
  variable(functionName: string, name: string): string;
  /**
   * Lets time pass: what is at work comes to its end, then time moves to the next minute or message.
   * @param patienceMs how long, of the machine's time, each step waits for what is at work. @default until it has ended
   */
  advance(ms: number, options?: AdvanceOptions): Promise<void>;
  /** Ends the trouble, and what it set ringing forgets it. */
  mend(): void;
  stop(): Promise<void>;
}

export interface AdvanceOptions {
  /** @default a minute */
  readonly stepMs?: number;
  readonly patienceMs?: number;
}

/** The body of an event over HTTP. */
export type ProducerEvent = (id: string) => { readonly session?: object; readonly [field: string]: unknown };

interface Clients {
  readonly sqs: SQSClient;
  readonly lambda: LambdaClient;
  readonly events: EventBridgeClient;
  readonly sfn: SFNClient;
  readonly dynamo: DynamoDBClient;
}

/** Time in which something that was just asked for begins. */
const LOOK_MS = 3;
const LONGEST_PATIENCE_MS = 60_000;

export async function openWorld(templateDir: string, event: ProducerEvent): Promise<DrillWorld> {
  const trouble: Trouble = {};
  const rung = new Map<string, number>();
  const faults: LocalFaults = {
    invocation: (name) => trouble.invocation?.(name),
    delivery: (target) => trouble.delivery?.(target),
  };
  const around: Around = (request, handle) => {
    const answer = trouble.request?.(request, functionCallOf(request));
    return answer === undefined ? handle(request) : Promise.resolve(answer);
  };
  const onAlarm = ({ alarm, state, since }: AlarmState) => {
    if (state === "ALARM") rung.set(withoutPrefix(alarm.name), since ?? 0);
  };
  const cloud = await createLocalCloud({ templateDir, around, faults, onAlarm, maxProcesses: 2 });
  const { clock } = cloud;
  const clients = clientsOf(cloud);

  const quiet = async (patienceMs: number): Promise<void> => {
    const until = performance.now() + patienceMs;
    for (let calm = 0; calm < 2 && performance.now() < until;) {
      await turn();
      await pause(LOOK_MS);
      calm = cloud.running() > 0 ? 0 : calm + 1;
    }
  };

  return {
    cloud,
    trouble,
    clients,
    event,
    rung,
    now: () => clock.now(),
    async post(session, event, waitSeconds = 0) {
      const response = await cloud.fetch(`${cloud.functionUrls.get(INGRESS)}/sessions/${session}/events`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(waitSeconds > 0 && { prefer: `wait=${waitSeconds}` }),
        },
        body: JSON.stringify(event),
      });
      await response.arrayBuffer();
      return response.status;
    },
    queueUrl: (suffix) => `${cloud.environment["AWS_ENDPOINT_URL_SQS"]}/000000000000/${PREFIX}-${suffix}`,
    variable: (name, variable) => cloud.functions.get(name)?.config.environment[variable] ?? "",
    async advance(ms, { stepMs = MINUTE_MS, patienceMs = LONGEST_PATIENCE_MS } = {}) {
      const end = clock.now() + ms;
      await quiet(patienceMs);
      while (clock.now() < end) {
        const message = cloud.nextMessageAt() ?? Infinity;
        const minute = (minuteOf(clock.now()) + 1) * MINUTE_MS + (stepMs - MINUTE_MS);
        clock.skipTo(Math.min(end, minute, Math.max(message, clock.now() + 1)));
        await quiet(patienceMs);
      }
    },
    mend() {
      delete trouble.invocation;
      delete trouble.delivery;
      delete trouble.request;
    },
    async stop() {
      for (const client of Object.values(clients) as readonly { destroy(): void }[]) client.destroy();
      await cloud.stop();
    },
  };
}

export const withoutPrefix = (alarm: string): string => alarm.slice(PREFIX.length + 1);

function clientsOf(cloud: LocalCloud): Clients {
  // What is throttled stays so.
  const connection = (service: string) => ({ ...connectionTo(cloud.environment, service), maxAttempts: 1 });
  return {
    sqs: new SQSClient(connection("SQS")),
    lambda: new LambdaClient(connection("LAMBDA")),
    events: new EventBridgeClient(connection("EVENTBRIDGE")),
    sfn: new SFNClient(connection("SFN")),
    dynamo: new DynamoDBClient(connection("DYNAMODB")),
  };
}
