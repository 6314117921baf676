import type { ApplicationDefinition } from "#core/flow/application.ts";
import { createHttpCall, type Call } from "../call.ts";
import type { RetryPolicy } from "../ask-again.ts";
import type { Authorize } from "../signing/signed-fetch.ts";
import { createHttpStreamCall, type StreamCall } from "../stream-call.ts";
import { createClientSession, type ClientSession } from "./client-session.ts";

/** Ways to a spine that somebody else has made, such as `deployedTarget`. */
export interface ClientTarget {
  readonly call: Call;
  /** @default the log is read again and again */
  readonly stream?: StreamCall;
}

/** Where a spine is, and how one speaks with it. */
export interface ClientOptions {
  /** The ingress: the stack's output `IngressUrl`, or an address in front of it. */
  readonly url: string;
  /** Where its streams are: the output `StreamUrl`. @default none: events are read from the ingress again and again */
  readonly streamUrl?: string;
  /** Headers that say who calls: a signature, as `authorizeBy` makes it, or a token for what stands in front. @default none */
  readonly authorize?: Authorize;
  /** @default the platform's */
  readonly fetch?: typeof fetch;
}

export interface ClientSettings {
  /** When requests are sent again. @default up to 6 times in about 10 s, also where nobody answered */
  readonly retries?: RetryPolicy;
}

/** A spine, as its application is typed. */
export interface Client<App> {
  /** A session by its name: 1 to 128 characters. It begins with its first event. */
  session(name: string): ClientSession<App>;
}

const RETRIES: RetryPolicy = { firstMs: 300, longestMs: 5_000, unreachable: true };

/**
 * A client that knows an application's events, replies and questions by their types: `createClient<typeof application>(…)`. Runs in Node and in
 * browsers. Every event, answer and command has an id, so whatever is sent again is taken once.
 *
 * @example
 * const application = { flows: [greeting] } satisfies ApplicationDefinition;
 * const typed = createClient<typeof application>({ url: "https://spine.example" });
 * const { text } = await typed.session("s1").ask("GreetingAsked", { who: "Ada" });
 */
export function createClient<App extends ApplicationDefinition = ApplicationDefinition>(
  spine: ClientOptions | ClientTarget,
  { retries }: ClientSettings = {},
): Client<App> {
  const target = "call" in spine ? spine : targetOf(spine);
  const policy = { ...RETRIES, ...retries };
  return { session: (name) => createClientSession<App>(name, target, policy) };
}

function targetOf({ url, streamUrl, authorize = nobody, fetch }: ClientOptions): ClientTarget {
  const options = fetch === undefined ? {} : { fetch };
  return {
    call: createHttpCall(url, authorize, options),
    ...(streamUrl !== undefined && { stream: createHttpStreamCall(streamUrl, authorize, options) }),
  };
}

const nobody: Authorize = () => Promise.resolve({});
