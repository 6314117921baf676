/** What a function's process and its parent say to each other. */
export type ToProcess = {
  readonly type: "invoke";
  readonly id: string;
  readonly event: unknown;
  readonly deadline: number;
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
  | { readonly type: "done"; readonly id: string; readonly payload: string }
  | { readonly type: "failed"; readonly id: string; readonly error: FunctionError };
