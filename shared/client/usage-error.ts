/** The command line cannot be used; the message names the part, the problem and the repair. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** No spine could be found or reached; the message says what to do. */
export class TargetError extends Error {
  override readonly name = "TargetError";
}
