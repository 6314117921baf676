/** What a function's process and its parent say to each other. */
export type ToProcess = InvokeMessage | { readonly type: "taken"; readonly id: string };

export interface InvokeMessage {
  readonly type: "invoke";
  readonly id: string;
  readonly event: unknown;
  /** When it will be ended, by the machine's clock. */
  readonly deadline: number;
  /** How far the function's time is ahead of the machine's. */
  readonly aheadMs: number;
  readonly traceId: string;
}

export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

export type FromProcess =
  | { readonly type: "ready"; readonly initMs: number }
  | { readonly type: "init-failed"; readonly error: FunctionError }
  /** A part of a streamed response; the next one comes when this one was `taken`. */
  | PartMessage
  /** A streamed response has no payload beside its parts. */
  | (Ended & { readonly type: "done"; readonly payload: string | undefined })
  | (Ended & { readonly type: "failed"; readonly error: FunctionError });

export interface PartMessage {
  readonly type: "part";
  readonly id: string;
  /** In base64. */
  readonly bytes: string;
  readonly contentType?: string | undefined;
}

interface Ended {
  readonly id: string;
  /** Of a processor, in user and system mode, since the invocation before ended: what that left to be done is in it. */
  readonly cpuMs: number;
}
