import type { TaskOrder } from "./task-messages.ts";

/** What a commit orders, as data. Publishing is ordered by every commit, a reply by its `ReplySent`: neither needs one. */
export type Directive =
  | { readonly type: "dispatch"; readonly order: TaskOrder }
  | { readonly type: "arm-deadline"; readonly at: number };
