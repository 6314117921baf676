import { isDeepStrictEqual } from "node:util";
import type { Around, Handle, LocalRequest, LocalResponse } from "../http/loopback-server.ts";
import { functionCallOf, type FunctionCall } from "./function-call.ts";
import { serverError, throttled } from "./refusals.ts";

/** What happens at a request. */
export const Fault = {
  /** The process that asks is killed before anything is done. */
  killedBefore: "killed before",
  /** It is killed after the request was performed, and before it hears so. */
  killedAfter: "killed after",
  /** Every try is refused as too many. */
  refused: "refused",
  /** Every try is performed and answered with 500. */
  unanswered: "unanswered",
} as const;
export type Fault = (typeof Fault)[keyof typeof Fault];

/** A request by where it stands in the work: the n-th of one operation on one resource by one function, from 1. */
export interface Failpoint {
  readonly functionName: string;
  readonly service: string;
  readonly operation: string;
  readonly resource: string;
  readonly nth: number;
}

/** What came of a fault that was armed: where its failpoint was never reached, nothing. */
export type Struck = FunctionCall | undefined;

export interface Injector {
  /** To stand before the endpoints. */
  readonly around: Around;
  /** Counts failpoints anew, without faults. */
  record(): void;
  /** The failpoints since then, in the order in which they were reached. */
  failpoints(): readonly Failpoint[];
  /** Counts failpoints anew, and strikes once. */
  arm(failpoint: Failpoint, fault: Fault): void;
  struck(): Struck;
  /** Lets everything pass from now on, uncounted, as it does at first. */
  rest(): void;
}

export interface InjectorOptions {
  /** Ends the process with this session token. */
  readonly kill: (functionName: string, sessionToken: string) => void;
  /** Told of every request that was performed, once a try. */
  readonly onPerformed?: (call: FunctionCall, request: LocalRequest) => void;
}

/**
 * Makes one request of one function go wrong. It stands before the endpoints, where a caller is known by its session
 * token, so that the bundles that run are those that are deployed.
 */
export function createInjector({ kill, onPerformed = () => undefined }: InjectorOptions): Injector {
  let isCounting = false;
  /** By the SDK's id of the call, in the order of their first tries: a try that is repeated is the same request. */
  let failpoints = new Map<string, Failpoint>();
  let numbers = new Map<string, number>();
  let armed: { readonly failpoint: Failpoint; readonly fault: Fault } | undefined;
  let victim: FunctionCall | undefined;

  const restart = (counting: boolean) => {
    isCounting = counting;
    failpoints = new Map();
    numbers = new Map();
    armed = undefined;
    victim = undefined;
  };

  const failpointOf = (call: FunctionCall): Failpoint => {
    const before = failpoints.get(call.invocation);
    if (before !== undefined) return before;
    const { functionName, service, operation, resource } = call;
    const work = JSON.stringify([functionName, service, operation, resource]);
    const nth = (numbers.get(work) ?? 0) + 1;
    const failpoint = { functionName, service, operation, resource, nth };
    numbers.set(work, nth);
    failpoints.set(call.invocation, failpoint);
    return failpoint;
  };

  const faultAt = (call: FunctionCall): Fault | undefined => {
    if (!isCounting) return undefined;
    const failpoint = failpointOf(call);
    if (armed === undefined) return undefined;
    if (victim !== undefined) return victim.invocation === call.invocation ? armed.fault : undefined;
    if (!isDeepStrictEqual(failpoint, armed.failpoint)) return undefined;
    victim = call;
    return armed.fault;
  };

  const around: Around = async (request, handle) => {
    const call = functionCallOf(request);
    if (call === undefined) return handle(request);
    const perform: Handle = async (performed) => {
      const response = await handle(performed);
      onPerformed(call, performed);
      return response;
    };
    return struckBy(faultAt(call), call, request, perform);
  };

  const struckBy = async (
    fault: Fault | undefined,
    call: FunctionCall,
    request: LocalRequest,
    perform: Handle,
  ): Promise<LocalResponse> => {
    switch (fault) {
      case undefined:
        return perform(request);
      case Fault.killedBefore:
        return killed(call, request);
      case Fault.killedAfter:
        await perform(request);
        return killed(call, request);
      case Fault.refused:
        return throttled(call.service);
      case Fault.unanswered:
        await perform(request);
        return serverError(call.service);
    }
  };

  /** The answer finds nobody: it is given when the process has gone. */
  const killed = async (call: FunctionCall, { gone }: LocalRequest): Promise<LocalResponse> => {
    kill(call.functionName, call.sessionToken);
    if (!gone.aborted)
      await new Promise((resolve) => gone.addEventListener("abort", resolve, { once: true }));
    return serverError(call.service);
  };

  return {
    around,
    record: () => restart(true),
    rest: () => restart(false),
    failpoints: () => [...failpoints.values()],
    arm(failpoint, fault) {
      restart(true);
      armed = { failpoint, fault };
    },
    struck: () => victim,
  };
}
