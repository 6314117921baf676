import { Sha256 } from "#node/sha256.ts";
import { fromEnvironment } from "./environment-credentials.ts";

export interface ClientTimes {
  /** Milliseconds for a whole answer. */
  readonly requestTimeout: number;
  /** Tries in all. */
  readonly maxAttempts: number;
}

/**
 * For calls that answer within milliseconds. Three tries of a second end before the coordinator's function (5 s) does,
 * so that a session's failure is reported for its message alone and not by a timeout for the whole batch.
 */
export const QUICK: ClientTimes = { requestTimeout: 1_000, maxAttempts: 3 };
/**
 * For spine-out. What it has not taken by then goes to the relay's retry queue, so another try here would only hold up the
 * deadlines of the batches behind. Taken after all, it is published twice: that is harmless.
 */
export const BUS: ClientTimes = { requestTimeout: 500, maxAttempts: 1 };
/**
 * For the door. An agent's function lives 5 s longer than its task: two tries and the way to the answers queue fit into
 * that. Whether a try that ran out of time was recorded does not matter: an answer may come twice.
 */
export const INVOKE: ClientTimes = { requestTimeout: 2_000, maxAttempts: 2 };
/** For objects of up to some megabytes. */
export const LARGE: ClientTimes = { requestTimeout: 3_000, maxAttempts: 3 };

/** For what people look at: two tries end before the operator's function (10 s) does. */
export const MONITORING: ClientTimes = { requestTimeout: 3_000, maxAttempts: 2 };

const CONNECTION_TIMEOUT_MS = 500;
/** A coordinator's batch has 10 sessions; each does one call to a service at a time, a relay's batch some more. */
const MAX_SOCKETS = 50;

/**
 * What every client of the SDK is made with. By default the SDK waits forever for a connection and an answer; a lost
 * packet would then hold a session until its function is killed. Connections are kept, since a new one costs three round
 * trips. Credentials are the environment's and nobody else's.
 */
export function clientDefaults({ requestTimeout, maxAttempts }: ClientTimes) {
  const agent = { keepAlive: true, maxSockets: MAX_SOCKETS };
  return {
    credentials: fromEnvironment(),
    maxAttempts,
    retryMode: "standard",
    sha256: Sha256,
    // The chain of what a call passes is then made once for each kind of call. Nobody changes it later.
    cacheMiddleware: true,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout,
      // Otherwise the SDK only warns.
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  } as const;
}

/** A client of the SDK, as far as what its calls pass can be changed. */
interface Client {
  readonly middlewareStack: {
    remove(name: string): boolean;
    add(middleware: BuildMiddleware, options: { readonly step: "build"; readonly name: string }): void;
  };
}
type BuildMiddleware = <Answer>(next: (args: BuildArguments) => Answer) => (args: BuildArguments) => Answer;
interface BuildArguments {
  readonly input: object;
  readonly request: unknown;
}

/** What CloudTrail shows as the caller's program. */
const USER_AGENT = "event-spine aws-sdk-js/3";

const nameProgram: BuildMiddleware = (next) => (args) => {
  const { request } = args;
  if (typeof request === "object" && request !== null && "headers" in request)
    Object.assign(request.headers as object, { "user-agent": USER_AGENT }); // of a request they are an object
  return next(args);
};

/**
 * The same client without what the SDK does in each call for nobody here: it copies all that was sent and answered for a log that
 * is none, and tells anew in the user agent of platform, versions and features.
 */
export function lean<Given extends Client>(client: Given): Given {
  const { middlewareStack } = client;
  middlewareStack.remove("loggerMiddleware");
  middlewareStack.remove("getUserAgentMiddleware");
  middlewareStack.add(nameProgram, { step: "build", name: "nameProgram" });
  return client;
}
