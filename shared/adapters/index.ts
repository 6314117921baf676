/** Agents of frameworks as agents of the spine: the interface of adapters, and the way to a person and back. */
export { adaptAgent, type AdapterOptions } from "./adapt-agent.ts";
export { decisionOn, type Decision } from "./decision-on.ts";
export { defineInterruptible, type InterruptibleDefinition } from "./define-interruptible.ts";
export type { Asking, Ended, Finished, Framework, Resumed, Turn } from "./framework.ts";
export { MAX_CHECKPOINT_BYTES, type Interrupted } from "./interruption.ts";
export { APPROVAL, withApproval, type ApprovalOptions } from "./with-approval.ts";
