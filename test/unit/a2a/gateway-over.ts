import * as z from "zod";
import { defineAgent, defineFlow, human, parallel, reply, sequence, step, waitFor } from "#core/index.ts";
import type { Json, JsonObject } from "#core/json.ts";
import { sseFrames } from "#core/sse-frames.ts";
import { inProcessCall, inProcessSpine, type InProcessSpine } from "#testing/index.ts";
import { a2aOffer, type A2aOffer } from "../../../scripts/a2a/a2a-skills.ts";
import {
  startA2aGateway,
  type A2aGatewayOptions,
  type RunningA2aGateway,
} from "../../../scripts/a2a/a2a-server.ts";

const pricer = defineAgent({
  name: "pricer",
  input: z.object({ input: z.object({ pieces: z.number() }) }),
  reads: ["input"],
  output: z.object({ total: z.number() }),
  retries: { max: 0, backoffMs: 0 },
});
const greeter = defineAgent({
  name: "greeter",
  input: z.object({ input: z.object({ text: z.string() }) }),
  reads: ["input"],
  output: z.string(),
});

/** What the application offers. */
export const offered = (): A2aOffer => a2aOffer(application);

/** A quote that somebody signs, one that two sign, a greeting, and a flow that waits for what never comes. */
const application = {
  flows: [
    defineFlow({
      name: "quoting",
      on: "QuoteAsked",
      plan: sequence(
        step(pricer),
        human({ ask: "Who signs?", answer: z.object({ name: z.string() }), into: "signed" }),
        reply(`{"total": pricer.total, "by": signed.name}`),
      ),
    }),
    defineFlow({
      name: "signing",
      on: "SignaturesAsked",
      plan: sequence(
        step(pricer),
        parallel({
          branches: {
            buyer: human({ ask: "Who buys?", into: "buyer" }),
            seller: human({ ask: "Who sells?", into: "seller" }),
          },
        }),
        reply(`[buyer, seller]`),
      ),
    }),
    defineFlow({ name: "greeting", on: "GreetingAsked", plan: sequence(step(greeter), reply("greeter")) }),
    defineFlow({ name: "waiting", on: "WaitAsked", onBusy: "reject", plan: waitFor("Never") }),
  ],
  events: {
    SignaturesAsked: z.object({ pieces: z.number() }),
    QuoteAsked: z.object({ pieces: z.number() }),
    GreetingAsked: z.object({ text: z.string(), loud: z.optional(z.boolean()) }),
  },
};

export interface OpenGateway extends RunningA2aGateway {
  readonly spine: InProcessSpine;
  readonly troubles: readonly unknown[];
  /** Calls a method: its result or its error. */
  rpc(method: string, params: Json, headers?: Readonly<Record<string, string>>): Promise<RpcAnswer>;
  /** Calls a method that streams: what comes until the stream ends. */
  stream(
    method: string,
    params: Json,
    told?: (result: JsonObject) => Promise<void>,
  ): Promise<readonly JsonObject[]>;
  /** Types of a session's events, in order. */
  typesOf(session: string): Promise<readonly string[]>;
}

export interface RpcAnswer {
  readonly result?: JsonObject & { readonly task?: JsonObject };
  readonly error?: { readonly code: number; readonly message: string; readonly data: readonly JsonObject[] };
}

/** A gateway over a spine in this process. */
export async function openGateway(options: Partial<A2aGatewayOptions> = {}): Promise<OpenGateway> {
  const agents = [
    pricer.implement(({ context: { input } }) => {
      if (input.pieces < 0) throw new Error("Nobody sells less than nothing.");
      return { total: input.pieces * 10 };
    }),
    greeter.implement(({ context: { input } }) => `Hello ${input.text}`),
  ];
  const spine = inProcessSpine({ ...application, agents });
  const troubles: unknown[] = [];
  const gateway = await startA2aGateway({
    target: { call: inProcessCall(spine, "gateway") },
    offer: a2aOffer(application),
    name: "shop",
    version: "1",
    port: 0,
    ...options,
    onTrouble: (error) => troubles.push(error),
  });
  const post = (method: string, params: Json, headers = {}) =>
    fetch(gateway.url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${gateway.token}`,
        "a2a-version": "1.0",
        ...headers,
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 7, method, params }),
    });
  return {
    ...gateway,
    spine,
    troubles,
    async rpc(method, params, headers) {
      const { jsonrpc, id, ...answer } = (await (await post(method, params, headers)).json()) as RpcAnswer &
        JsonObject;
      if (jsonrpc !== "2.0" || id !== 7) throw new Error(`It answers ${String(jsonrpc)} to ${String(id)}.`);
      return answer;
    },
    async stream(method, params, told) {
      const response = await post(method, params);
      const results: JsonObject[] = [];
      const text = response.body?.pipeThrough(new TextDecoderStream()) ?? new ReadableStream<string>();
      for await (const { data } of sseFrames(text)) {
        if (data === undefined) continue;
        const { result } = JSON.parse(data) as { readonly result: JsonObject };
        results.push(result);
        await told?.(result);
      }
      return results;
    },
    async typesOf(session) {
      return (await spine.reader.events(spine.key(session))).map(({ type }) => type);
    },
    async close() {
      await gateway.close();
      await spine.close();
    },
  };
}

/** A message of a client. */
export const messageOf = (
  messageId: string,
  parts: readonly JsonObject[],
  rest: JsonObject = {},
): { readonly message: JsonObject } => ({ message: { role: "ROLE_USER", messageId, parts, ...rest } });
