/** Types of the events that end a run: whatever of it is still open has no outcome of its own any more. */
export const ENDS_RUN: ReadonlySet<string> = new Set(["RunCompleted", "RunFailed", "RunCancelled"]);
