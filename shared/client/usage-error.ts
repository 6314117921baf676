/**
 * The command line cannot be used; the message names the part, the problem and the repair.
 *
 * @example
 * throw new UsageError("--ingress: is no URL. Give the stack's output IngressUrl.");
 */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * No spine could be found or reached; the message says what to do.
 *
 * @example
 * await deployedTarget({ prefix: "spine", region: undefined, ingress: undefined }).catch((error: unknown) => {
 *   if (error instanceof TargetError) console.error(error.message);
 * });
 */
export class TargetError extends Error {
  override readonly name = "TargetError";
}
