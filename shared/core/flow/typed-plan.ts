import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Json } from "../json.ts";
import type { Fallback, PlanNode, ReplyNode, TaskNode } from "./plan.ts";

/** Under this name the compiler knows what plain data cannot tell. Nothing stands there when it runs. */
declare const TYPES: unique symbol;

/**
 * What the compiler knows of a step or a flow: the type of the reply that it comes to (`unknown` where that is any JSON), and the questions
 * that it asks people, a union of pairs of wording and answer.
 */
export interface Typed<Reply, Asked> {
  readonly [TYPES]?: { readonly reply: Reply; readonly asked: Asked };
}

type Known<Of> = Of extends { readonly [TYPES]?: infer Types } ? NonNullable<Types> : never;

/** The type of a step's or flow's reply. */
export type ReplyOf<Of> = Known<Of> extends { readonly reply: infer Reply } ? Reply : unknown;

/** The questions of a step, a flow or a union of them. */
export type AskedOf<Of> = Of extends unknown ? AskedKnown<Known<Of>> : never;

/** Not of `never`, of which everything can be inferred. */
type AskedKnown<Types> = Types extends { readonly asked: infer Asked } ? Asked : never;

/** What a schema takes; any JSON without one. */
export type TakenBy<Schema> = [Schema] extends [StandardSchemaV1]
  ? StandardSchemaV1.InferInput<Schema>
  : Json;

/** A fallback chain as `step` takes it. */
export type Fallbacks = Fallback<string> | readonly Fallback<string>[] | undefined;

/** What a task replies: its agent's result, unless something else may stand in for it. */
export type TaskReply<Result, Chain extends Fallbacks> = [Chain] extends [undefined] ? Result : unknown;

export type AskedIn<Chain extends Fallbacks> = Chain extends readonly (infer Link)[]
  ? AskedOf<Link>
  : AskedOf<Chain>;

/** The last step's, where all are tasks: any other may reply before it. */
export type SequenceReply<Steps extends readonly PlanNode[]> =
  Steps[number] extends TaskNode<string>
    ? Steps extends readonly [...PlanNode[], infer Last]
      ? ReplyOf<Last>
      : unknown
    : unknown;

/** What a flow replies: as its schema says, or else as its plan does. */
export type FlowReply<Schema, Plan> = [Schema] extends [StandardSchemaV1]
  ? StandardSchemaV1.InferOutput<Schema>
  : Plan extends ReplyNode
    ? unknown
    : ReplyOf<Plan>;
