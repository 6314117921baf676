import { SpineError } from "#core/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";
import { sseFrames } from "#core/sse-frames.ts";
import { remoteFailure, textParts, wholeText } from "./remote-response.ts";

/** A part of a message or an artifact, as A2A 1.0 writes it in JSON. */
export interface A2aPart {
  readonly text?: string;
  readonly data?: Json;
  readonly url?: string;
  readonly mediaType?: string;
}

export interface A2aTarget {
  readonly url: URL;
  readonly headers: () => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  readonly streaming: boolean;
}

interface Status {
  readonly state?: string;
  readonly message?: { readonly parts?: readonly A2aPart[] };
}
interface Artifact {
  readonly artifactId: string;
  readonly parts?: readonly A2aPart[];
}
interface Seen {
  readonly contextId?: string;
  readonly metadata?: JsonObject;
}

/** One of the four that a remote agent tells; a field that is missing was not told. */
export interface A2aEvent {
  readonly task?: Seen & {
    readonly id?: string;
    readonly status?: Status;
    readonly artifacts?: readonly Artifact[];
  };
  readonly message?: Seen & { readonly parts?: readonly A2aPart[] };
  readonly statusUpdate?: Seen & { readonly taskId?: string; readonly status?: Status };
  readonly artifactUpdate?: Seen & {
    readonly taskId?: string;
    readonly artifact?: Artifact;
    readonly append?: boolean;
  };
}

/** Sends a message and gives what the agent tells until it ends or asks. */
export async function* a2aEvents(
  target: A2aTarget,
  message: object,
  signal: AbortSignal,
): AsyncGenerator<A2aEvent, void> {
  const method = target.streaming ? "SendStreamingMessage" : "SendMessage";
  const response = await post(target, method, { message }, signal);
  if (!response.ok) throw remoteFailure(response.status);
  const type = response.headers.get("content-type") ?? "";
  if (!type.startsWith("text/event-stream")) yield resultIn(await wholeText(response));
  else
    for await (const { data } of sseFrames(textParts(response))) if (data !== undefined) yield resultIn(data);
}

const CANCEL_MS = 2_000;

/** Tells the agent that nobody waits any more. Not awaited, and its failure changes nothing. */
export function cancelRemote(target: A2aTarget, id: string): void {
  void post(target, "CancelTask", { id }, AbortSignal.timeout(CANCEL_MS)).catch(() => undefined);
}

async function post(
  target: A2aTarget,
  method: string,
  params: object,
  signal: AbortSignal,
): Promise<Response> {
  return fetch(target.url, {
    method: "POST",
    headers: {
      ...(await target.headers()),
      "Content-Type": "application/json",
      Accept: "text/event-stream, application/json",
      "A2A-Version": "1.0",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    // Where it leads to is nobody's setting.
    redirect: "manual",
    signal,
  });
}

/** The agent's own fault, and of a request that no other try makes better: JSON-RPC's codes, and A2A's. */
const REFUSED = [-32700, -32600, -32601, -32602, -32001, -32004, -32005];

function resultIn(text: string): A2aEvent {
  const body: unknown = JSON.parse(text);
  if (!isJsonObject(body))
    throw new SpineError("agent.failed", "The remote agent answered with no JSON-RPC.");
  const { error, result } = body;
  if (isJsonObject(error)) {
    const { code } = error;
    const retryable = typeof code !== "number" || !REFUSED.includes(code);
    throw new SpineError("agent.failed", `The remote agent refused the message (${String(code)}).`, {
      retryable,
    });
  }
  return isJsonObject(result) ? (result as A2aEvent) : {};
}
