import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Contract, OnStale, RetrySpec, UntypedView } from "../contract.ts";
import { rememberAnswer, rememberContract, rememberReplies } from "./built-contracts.ts";
import { SpineError, type Problem } from "../errors.ts";
import type { Json } from "../json.ts";
import { flowNameProblem, eventTypeProblem } from "./flow-names.ts";
import type {
  ChoiceNode,
  EmitNode,
  Fallback,
  FlowDefinition,
  HumanNode,
  Join,
  Losers,
  MapNode,
  OnBusy,
  ParallelNode,
  PlanNode,
  ReplyNode,
  SequenceNode,
  SubFlowNode,
  TaskNode,
  TransformNode,
  WaitNode,
} from "./plan.ts";
import type {
  TakenBy,
  AskedIn,
  AskedOf,
  Fallbacks,
  FlowReply,
  SequenceReply,
  TaskReply,
  Typed,
} from "./typed-plan.ts";

/** How long people and outside events are awaited by default: a day. */
export const DEFAULT_WAIT_MS = 86_400_000;
const DEFAULT_HUMAN_SECTION = "human";
const DEFAULT_CONCURRENT = 4;
const DEFAULT_ITEMS = 100;

/**
 * An agent by its contract or by its name. Only the name becomes part of the flow; the application finds the contract on its
 * own.
 */
export type AgentReference = Contract | string;

const agentNameOf = (agent: AgentReference): string => (typeof agent === "string" ? agent : agent.spec.name);

export interface StepOptions<Chain extends Fallbacks = Fallbacks> {
  /** @default the contract's */
  readonly timeoutMs?: number;
  /** @default the contract's */
  readonly retries?: RetrySpec;
  /** @default the contract's */
  readonly onStale?: OnStale;
  /** Tried in turn when the agent fails. @default none: the step fails, and the linter warns */
  readonly fallback?: Chain;
  /**
   * The step that undoes this one when the run fails or is cancelled; its agent reads `undo`: what is to be undone.
   * @default none: what was done stays done
   */
  readonly compensate?: TaskNode<string>;
}

/**
 * One task for one agent.
 *
 * @example
 * step(prices, { timeoutMs: 5_000, fallback: [fallback.lastKnown(), fallback.skip()] });
 */
export function step<Result, const Chain extends Fallbacks = undefined>(
  agent: Contract<UntypedView, Result> | string,
  options: StepOptions<Chain> = {},
): TaskNode<string> & Typed<TaskReply<Result, Chain>, AskedIn<Chain>> {
  const { fallback: given, ...overrides } = options;
  const chain: Fallback<string> | readonly Fallback<string>[] = given ?? [];
  const node: TaskNode<string> = {
    kind: "task",
    agent: agentNameOf(agent),
    ...overrides,
    // A chain is an array; a single link is an object with a type.
    fallback: "type" in chain ? [chain] : chain,
  };
  return rememberContract(node, agent);
}

export interface StepBounds {
  /** The step fails when it takes longer. @default only the bounds of the steps inside */
  readonly timeoutMs?: number;
}

/**
 * Steps one after another. Options may come first.
 *
 * @example
 * sequence({ timeoutMs: 60_000 }, step(inquiry), step(scheduling));
 */
export function sequence<const Steps extends readonly PlanNode[]>(
  ...steps: Steps
): SequenceNode<string> & Typed<SequenceReply<Steps>, AskedOf<Steps[number]>>;
export function sequence<const Steps extends readonly PlanNode[]>(
  options: StepBounds,
  ...steps: Steps
): SequenceNode<string> & Typed<SequenceReply<Steps>, AskedOf<Steps[number]>>;
export function sequence(
  first: PlanNode | StepBounds = {},
  ...rest: readonly PlanNode[]
): SequenceNode<string> {
  return "kind" in first
    ? { kind: "sequence", steps: [first, ...rest] }
    : { kind: "sequence", ...first, steps: rest };
}

type Branched = Readonly<Record<string, PlanNode>>;

export interface ParallelOptions<Branches extends Branched = Branched> extends StepBounds {
  readonly branches: Branches;
  /** @default all branches */
  readonly join?: Join;
  /** @default "cancel" */
  readonly losers?: Losers;
  /** @default "fail" */
  readonly onTimeout?: "fail" | "partial";
}

/**
 * Runs branches concurrently; `join` defines when it is done.
 *
 * @example
 * parallel({ branches: { price: step(prices), shelf: step(stock) }, join: { type: "any" }, timeoutMs: 10_000 });
 */
export function parallel<Branches extends Branched>(
  options: ParallelOptions<Branches>,
): ParallelNode<string> & Typed<unknown, AskedOf<Branches[keyof Branches]>> {
  return { kind: "parallel", join: { type: "all" }, losers: "cancel", onTimeout: "fail", ...options };
}

type Arms = readonly { readonly if: string; readonly then: PlanNode }[];

export interface ChoiceOptions<When extends Arms = Arms, Otherwise extends PlanNode = PlanNode> {
  /** The first condition that holds decides. */
  readonly when: When;
  /** Taken when no condition holds, including conditions that cannot be evaluated. */
  readonly otherwise: Otherwise;
}

/**
 * Takes the first arm whose CEL condition holds, or `otherwise`.
 *
 * @example
 * choice({
 *   when: [{ if: `inquiry.intent == "book"`, then: step(scheduling) }],
 *   otherwise: human({ ask: "What does the customer want?" }),
 * });
 */
export function choice<When extends Arms, Otherwise extends PlanNode>(
  options: ChoiceOptions<When, Otherwise>,
): ChoiceNode<string> & Typed<unknown, AskedOf<When[number]["then"] | Otherwise>> {
  return { kind: "choice", ...options };
}

export interface MapOptions<Each extends PlanNode = PlanNode> extends StepBounds {
  /** CEL expression for the list; inside `each` its element is `item`. */
  readonly over: string;
  readonly each: Each;
  /**
   * CEL expression over `item` that names it by 1 to 64 letters, digits, "_" or "-": agents' sections are keyed by the name,
   * and `lastKnown` finds the item's own last value.
   * @default its index, which differs from list to list
   */
  readonly key?: string;
  /** @default 4 */
  readonly maxConcurrent?: number;
  /** A longer list fails the step. @default 100 */
  readonly maxItems?: number;
}

/**
 * Runs one step for every element of a list.
 *
 * @example
 * map({ over: "input.items", key: "item.sku", each: step(prices), maxConcurrent: 8 });
 */
export function map<Each extends PlanNode>(
  options: MapOptions<Each>,
): MapNode<string> & Typed<unknown, AskedOf<Each>> {
  return { kind: "map", maxConcurrent: DEFAULT_CONCURRENT, maxItems: DEFAULT_ITEMS, ...options };
}

export interface WaitOptions {
  /** CEL condition over the context and `event`. @default any event of the type */
  readonly if?: string;
  /** Section for the event's data. @default none */
  readonly into?: string;
  /**
   * `first`: of all waits of the session with `first`, only the first that an event satisfies takes it, in the order of their
   * runs: one payment pays one order.
   * @default every wait that an event satisfies takes it
   */
  readonly take?: "first";
  /** @default a day */
  readonly timeoutMs?: number;
  /** @default "fail" */
  readonly onTimeout?: "fail" | "continue";
}

/**
 * Waits for an event of the session.
 *
 * @example
 * waitFor("Paid", { if: "event.order == input.order", into: "payment", timeoutMs: 3_600_000, onTimeout: "continue" });
 */
export function waitFor(event: string, options: WaitOptions = {}): WaitNode {
  return { kind: "wait", event, timeoutMs: DEFAULT_WAIT_MS, onTimeout: "fail", ...options };
}

export interface HumanOptions<
  Ask extends string = string,
  Answer extends StandardSchemaV1 | undefined = StandardSchemaV1 | undefined,
> {
  readonly ask: Ask;
  /**
   * Schema of the answer: others are rejected immediately. Questions with the same wording have the same schema.
   * @default any JSON
   */
  readonly answer?: Answer;
  /** Section for the person's answer. @default "human" */
  readonly into?: string;
  /** @default a day */
  readonly timeoutMs?: number;
  /** @default "fail" */
  readonly onTimeout?: "fail" | "continue";
}

/**
 * Asks a person.
 *
 * @example
 * human({ ask: "May we spend it?", answer: z.object({ yes: z.boolean() }), into: "consent", onTimeout: "continue" });
 */
export function human<const Ask extends string, Answer extends StandardSchemaV1 | undefined = undefined>({
  answer,
  ...options
}: HumanOptions<Ask, Answer>): HumanNode & Typed<unknown, readonly [Ask, TakenBy<Answer>]> {
  const node: HumanNode = {
    kind: "human",
    into: DEFAULT_HUMAN_SECTION,
    timeoutMs: DEFAULT_WAIT_MS,
    onTimeout: "fail",
    ...options,
  };
  return rememberAnswer(node, answer);
}

/**
 * Runs another flow's plan in this place; that flow's trigger is ignored here.
 *
 * @example
 * sequence(step(inquiry), subFlow(greeting, { timeoutMs: 60_000 }));
 */
export function subFlow<Flow extends FlowDefinition | string>(
  flow: Flow,
  options: StepBounds = {},
): SubFlowNode<string> & Typed<unknown, AskedOf<Flow>> {
  return { kind: "flow", flow: typeof flow === "string" ? flow : flow.name, ...options };
}

/**
 * Writes context paths, each with the value of its CEL expression.
 *
 * @example
 * transform({ "total.net": "prices.net * 2", "total.currency": `"GBP"` });
 */
export function transform(set: Readonly<Record<string, string>>): TransformNode {
  return { kind: "transform", set };
}

/**
 * Appends an event to the session; `data` is a CEL expression.
 *
 * @example
 * emit("VisitBooked", `{"day": scheduling.day}`);
 */
export function emit(event: string, data: string): EmitNode {
  return { kind: "emit", event, data };
}

/**
 * Replies to the caller; `body` is a CEL expression.
 *
 * @example
 * reply(`{"total": prices.net, "inStock": has(stock.left) && stock.left > 0}`);
 */
export function reply(body: string): ReplyNode {
  return { kind: "reply", body };
}

/**
 * What fills an agent's slot when the agent fails: the links of a step's fallback chain.
 *
 * @example
 * step(prices, { fallback: [fallback.agent(stock), fallback.value({ net: 0 })] });
 * step(scheduling, { fallback: fallback.human({ ask: "Which day suits?", timeoutMs: 3_600_000 }) });
 */
export const fallback = {
  /** Another agent; its result goes into the slot of the one it replaces. */
  agent: (agent: AgentReference): Fallback<string> =>
    rememberContract({ type: "agent", agent: agentNameOf(agent) }, agent),
  value: (value: Json): Fallback<string> => ({ type: "value", value }),
  /** The value that an earlier run left in the slot, if any. */
  lastKnown: (): Fallback<string> => ({ type: "last-known" }),
  /** A person's answer; by default awaited for a day. */
  human: <const Ask extends string, Answer extends StandardSchemaV1 | undefined = undefined>({
    answer,
    ...options
  }: Pick<HumanOptions<Ask, Answer>, "ask" | "answer" | "timeoutMs">): Fallback<string> &
    Typed<unknown, readonly [Ask, TakenBy<Answer>]> =>
    rememberAnswer({ type: "human", timeoutMs: DEFAULT_WAIT_MS, ...options }, answer),
  /** Continues without a value. */
  skip: (): Fallback<string> => ({ type: "skip" }),
} as const;

export interface FlowOptions<
  On extends string | undefined = string | undefined,
  Plan extends PlanNode = PlanNode,
  Replies extends StandardSchemaV1 | undefined = StandardSchemaV1 | undefined,
> {
  /** Lower-case. */
  readonly name: string;
  /** Event type that starts it. @default none: it runs only inside other flows */
  readonly on?: On;
  /** CEL condition over `event` (its data) and the context. @default every event of the type */
  readonly if?: string;
  /** @default "queue" */
  readonly onBusy?: OnBusy;
  /** Other flows that the same event may also start; each names the other. @default none */
  readonly together?: readonly string[];
  /** The run fails when it takes longer. @default the longest life that its steps' bounds allow */
  readonly timeoutMs?: number;
  /**
   * Schema of its reply, for those who send its event: the types of `createClient` and the generated documents have it. Nothing is checked by it
   * when the flow runs. @default the result of its last step, where that is all that it can reply
   */
  readonly replies?: Replies;
  readonly plan: Plan;
}

/** A flow of which the compiler knows the event, the reply and the questions. */
export type TypedFlow<On extends string | undefined, Reply, Asked> = FlowDefinition &
  Typed<Reply, Asked> &
  ([On] extends [string] ? { readonly on: On } : unknown);

/**
 * Describes a flow. Throws `flow.invalid` for an invalid name or event type; the linter checks all other rules.
 *
 * @example
 * const greeting = defineFlow({ name: "greeting", on: "GreetingAsked", plan: step(greeter) });
 */
export function defineFlow<
  const On extends string | undefined = undefined,
  Plan extends PlanNode = PlanNode,
  Replies extends StandardSchemaV1 | undefined = undefined,
>(options: FlowOptions<On, Plan, Replies>): TypedFlow<On, FlowReply<Replies, Plan>, AskedOf<Plan>> {
  const problems: Problem[] = [
    flowNameProblem(options.name, "name"),
    options.on === undefined ? undefined : eventTypeProblem(options.on, "on"),
    ...(options.together ?? []).map((name) => flowNameProblem(name, "together")),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) {
    const text = problems.map((p) => `${p.field}: ${p.problem}. ${p.repair}`).join(" ");
    throw new SpineError("flow.invalid", `Flow ${JSON.stringify(options.name)} is not usable. ${text}`, {
      problems,
      whole: true,
    });
  }
  const { replies, on, ...flow } = options;
  const defined: FlowDefinition = { ...flow, ...(on !== undefined && { on }) };
  // The types say more of the same flow.
  return rememberReplies(defined, replies) as TypedFlow<On, FlowReply<Replies, Plan>, AskedOf<Plan>>;
}
