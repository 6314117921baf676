import type { AskedOf, ReplyOf, TakenBy } from "#core/flow/typed-plan.ts";
import type { Json } from "#core/json.ts";

type FlowsIn<App> = App extends { readonly flows: readonly (infer Flow)[] } ? Flow : never;
type SchemasIn<App> = App extends { readonly events: infer Schemas } ? Schemas : unknown;
type TriggerOf<Flow> = Flow extends { readonly on: infer On extends string } ? On : never;

/** Whether the compiler knows the application's flows: one that was only declared an `ApplicationDefinition` has lost them. */
type IsKnown<App> = [TriggerOf<FlowsIn<App>>] extends [never] ? false : true;

/** The types of events that an application takes: those with a schema, and those that its flows start with. */
export type EventType<App> =
  IsKnown<App> extends true ? (keyof SchemasIn<App> & string) | TriggerOf<FlowsIn<App>> : string;

/** The data of an event: what its schema takes; any JSON where there is none. */
export type EventData<App, Type> = Type extends keyof SchemasIn<App> ? TakenBy<SchemasIn<App>[Type]> : Json;

type FlowsOn<Flow, Type> = Flow extends { readonly on: infer On } ? (Type extends On ? Flow : never) : never;
type JsonIfUnknown<Reply> = unknown extends Reply ? Json : Reply;
type RepliesOf<Flow> = Flow extends unknown ? JsonIfUnknown<ReplyOf<Flow>> : never;
type JsonIfNever<Reply> = [Reply] extends [never] ? Json : Reply;

/** What the flows reply that an event starts; any JSON where that is not known. */
export type ReplyTo<App, Type> = JsonIfNever<RepliesOf<FlowsOn<FlowsIn<App>, Type>>>;

type Asked<App> = AskedOf<FlowsIn<App>>;

/** The wordings of the questions that an application asks people. */
export type Question<App> =
  IsKnown<App> extends true
    ? Asked<App> extends readonly [infer Wording extends string, unknown]
      ? Wording
      : never
    : string;

/** What may be answered to a question. */
export type AnswerTo<App, Wording> = JsonIfNever<
  Asked<App> extends infer Pair ? (Pair extends readonly [Wording, infer Answer] ? Answer : never) : never
>;
