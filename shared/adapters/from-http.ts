import type { AgentTask } from "#core/agent-task.ts";
import type { Agent, Contract } from "#core/contract.ts";
import { SpineError } from "#core/errors.ts";
import type { Json } from "#core/json.ts";
import { adaptAgent, type AdapterOptions } from "./adapt-agent.ts";
import { endedBy, withResumed, type AnswerReading } from "./answer-reading.ts";
import { fixedUrl } from "./fixed-url.ts";
import type { Ended, Framework, Resumed, Turn } from "./framework.ts";
import { ownView } from "./own-view.ts";
import { remoteFailure, textParts } from "./remote-response.ts";

export type { AnswerReading } from "./answer-reading.ts";

export interface HttpOptions<View, Result>
  extends Pick<AdapterOptions<View, Result>, "result">, AnswerReading {
  /** `https`, or `http`; fixed, and never part of a view. */
  readonly url: string | URL;
  /** @default "POST" */
  readonly method?: "POST" | "PUT" | "PATCH";
  /** Such as its authorization; asked for with each request. @default none */
  readonly headers?: () => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** The body, as JSON. @default the view, and `resumed` where the agent goes on */
  readonly request?: (view: View, task: AgentTask<View>, resumed: Resumed | undefined) => unknown;
  /** Of one request, ms; the task's own time bounds it as well. @default the contract's timeout */
  readonly timeoutMs?: number;
  /** Whether trying again makes sense. @default 408, 409, 425, 429 and 500 or more */
  readonly retryable?: (status: number) => boolean;
}

/**
 * Any HTTP endpoint as an agent: one request a task, with the task's key as `Idempotency-Key`. No redirect is followed. An answer that is
 * text is shown as it comes; one of JSON is the result.
 *
 * @example
 * const agent = httpAgent(assistant, { url: "https://scoring.example.com/v1/score", timeoutMs: 5_000 });
 */
export function httpAgent<View, Result>(
  contract: Contract<View, Result>,
  { url, request, result, ...options }: HttpOptions<View, Result>,
): Agent {
  const target = fixedUrl(url);
  const { writes, timeoutMs } = contract.spec;
  const framework: Framework<View> = {
    run: (turn) => {
      const { prompt, resumed, task } = turn;
      const body =
        request === undefined
          ? withResumed(ownView(prompt, writes), resumed)
          : request(prompt, task, resumed);
      return run(turn, target, { timeoutMs, ...options }, JSON.stringify(body));
    },
  };
  return adaptAgent<View, Result, View>(contract, framework, {
    prompt: (view) => view,
    ...(result !== undefined && { result }),
  });
}

type Sending = Omit<HttpOptions<unknown, unknown>, "url" | "request" | "result"> & {
  readonly timeoutMs: number;
};

async function run(
  { signal, say, task }: Turn<unknown>,
  url: URL,
  { method = "POST", headers = () => ({}), timeoutMs, retryable, ...reading }: Sending,
  body: string,
): Promise<Ended> {
  const response = await fetch(url, {
    method,
    headers: {
      Accept: "application/json, text/plain",
      ...(await headers()),
      "Content-Type": "application/json",
      "Idempotency-Key": task.idempotencyKey,
    },
    body,
    // Where it leads to is nobody's setting.
    redirect: "manual",
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  });
  const { ok, status } = response;
  if (!ok) {
    await response.body?.cancel();
    const failure = remoteFailure(status);
    if (retryable === undefined) throw failure;
    throw new SpineError("agent.failed", failure.message, { retryable: retryable(status) });
  }
  const isJson = /\bjson\b/.test(response.headers.get("content-type") ?? "");
  let text = "";
  for await (const part of textParts(response)) {
    text += part;
    if (!isJson) say(part);
  }
  return endedBy(isJson ? parsed(text) : text, reading);
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new SpineError("agent.failed", "The remote agent did not answer with JSON.", { retryable: true });
  }
}
