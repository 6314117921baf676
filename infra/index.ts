/** The public constructs. */
export { BlobStore } from "./constructs/blob-store.ts";
export { CustomerKey } from "./constructs/customer-key.ts";
export type { EventSpineProps } from "./constructs/event-spine-props.ts";
export { EventSpine } from "./constructs/event-spine.ts";
export { Inbox } from "./constructs/inbox.ts";
export { OrderedSubscription, type OrderedSubscriptionProps } from "./constructs/ordered-subscription.ts";
export {
  QuestionNotifications,
  type QuestionNotificationsProps,
} from "./constructs/question-notifications.ts";
export { Scorers, type ScorersOptions } from "./constructs/scorers.ts";
export {
  SessionLogTable,
  type ExistingTable,
  type SessionLogTableProps,
  type StoreProps,
} from "./constructs/session-log-table.ts";
export {
  SpineAgentGroup,
  type SpineAgentGroupOptions,
  type SpineAgentGroupProps,
} from "./constructs/spine-agent-group.ts";
export { SpineAgent, type SpineAgentOptions, type SpineAgentProps } from "./constructs/spine-agent.ts";
export { SpineBus, type Producer } from "./constructs/spine-bus.ts";
export type { PythonEntry } from "./bundling/python-code.ts";
export { SpineFunction, type FunctionOptions, type SpineFunctionProps } from "./constructs/spine-function.ts";
export { SpineSchedule, type SpineScheduleProps } from "./constructs/spine-schedule.ts";
export { SpineQueue, type FeedOptions, type SpineQueueProps } from "./constructs/spine-queue.ts";
export type { ISpine } from "./constructs/spine.ts";
export { TokenSecret } from "./constructs/token-secret.ts";
export type { CoreConcurrency } from "./settings/concurrency.ts";
export type { ProvisionedPollers } from "./settings/provisioned-pollers.ts";
export type { OtelTracing, Tracing } from "./settings/tracing-options.ts";
export type { TenantQuota } from "./settings/tenant-quotas.ts";
export type { CallerRights, Tenants } from "./settings/tenant-rights.ts";
export type { ByTenant } from "#core/by-tenant.ts";
export type { CommitCodec } from "#aws/names.ts";
export type { Right } from "#core/rights.ts";
export type { Ceilings } from "#core/session/limits.ts";
export type { Callbacks } from "./settings/callback-bounds.ts";
export type { Streams } from "./settings/stream-bounds.ts";
export type { Waits } from "./settings/wait-bounds.ts";
