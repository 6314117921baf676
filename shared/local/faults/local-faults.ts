/** What goes wrong at an invocation, in place of running the function. */
export const InvocationFault = {
  /** Lambda does not run it: there is no concurrency left. */
  throttled: "throttled",
  /** Its environment dies. */
  died: "died",
} as const;
export type InvocationFault = (typeof InvocationFault)[keyof typeof InvocationFault];

/** Faults inside AWS, where no request of ours passes that could be refused. */
export interface LocalFaults {
  /** Asked at every invocation. @default none */
  readonly invocation?: (functionName: string) => InvocationFault | undefined;
  /** Why a rule cannot bring anything to a queue or a function, by its name; asked at every delivery. @default it can */
  readonly delivery?: (target: string) => string | undefined;
}
