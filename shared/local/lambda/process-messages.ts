/** What a function's process and its parent say to each other. */
export type ToProcess = {
  readonly type: "invoke";
  readonly id: string;
  readonly event: unknown;
  /** When it will be ended, by the machine's clock. */
  readonly deadline: number;
  /** How far the function's time is ahead of the machine's. */
  readonly aheadMs: number;
  readonly traceId: string;
};

export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

export type FromProcess =
  | { readonly type: "ready"; readonly initMs: number }
  | { readonly type: "init-failed"; readonly error: FunctionError }
  | (Ended & { readonly type: "done"; readonly payload: string })
  | (Ended & { readonly type: "failed"; readonly error: FunctionError });

interface Ended {
  readonly id: string;
  /** Of a processor, in user and system mode, since the invocation before ended: what that left to be done is in it. */
  readonly cpuMs: number;
}
