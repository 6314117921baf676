import type { AgentTask } from "./agent-task.ts";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { SpineError, type Problem } from "./errors.ts";
import { MAX_LIFE_MS } from "./flow/bounds.ts";
import { parseAgentName, type AgentName } from "./ids.ts";
import type { Json, JsonObject } from "./json.ts";
import { functionTimeOf, type ContractFor, type LaterImplementation, type LaterOption } from "./later.ts";
import { personalOf, personalProblems, type PersonalPromise } from "./personal-promise.ts";
import { inWords } from "./problems.ts";
import { signalProblems, type SignalSchemas } from "./signal-schemas.ts";

export const Effect = { none: "none", once: "once" } as const;
export type Effect = (typeof Effect)[keyof typeof Effect];

export const OnStale = { rerun: "rerun", drop: "drop", accept: "accept" } as const;
export type OnStale = (typeof OnStale)[keyof typeof OnStale];

/**
 * The policy for a claimed effect whose outcome never arrived: the attempt has failed permanently and the fallbacks decide
 * (`fail`); the effect is repeated, because its target is idempotent by the task's key (`repeat`); the agent asks the target
 * whether it happened (`ask`).
 */
export const OnDoubt = { fail: "fail", repeat: "repeat", ask: "ask" } as const;

/** A person checks whether an effect in doubt happened. */
export interface PersonResolves {
  readonly person: string;
  /** How long the person is awaited; then as `fail`. */
  readonly timeoutMs: number;
}
export type OnDoubt = (typeof OnDoubt)[keyof typeof OnDoubt] | PersonResolves;

/** The resolution of an effect in doubt. The result is the agent's answer, had it arrived. */
export type ResolvedDoubt<Result> =
  { readonly happened: true; readonly result: Result } | { readonly happened: false };

export interface RetrySpec {
  /** Attempts after the first one. */
  readonly max: number;
  /** Pause before the first retry; it doubles with each further one, with jitter. */
  readonly backoffMs: number;
}

/** The part of a contract that is plain data: it is stored with each flow that uses the agent. */
export interface ContractSpec {
  readonly name: AgentName;
  readonly reads: readonly string[];
  readonly writes: string;
  readonly timeoutMs: number;
  readonly retries: RetrySpec;
  readonly effect: Effect;
  readonly onStale: OnStale;
  readonly onDoubt: OnDoubt;
  /** Its section is a memory: it is read from run to run. */
  readonly keeps?: true;
  /** How often its host calls the door while it works. Absent: never. */
  readonly heartbeatMs?: number;
  /** How long its function has to answer or to pass the task on; `timeoutMs` is then the whole work's. Absent: it answers itself. */
  readonly functionMs?: number;
  /** The agents that one function hosts. Absent: it has a function of its own. */
  readonly group?: string;
  /** Paths of its result that contain personal values; if empty, the agent guarantees that there are none. */
  readonly personal?: readonly string[];
  /** Names of the signals that it takes while it works. Absent: none. */
  readonly signals?: readonly string[];
}

/** The remaining budgets when a task is dispatched. Missing means unlimited. */
export interface BudgetLeft {
  readonly hops?: number;
  readonly tokens?: number;
  readonly money?: number;
}

/** The cost of a task, as counted against its run's budgets. */
export interface Usage {
  readonly tokens?: number;
  readonly money?: number;
}

/** An agent's report of its own cost. Except for tokens and money, it is only recorded in the span of the agent's run. */
export interface ReportedUsage extends Usage {
  /** @default `inputTokens` and `outputTokens` together, where both are given */
  readonly tokens?: number;
  /** Tokens that the model read. */
  readonly inputTokens?: number;
  /** Tokens that the model wrote. */
  readonly outputTokens?: number;
  /** The model's provider, by OpenTelemetry's names, such as `aws.bedrock`; up to 256 characters. */
  readonly provider?: string;
  /** The model, as its provider names it; up to 256 characters. */
  readonly model?: string;
}

/** A result with the agent's facts about it; created by `answered`. */
export interface Answered<Result> {
  readonly [ANSWERED]: true;
  readonly result: Result;
  /** 0 to 1. */
  readonly confidence?: number;
  readonly usage?: ReportedUsage;
}

const ANSWERED = Symbol.for("event-spine.answered");

/**
 * Returns a result together with the agent's confidence in it (0 to 1) or its usage. A bare result needs no wrapping.
 *
 * @example
 * inquiry.implement(() => answered({ result: { intent: "book" }, confidence: 0.8 }));
 */
export function answered<Result>(answer: Omit<Answered<Result>, typeof ANSWERED>): Answered<Result> {
  return { ...answer, [ANSWERED]: true };
}

export function isAnswered(value: unknown): value is Answered<unknown> {
  return typeof value === "object" && value !== null && ANSWERED in value;
}

export type MaybeAnswered<Result> = Result | Answered<Result>;
export type Implementation<View, Result> = (
  task: AgentTask<View>,
) => Promise<MaybeAnswered<Result>> | MaybeAnswered<Result>;

/** Asks the effect's target whether the task's effect happened; throws when the target cannot tell. */
export type DoubtResolver<View, Result> = (
  task: AgentTask<View>,
) => Promise<ResolvedDoubt<Result>> | ResolvedDoubt<Result>;

/** A contract together with its implementation. */
export interface Agent {
  readonly contract: Contract;
  readonly run: LaterImplementation<JsonObject, Json>;
  /** Only if the contract says `onDoubt: "ask"`. */
  readonly resolve?: DoubtResolver<JsonObject, Json>;
}

/** An agent's promise, described apart from its implementation. */
export interface Contract<View = unknown, Result = unknown> {
  readonly spec: ContractSpec;
  /** Schema of the view; without one, the view is passed on unchecked. */
  readonly input: StandardSchemaV1<unknown, View> | undefined;
  readonly output: StandardSchemaV1<unknown, Result>;
  /** Schemas of what it is told while it works. @default nothing */
  readonly signals?: SignalSchemas | undefined;
  /** `resolve` answers whether an effect in doubt happened; a contract with `onDoubt: "ask"` requires it. */
  implement(run: Implementation<View, Result>, resolve?: DoubtResolver<View, Result>): Agent;
}

// Without an input schema nothing is known of the view: `any` lets `context.input.who` read naturally.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type UntypedView = any;

export interface AgentDefinition<
  View,
  Result,
  Option extends LaterOption | undefined = LaterOption | undefined,
> {
  /** Lower-case; part of the agent's queue name. */
  readonly name: string;
  /** Context paths that the agent gets; a change of one makes its result stale. @default ["input"] */
  readonly reads?: readonly string[];
  /** The one section that it writes. @default its name */
  readonly writes?: string;
  /**
   * Its section is a memory, such as a conversation: the agent also reads it, and a run starts with the previous run's value.
   * Otherwise every run starts with an empty section.
   * @default false
   */
  readonly keeps?: boolean;
  readonly input?: StandardSchemaV1<unknown, View>;
  readonly output: StandardSchemaV1<unknown, Result>;
  /** Up to 900,000, Lambda's limit; with `later` up to 365 days. @default 30_000 */
  readonly timeoutMs?: number;
  /**
   * The agent may pass its task on with `task.later` and answer after its function has ended, until `timeoutMs` is over.
   * @default it answers itself
   */
  readonly later?: Option;
  /** @default two retries, 500 ms apart at first */
  readonly retries?: RetrySpec;
  /** `once`: the agent acts on the outside world; every execution claims first. @default "none" */
  readonly effect?: Effect;
  /** What happens to a result whose reads changed after its view. @default "rerun" */
  readonly onStale?: OnStale;
  /**
   * How often the host calls the door while the agent works, ms, at least 5,000: soon after the answer no longer counts (its
   * run was cancelled, its branch lost) `signal` aborts, and an attempt that falls silent fails before its timeout. Each call
   * costs an invocation, a read and a write.
   * @default never
   */
  readonly heartbeatMs?: number;
  /**
   * The agents that name the same group are hosted by one function (`hostAgents`), which goes on with the next task of its group
   * without a queue: the door's answer brings it. They share rights, memory and bundle. Lower-case, as a name of an agent.
   * @default the agent has a function of its own
   */
  readonly group?: string;
  /** For `once`: what happens to a claim without an outcome. @default "fail" */
  readonly onDoubt?: OnDoubt;
  /**
   * What it may be told while it works (`task.signals`): name to the schema of the data; other names are refused.
   * @default nothing
   */
  readonly signals?: SignalSchemas;
  /**
   * Where its result contains personal values, such as `["name", "address.street"]`, for tenants that declare any; or that
   * there are none, and why.
   * @default the whole result, if the agent reads a personal path
   */
  readonly personal?: PersonalPromise;
}

/** Sections that the spine itself writes; no agent may own them. */
export const RESERVED_SECTIONS: readonly string[] = [
  "input",
  "session",
  "constraints",
  "confidence",
  "item",
  "event",
  "undo",
  "before",
];

const PATH = /^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$/;
const SECTION = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
/** With shorter intervals a heartbeat would cost more than the work it saves. */
export const MIN_HEARTBEAT_MS = 5_000;
/** Lambda's own limit. */
export const MAX_TIMEOUT_MS = 900_000;

/** The longest that an attempt may take: what is passed on outlives Lambda's functions. */
export const longestTimeMs = ({ functionMs }: Pick<ContractSpec, "functionMs">): number =>
  functionMs === undefined ? MAX_TIMEOUT_MS : MAX_LIFE_MS;

/**
 * Describes an agent. Throws `contract.invalid` with every problem found.
 *
 * @example
 * const greeter = defineAgent({ name: "greeter", reads: ["input"], output: z.object({ text: z.string() }) });
 */
export function defineAgent<Result, View = UntypedView, Option extends LaterOption | undefined = undefined>(
  definition: AgentDefinition<View, Result, Option>,
): ContractFor<View, Result, Option> {
  const name = parseAgentName(definition.name, "name");
  const reads = definition.reads ?? ["input"];
  const writes = definition.writes ?? name.replaceAll("-", "_");
  const { timeoutMs = 30_000, later } = definition;
  const spec: ContractSpec = {
    name,
    reads: definition.keeps === true && !reads.includes(writes) ? [...reads, writes] : reads,
    writes,
    timeoutMs,
    retries: definition.retries ?? { max: 2, backoffMs: 500 },
    effect: definition.effect ?? Effect.none,
    onStale: definition.onStale ?? OnStale.rerun,
    onDoubt: definition.onDoubt ?? OnDoubt.fail,
    ...(definition.keeps === true && { keeps: true }),
    ...(definition.heartbeatMs !== undefined && { heartbeatMs: definition.heartbeatMs }),
    ...(later !== undefined && { functionMs: functionTimeOf(later, timeoutMs) }),
    ...(definition.group !== undefined && { group: parseAgentName(definition.group, "group") }),
    ...(definition.personal !== undefined && { personal: personalOf(definition.personal) }),
    ...(definition.signals !== undefined && { signals: Object.keys(definition.signals).sort() }),
  };
  const problems = [
    ...findProblems(spec),
    ...personalProblems(definition.personal, (text) => PATH.test(text)),
    ...signalProblems(definition.signals),
  ];
  if (problems.length > 0) {
    const text = problems.map((p) => `${p.field}: ${p.problem}. ${p.repair}`).join(" ");
    throw new SpineError("contract.invalid", `Contract "${name}" is not usable. ${text}`, {
      problems,
      whole: true,
    });
  }
  // What `implement` takes follows from the very `later` that the type follows from.
  return contractOf({
    spec,
    input: definition.input,
    output: definition.output,
    signals: definition.signals,
  }) as ContractFor<View, Result, Option>;
}

/** A contract of checked parts. */
export function contractOf<View, Result>(
  parts: Pick<Contract<View, Result>, "spec" | "input" | "output" | "signals">,
): Contract<View, Result> {
  const { spec } = parts;
  const contract: Contract<View, Result> = {
    ...parts,
    // The host validates view and result with this very contract's schemas before they meet the typed code.
    implement: (run, resolve) => {
      if (spec.onDoubt === OnDoubt.ask && resolve === undefined) throw missingResolver(spec.name);
      return {
        contract: contract as Contract,
        run: run as unknown as Implementation<JsonObject, Json>,
        // Of the same view, as validated.
        ...(resolve !== undefined && { resolve: resolve as unknown as DoubtResolver<JsonObject, Json> }),
      };
    },
  };
  return contract;
}

function missingResolver(name: string): SpineError {
  const problem = 'is missing, but the contract has onDoubt: "ask"';
  const repair = "Give implement() a second function that asks the target whether the effect happened.";
  return new SpineError("contract.invalid", `Agent "${name}" is not usable. resolve: ${problem}. ${repair}`, {
    problems: [{ field: "resolve", problem, repair }],
  });
}

function findProblems(spec: ContractSpec): Problem[] {
  const problems: Problem[] = [];
  const check = (ok: boolean, field: string, problem: string, repair: string) => {
    if (!ok) problems.push({ field, problem, repair });
  };
  check(spec.reads.length > 0, "reads", "is empty", 'Name at least one context path, such as "input".');
  for (const path of spec.reads) {
    check(
      PATH.test(path),
      "reads",
      `"${path}" is not a context path`,
      'Use dotted names such as "inquiry.intent".',
    );
    check(
      path !== "before",
      "reads",
      '"before" names no section',
      'Name a section of the earlier run, such as "before.offers".',
    );
  }
  const ownable = SECTION.test(spec.writes) && !RESERVED_SECTIONS.includes(spec.writes);
  check(
    ownable,
    "writes",
    `"${spec.writes}" cannot be an agent's section`,
    `Use one name without dots, none of ${RESERVED_SECTIONS.join(", ")}.`,
  );
  check(
    isWhole(spec.timeoutMs, 1, longestTimeMs(spec)),
    "timeoutMs",
    `${inWords(spec.timeoutMs)} is out of range`,
    `Use 1 to ${longestTimeMs(spec)}.`,
  );
  const { functionMs = 1 } = spec;
  const mostOfFunction = Math.max(1, Math.min(MAX_TIMEOUT_MS, spec.timeoutMs));
  check(
    isWhole(functionMs, 1, mostOfFunction),
    "later.functionMs",
    `${inWords(functionMs)} is out of range`,
    `Use 1 to ${mostOfFunction}, which is no more than timeoutMs.`,
  );
  const { heartbeatMs = MIN_HEARTBEAT_MS } = spec;
  check(
    isWhole(heartbeatMs, MIN_HEARTBEAT_MS, Math.max(MIN_HEARTBEAT_MS, spec.timeoutMs - 1)),
    "heartbeatMs",
    `${inWords(heartbeatMs)} is out of range`,
    `Use ${MIN_HEARTBEAT_MS} or more, and less than timeoutMs; or leave it out.`,
  );
  check(
    isWhole(spec.retries.max, 0, 10),
    "retries.max",
    `${inWords(spec.retries.max)} is out of range`,
    "Use 0 to 10.",
  );
  check(
    isWhole(spec.retries.backoffMs, 0, MAX_TIMEOUT_MS),
    "retries.backoffMs",
    `${inWords(spec.retries.backoffMs)} is out of range`,
    `Use 0 to ${MAX_TIMEOUT_MS}.`,
  );
  if (typeof spec.onDoubt === "object") {
    const { person, timeoutMs } = spec.onDoubt;
    check(person.trim() !== "", "onDoubt.person", "is empty", "Write the question to ask.");
    check(
      isWhole(timeoutMs, 1, MAX_LIFE_MS),
      "onDoubt.timeoutMs",
      `${inWords(timeoutMs)} is out of range`,
      `Use 1 to ${MAX_LIFE_MS}.`,
    );
  }
  const asks = spec.onDoubt === OnDoubt.ask || typeof spec.onDoubt === "object";
  check(
    !asks || spec.effect === Effect.once,
    "onDoubt",
    'is only for effects, and effect is "none"',
    'Add effect: "once", or leave onDoubt out.',
  );
  return problems;
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
