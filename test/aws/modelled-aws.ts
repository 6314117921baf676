import { vi } from "vitest";
import type { ClientTimes } from "#aws/clients.ts";

/** How long each service takes to answer, in ms of the virtual clock; a silent one never does. */
export type Latencies = Readonly<Record<string, number | "silent">>;

/** A request that was answered or given up. */
export interface ModelledCall {
  readonly service: string;
  readonly operation: string;
  readonly sentAt: number;
  /** When its answer was there; undefined where none came. */
  answeredAt?: number;
  readonly body: string;
}

export interface ModelledAws {
  readonly calls: readonly ModelledCall[];
  /** Configuration of a client of the SDK whose requests go here, with the waits and tries of the deployed one. */
  client(service: string, times: ClientTimes): object;
  /** Runs work on the virtual clock; gives what came of it and how many ms it took there. */
  run<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }>;
}

/** Answers of the services, by operation; anything else is answered with an empty object. */
const ANSWERS: Readonly<Record<string, (request: { readonly Entries?: readonly unknown[] }) => object>> = {
  PutEvents: ({ Entries = [] }) => ({
    FailedEntryCount: 0,
    Entries: Entries.map((_, at) => ({ EventId: String(at) })),
  }),
};

/**
 * AWS as far as its latency goes: the SDK's own clients over a network that answers after a while of a virtual clock. A silent
 * service is given up when the client's `requestTimeout` is over, as the SDK's handler does it.
 */
export function createModelledAws(latencies: Latencies): ModelledAws {
  const calls: ModelledCall[] = [];
  return {
    calls,
    client: (service, { requestTimeout, maxAttempts }) => ({
      region: "eu-west-1",
      credentials: { accessKeyId: "AKIA", secretAccessKey: "secret" },
      maxAttempts,
      retryMode: "standard",
      requestHandler: {
        async handle({
          headers,
          body: bytes,
        }: {
          headers: Record<string, string>;
          body: string | Uint8Array;
        }) {
          const body = typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes);
          const operation = (headers["x-amz-target"] ?? "").split(".").at(-1) ?? "";
          const call: ModelledCall = { service, operation, sentAt: Date.now(), body };
          calls.push(call);
          const latency = latencies[service] ?? 0;
          if (latency === "silent") {
            await after(requestTimeout);
            throw Object.assign(new Error(`No answer within ${requestTimeout} ms`), { name: "TimeoutError" });
          }
          await after(latency);
          call.answeredAt = Date.now();
          const answer = ANSWERS[operation]?.(JSON.parse(body) as object) ?? {};
          return {
            response: {
              statusCode: 200,
              headers: { "content-type": headers["content-type"] },
              body: new TextEncoder().encode(JSON.stringify(answer)),
            },
          };
        },
      },
    }),

    async run(work) {
      const startedAt = Date.now();
      let done: { readonly at: number } | undefined;
      const working = work().finally(() => void (done = { at: Date.now() }));
      // Whoever waits for it sees the failure; here it only ends the loop.
      working.catch(() => undefined);
      for (;;) {
        await settled();
        if (done !== undefined) return { value: await working, ms: done.at - startedAt };
        if (vi.getTimerCount() === 0)
          throw new Error("The work waits for nothing that the clock could bring.");
        await vi.advanceTimersToNextTimerAsync();
      }
    },
  };
}

const after = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** The SDK signs and reads across some turns of the event loop, in none of which time passes. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => void setImmediate(resolve));
}

/** Lets timers and the date be the virtual clock's, and nothing else. */
export function useVirtualClock(at: number): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: at });
}
