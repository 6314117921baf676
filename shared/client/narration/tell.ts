import { evaluate, pathsOf } from "#core/condition.ts";
import type { CompiledFlow } from "#core/flow/plan.ts";
import { visitPlan } from "#core/flow/visit-plan.ts";
import type { RecordedEvent, SessionEvents, SessionEventType } from "#core/session/events.ts";
import { locate, scopeOf } from "#core/session/places.ts";
import { plainPath } from "#core/session/sheet.ts";
import { isLive, type SessionState } from "#core/session/state.ts";
import { list, short, valueText } from "./words.ts";

/** A meaningful fact of a session: who did what. */
export interface Fact {
  readonly who: string;
  readonly what: string;
  /** An attempt that begins or ends with it; between the two something runs. */
  readonly begins?: string;
  readonly ends?: string;
  readonly kind?: "trouble" | "reply" | "decision";
}

/** Where an event stands: the state before it, its time, and the flows that the log holds. */
export interface Setting {
  readonly state: SessionState;
  readonly at: number;
  readonly flows: ReadonlyMap<string, CompiledFlow>;
}

const SPINE = "spine";
const spine = (what: string, kind?: Fact["kind"]): Fact => ({ who: SPINE, what, ...(kind && { kind }) });
const trouble = (what: string): Fact => spine(what, "trouble");
const lane = ({ task, attempt }: { readonly task: string; readonly attempt: number }) => `${task}/${attempt}`;
const agentOf = ({ state }: Setting, task: string): string =>
  Object.values(state.tasks).find(({ id }) => id === task)?.agent ?? "an agent";

function flowOf({ state, flows }: Setting, run: string): CompiledFlow | undefined {
  const found = Object.values(state.runs).find(({ id }) => id === run);
  return found === undefined ? undefined : flows.get(found.flow);
}

const nameOf = (setting: Setting, run: string): string => flowOf(setting, run)?.name ?? "the run";

function readsOf(setting: Setting, task: string, agent: string): readonly string[] {
  const run = Object.values(setting.state.tasks).find(({ id }) => id === task)?.run;
  const flow = run === undefined ? undefined : flowOf(setting, run);
  const reads = new Set<string>();
  if (flow !== undefined) {
    visitPlan(flow.plan, ({ node }) => {
      if (node.kind === "task" && node.agent.name === agent)
        for (const path of node.agent.reads) reads.add(path);
    });
  }
  return [...reads];
}

/** The values that a choice looked at, so that its branch can be understood. */
function choiceText(data: SessionEvents["ChoiceMade"], setting: Setting): string {
  const run = Object.values(setting.state.runs).find(({ id }) => id === data.run);
  const flow = flowOf(setting, data.run);
  if (run === undefined || flow === undefined || !isLive(run)) return `chooses ${data.branch}`;
  const place = locate(run, flow, data.step);
  if (place.node.kind !== "choice") return `chooses ${data.branch}`;
  const conditions = data.condition === undefined ? place.node.when.map((arm) => arm.if) : [data.condition];
  const scope = scopeOf(setting.state, place);
  const values = [...new Set(conditions.flatMap(pathsOf))].map((path) => {
    const result = evaluate(path, scope);
    return `${path} is ${result.ok ? valueText(result.value, 30) : "missing"}`;
  });
  const why = data.condition === undefined ? "no condition holds" : short(data.condition, 70);
  const broken = data.errors === undefined ? "" : `; not evaluated: ${data.errors.join("; ")}`;
  return `chooses ${data.branch}: ${why} (${list(values)})${broken}`;
}

function transformText(set: SessionEvents["ContextTransformed"]["set"]): string {
  const cleared = Object.entries(set).filter(([, value]) => value === null);
  const written = Object.entries(set).filter(([, value]) => value !== null);
  return [
    ...written.map(([path, value]) => `sets ${plainPath(path)} to ${valueText(value, 60)}`),
    ...(cleared.length > 0 ? [`clears ${list(cleared.map(([path]) => plainPath(path)))}`] : []),
  ].join("; ");
}

/** A run that queues behind another; what starts at once or pushes others aside says so itself. */
const mustWait = ({ state }: Setting, onBusy: SessionEvents["RunQueued"]["onBusy"]): boolean =>
  onBusy === "queue" && Object.values(state.runs).some((other) => other.onBusy !== "parallel");

/** A producer's name without the account that it is in: `arn:aws:iam::111122223333:role/shop` is `shop`. */
const producer = (source: string): string =>
  source.startsWith("arn:") ? (source.split("/").at(-1) ?? source) : source;

/** What effects did stays, whatever became of their run. */
const standingText = (stands: readonly string[] = []): string =>
  stands.length === 0 ? "" : `; ${list(stands)} stands`;

type Tellers = {
  readonly [Type in SessionEventType]: (data: SessionEvents[Type], setting: Setting) => Fact | undefined;
};

const policyText = (policy: SessionEvents["EffectInDoubt"]["policy"]): string =>
  typeof policy === "string" ? policy : "a person looks";

/** What only says how the spine does it. */
const technical = () => undefined;

const TELLERS: Tellers = {
  InputAccepted: ({ input, disposition }) => ({
    who: producer(input.source),
    what: `${input.type} ${input.id}: ${valueText(input.data)}${disposition === "triggers" ? "" : ` (${disposition})`}`,
  }),
  InputHeld: ({ input }) => ({
    who: producer(input.source),
    what: `${input.type} ${input.id}, numbered ${input.ordinal ?? "?"}, is held`,
  }),
  InputReleased: ({ source, ordinal }) => ({ who: producer(source), what: `the held input ${ordinal} runs` }),
  OrdinalGapRecorded: ({ source, from, to }) =>
    trouble(`goes on without the inputs ${from} to ${to} of ${producer(source)}`),
  InputQuarantined: ({ source, id, error }) =>
    trouble(`quarantines ${id} of ${producer(source)}: ${error.message}`),
  CommandGiven: ({ source, command }) => ({
    who: producer(source),
    what: `commands: ${command.type}, ${"reason" in command ? command.reason : command.task}`,
  }),
  DeadLetterRecorded: ({ letter }) => trouble(`a message of ${letter.queue} was given up: ${letter.reason}`),
  DeadlinePassed: technical,
  EventKept: ({ type }) => spine(`keeps ${type} for a step that will wait for it`),
  KeptEventPassed: ({ event }) => spine(`offers the event at ${event} to a step, which does not want it`),
  KeptEventTaken: technical,
  KeptEventDropped: ({ type, event }) => trouble(`gives up the kept ${type} at ${event}: no step wanted it`),
  DecisionStopped: technical,
  DecisionResumed: technical,
  FlowStored: technical,
  RunQueued: ({ name, trigger, onBusy }, setting) =>
    mustWait(setting, onBusy) ? spine(`${name} for the event at ${trigger} waits for its turn`) : undefined,
  RunStarted: ({ run }, setting) => spine(`starts ${nameOf(setting, run)}`),
  RunSuspended: ({ run }, setting) => spine(`suspends ${nameOf(setting, run)} for an urgent run`),
  RunResumed: ({ run }, setting) => spine(`goes on with ${nameOf(setting, run)}`),
  RunCompleted: ({ run }, setting) => spine(`${nameOf(setting, run)} has ended`),
  RunFailed: ({ run, error, stands }, setting) =>
    trouble(`${nameOf(setting, run)} failed: ${error.message}${standingText(stands)}`),
  RunCancelled: ({ run, reason, stands }, setting) =>
    trouble(`cancels ${nameOf(setting, run)}: ${reason}${standingText(stands)}`),
  CompensationStarted: ({ run, ending }, setting) =>
    trouble(
      `undoes what ${nameOf(setting, run)} did: it ${ending.how === "failed" ? "failed" : "was cancelled"}`,
    ),
  KeptSectionChanged: ({ step, action }) =>
    trouble(
      action === "rerun"
        ? `lets ${step} run again: what it remembers changed meanwhile`
        : `what ${step} remembers changed meanwhile, and its own value counts`,
    ),
  RunRejected: ({ name, reason }) => trouble(`does not start ${name}: ${reason}`),
  ReplySent: ({ to, body, failed }) =>
    spine(`replies to ${to}: ${valueText(body, 400)}`, failed ? "trouble" : "reply"),
  BudgetExhausted: ({ budget, limit }) => trouble(`no ${budget} left of ${limit}`),
  SessionStopped: ({ reason }) => spine(`the session is stopped: ${reason}`),
  SessionDeadlineSet: ({ at }, setting) =>
    spine(`the session must be over in ${Math.max(0, at - setting.at)} ms`),
  StepStarted: ({ run, step, kind }, setting) =>
    kind === "parallel" ? forkFact(run, step, setting) : undefined,
  ChoiceMade: (data, setting) => spine(choiceText(data, setting), "decision"),
  MapStarted: ({ items }) => spine(`goes through ${items.length} items`),
  WaitStarted: ({ event }) => spine(`waits for ${event}`),
  WaitSatisfied: ({ by }) => spine(`the event at ${by} is what was waited for`),
  WaitExpired: () => trouble("what was waited for did not come in time"),
  HumanAsked: ({ question }) => spine(`asks a person: ${question}`),
  HumanAnswered: ({ input }) => ({
    who: producer(input.source),
    what: `a person answers: ${valueText(input.value)}`,
    kind: "decision",
  }),
  DoubtSettled: ({ input, happened }) => ({
    who: producer(input.source),
    what: `a person found that the effect ${happened ? "happened" : "did not happen"}`,
    kind: "decision",
  }),
  HumanExpired: () => trouble("nobody answered in time"),
  ContextTransformed: ({ set }) => spine(transformText(set)),
  EventEmitted: ({ type, data }) => spine(`emits ${type}: ${valueText(data)}`),
  JoinDecided: ({ winners, lingering = [], partial }) =>
    spine(
      `joins ${list(winners)}${partial ? ", the time is over" : ""}${lingering.length > 0 ? `; ${list(lingering)} may finish` : ""}`,
      "decision",
    ),
  StepCompleted: technical,
  StepFailed: ({ error }) => trouble(`the step failed: ${error.message}`),
  StepCancelled: ({ reason }) => spine(`the step is cancelled: ${reason}`),
  TaskCreated: technical,
  AttemptDispatched: (data, setting) => ({
    who: data.agent,
    what: `${data.attempt > 1 ? `attempt ${data.attempt} ` : ""}works on ${list(readsOf(setting, data.task, data.agent))}, as of ${data.asOf}`,
    begins: lane(data),
  }),
  HeartbeatSeen: technical,
  AnswerApplied: (data, setting) => ({
    who: agentOf(setting, data.task),
    what: `answers ${valueText(data.result)}${data.confidence === undefined ? "" : `, confidence ${data.confidence}`}${data.stale ? `; ${list(data.stale)} changed meanwhile, accepted` : ""}`,
    ends: lane(data),
  }),
  AnswerStale: (data, setting) => ({
    who: agentOf(setting, data.task),
    what: `its answer is stale: ${list(data.changed)} changed meanwhile; ${data.action}`,
    ends: lane(data),
    kind: "trouble",
  }),
  AnswerUnusable: ({ error }) => trouble(`cannot take an answer: ${error.message}`),
  AnswerLate: () => trouble("an answer came too late and is not applied"),
  AttemptFailed: (data, setting) => ({
    who: agentOf(setting, data.task),
    what: `fails: ${short(data.error.message)}${data.held ? "; what became of its effect is in doubt" : ""}`,
    ...(!data.held && { ends: lane(data) }),
    kind: "trouble",
  }),
  AttemptTimedOut: (data, setting) => ({
    who: agentOf(setting, data.task),
    what: "gives no answer in time",
    ends: lane(data),
    kind: "trouble",
  }),
  AttemptFenced: (data, setting) => ({
    who: agentOf(setting, data.task),
    what: `is stopped: ${data.reason}`,
    ends: lane(data),
  }),
  AgentUnavailable: ({ agent }) => trouble(`does not call ${agent}: its circuit breaker is open`),
  RetryScheduled: ({ task, dueAt }, setting) =>
    spine(`calls ${agentOf(setting, task)} again in ${Math.max(0, dueAt - setting.at)} ms`),
  EffectClaimed: ({ task }, setting) => ({ who: agentOf(setting, task), what: "claims its effect" }),
  ClaimRefused: (data, setting) => ({
    who: agentOf(setting, data.task),
    what: `may not act: ${list(data.changed)} changed meanwhile`,
    ends: lane(data),
    kind: "trouble",
  }),
  EffectInDoubt: (data, setting) => ({
    who: SPINE,
    what: `it is in doubt what ${agentOf(setting, data.task)} did; policy: ${policyText(data.policy)}`,
    ends: lane(data),
    kind: "trouble",
  }),
  FallbackTaken: ({ task, type, agent }, setting) =>
    spine(`falls back for ${agentOf(setting, task)}: ${agent ?? type}`, "decision"),
  ValueFilled: ({ task, value, by }, setting) =>
    spine(
      `fills the slot of ${agentOf(setting, task)} with ${by === "value" ? "" : "the last known "}${valueText(value)}`,
    ),
  TaskSkipped: ({ task, reason }, setting) => spine(`goes on without ${agentOf(setting, task)}: ${reason}`),
  TaskFailed: ({ task, error }, setting) =>
    trouble(`${agentOf(setting, task)} failed for good: ${error.message}`),
  DeadlineArmed: technical,
};

function forkFact(run: string, step: string, setting: Setting): Fact {
  const live = Object.values(setting.state.runs).find(({ id }) => id === run);
  const flow = flowOf(setting, run);
  const node =
    live !== undefined && flow !== undefined && isLive(live) ? locate(live, flow, step).node : undefined;
  return spine(`side by side: ${node?.kind === "parallel" ? list(Object.keys(node.branches)) : step}`);
}

/** Tells one event; nothing for those that only say how the spine does it. */
export function tell(event: RecordedEvent, setting: Setting): Fact | undefined {
  // The table ties each type to its data, which an index by a union cannot express.
  const teller = TELLERS[event.type] as (data: unknown, setting: Setting) => Fact | undefined;
  return teller(event.data, setting);
}
