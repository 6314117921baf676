import * as z from "zod/mini";
import type { Json, JsonObject } from "#core/json.ts";
import { depthProblem, EVENT_DEPTH } from "#core/json-form.ts";
import { A2A_VERSION } from "#core/session/a2a/a2a-words.ts";
import { A2aError, rpcError } from "./a2a-error.ts";
import { isExpected, toA2aError } from "./a2a-refusal.ts";
import type { A2aAgent } from "./create-a2a-agent.ts";

/** A request of JSON-RPC over HTTP. */
export interface A2aRpcRequest {
  /** The header `A2A-Version`, or the parameter of this name. */
  readonly version: string | undefined;
  readonly body: string;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

/** Responses of JSON-RPC: one, or one after the other as they come. */
export type A2aRpcAnswer =
  | { readonly type: "response"; readonly response: JsonObject }
  | { readonly type: "stream"; readonly responses: AsyncIterable<JsonObject> };

export interface A2aRpcOptions {
  /** Told what failed for a reason that is not the client's. */
  readonly onTrouble: (error: unknown) => void;
}

/** The levels that a request has around a message's data. */
const AROUND = 4;

const rpcRequest = z.object({
  jsonrpc: z.literal("2.0"),
  id: z.union([z.string(), z.number()]),
  method: z.string(),
  params: z._default(z.json(), {}),
});

/** Speaks JSON-RPC 2.0 for an agent, as A2A 1.0 binds it. Every failure is a response; it throws nothing. */
export function createA2aRpc(
  agent: A2aAgent,
  { onTrouble }: A2aRpcOptions,
): (request: A2aRpcRequest) => Promise<A2aRpcAnswer> {
  const failed = (id: Json, error: unknown): JsonObject => {
    if (!isExpected(error)) onTrouble(error);
    return { jsonrpc: "2.0", id, error: rpcError(toA2aError(error)) };
  };

  async function* answers(
    id: Json,
    results: AsyncIterable<JsonObject>,
    signal: AbortSignal,
  ): AsyncGenerator<JsonObject, void> {
    try {
      for await (const result of results) yield { jsonrpc: "2.0", id, result };
    } catch (error) {
      if (!signal.aborted) yield failed(id, error);
    }
  }

  return async ({ version, body, signal }) => {
    let id: Json = null;
    try {
      const given = parsed(body);
      id = idIn(given);
      const { data } = rpcRequest.safeParse(given);
      if (data === undefined)
        throw new A2aError(
          "INVALID_REQUEST",
          "This is no request of JSON-RPC 2.0 with an id, a method and params.",
        );
      checkVersion(version);
      const answer = await agent(data.method, data.params as Json, signal);
      if (answer.type === "result")
        return { type: "response", response: { jsonrpc: "2.0", id, result: answer.result } };
      return { type: "stream", responses: answers(id, answer.results, signal) };
    } catch (error) {
      return { type: "response", response: failed(id, error) };
    }
  };
}

function parsed(body: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new A2aError("PARSE_ERROR", "The body is no JSON.");
  }
  if (depthProblem(value, "body", EVENT_DEPTH + AROUND) === undefined) return value;
  throw new A2aError("INVALID_REQUEST", "The body is nested too deeply.");
}

function idIn(value: unknown): Json {
  const { id } = typeof value === "object" && value !== null ? (value as { readonly id?: unknown }) : {};
  return typeof id === "string" || typeof id === "number" ? id : null;
}

/** No version stands for 0.3. */
function checkVersion(version: string | undefined): void {
  if (version === A2A_VERSION) return;
  const given =
    version === undefined || version === "" ? "0.3, which no A2A-Version stands for," : `"${version}"`;
  throw new A2aError(
    "VERSION_NOT_SUPPORTED",
    `Version ${given} is not spoken here. Send A2A-Version: ${A2A_VERSION}.`,
  );
}
