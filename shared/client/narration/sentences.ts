import { visitPlan } from "#core/flow/visit-plan.ts";
import type { CompiledFlow } from "#core/flow/plan.ts";
import type { SessionEvents, SessionEventType } from "#core/session/events.ts";
import type { Command, Failure } from "#core/session/input.ts";
import { locate } from "#core/session/places.ts";
import { plainPath } from "#core/session/sheet.ts";
import { isLive, type SessionState } from "#core/session/state.ts";
import { list, short, valueText } from "./words.ts";

/** One event in words: who did what. Each view chooses what it shows of it. */
export interface Fact {
  readonly who: string;
  readonly what: string;
  /** An attempt that begins or ends with it; between the two something runs. */
  readonly begins?: string;
  readonly ends?: string;
  /**
   * What it is beside plain progress: `decision` and `trouble` say why a session went as it did, and so does a `detail`, which is too small
   * for a timeline.
   */
  readonly kind?: "trouble" | "reply" | "decision" | "detail";
}

/** What a sentence is made of beside its event: the state before it, its time, and what the log said until then. */
export interface Setting {
  readonly state: SessionState;
  readonly at: number;
  readonly flows: ReadonlyMap<string, CompiledFlow>;
  /** Who works on a task, or did so last. */
  readonly agents: ReadonlyMap<string, string>;
  /** What went wrong with a task last. */
  readonly causes: ReadonlyMap<string, string>;
}

export type Sentences = {
  readonly [Type in SessionEventType]: (data: SessionEvents[Type], setting: Setting) => Fact | undefined;
};

const SPINE = "spine";
const spine = (what: string, kind?: Fact["kind"]): Fact => ({ who: SPINE, what, ...(kind && { kind }) });
const trouble = (what: string): Fact => spine(what, "trouble");
const decision = (what: string): Fact => spine(what, "decision");
/** What only says how the spine does it. */
const technical = () => undefined;

const lane = ({ task, attempt }: { readonly task: string; readonly attempt: number }) => `${task}/${attempt}`;
const agentOf = ({ agents }: Setting, task: string): string => agents.get(task) ?? "an agent";
const attemptText = (attempt: number): string => (attempt > 1 ? `attempt ${attempt} ` : "");
const span = (from: number, to: number): string => `${Math.max(0, to - from)} ms`;

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

/** The condition that a choice went by, and what its conditions saw. */
function choiceText({
  step,
  branch,
  condition,
  values = {},
  errors = [],
}: SessionEvents["ChoiceMade"]): string {
  const why = condition === undefined ? "no condition holds" : short(condition, 70);
  const seen = Object.entries(values).map(([path, value]) => `${path} is ${valueText(value, 30)}`);
  return `chooses ${branch} of ${step}: ${why}${seen.length > 0 ? ` (${list(seen)})` : ""}${unevaluated(errors)}`;
}

const unevaluated = (errors: readonly string[] = []): string =>
  errors.length === 0 ? "" : `; not evaluated: ${errors.join("; ")}`;

/** What became of an event at first sight, where that is not the start of a run. */
function disposed(
  fact: Fact,
  { disposition = "triggers", errors, reason }: Partial<SessionEvents["InputReleased"]>,
): Fact {
  const why = {
    ignored: ": no step waits for it, and no flow's condition holds",
    rejected: reason && `: ${reason}`,
  };
  const word = disposition === "ignored" || disposition === "rejected" ? (why[disposition] ?? "") : "";
  const what = `${fact.what}${disposition === "triggers" ? "" : ` (${disposition}${word})`}${unevaluated(errors)}`;
  if (errors !== undefined || disposition === "rejected") return { ...fact, what, kind: "trouble" };
  return { ...fact, what, ...(disposition === "ignored" && { kind: "decision" }) };
}

/** What nobody undid of a run that did not complete. */
const notUndone = (
  { uncompensated = [] }: { readonly uncompensated?: readonly string[] },
  setting: Setting,
) =>
  uncompensated.length === 0
    ? ""
    : `; not undone: what ${list(uncompensated.map((task) => agentOf(setting, task)))} did (${uncompensated.join(", ")})`;

function transformText(set: SessionEvents["ContextTransformed"]["set"]): string {
  const cleared = Object.entries(set).filter(([, value]) => value === null);
  const written = Object.entries(set).filter(([, value]) => value !== null);
  return [
    ...written.map(([path, value]) => `sets ${plainPath(path)} to ${valueText(value, 60)}`),
    ...(cleared.length > 0 ? [`clears ${list(cleared.map(([path]) => plainPath(path)))}`] : []),
  ].join("; ");
}

const commandText = (command: Command): string => {
  if (command.type === "fork") return `fork as of ${command.at}, to ${command.session}`;
  return `${command.type}, ${"reason" in command ? command.reason : command.task}`;
};

const errorText = ({ code, message }: Failure): string => `${short(message)} (${code})`;

/** A run that queues behind another; what starts at once or pushes others aside says so itself. */
const mustWait = ({ state }: Setting, onBusy: SessionEvents["RunQueued"]["onBusy"]): boolean =>
  onBusy === "queue" && Object.values(state.runs).some((other) => other.onBusy !== "parallel");

/** A producer's name without the account that it is in: `arn:aws:iam::111122223333:role/shop` is `shop`. */
const producer = (source: string): string =>
  source.startsWith("arn:") ? (source.split("/").at(-1) ?? source) : source;

/** What effects did stays, whatever became of their run. */
const standingText = (stands: readonly string[] = []): string =>
  stands.length === 0 ? "" : `; ${list(stands)} stands`;

function policyText({ policy, asks }: SessionEvents["EffectInDoubt"]): string {
  if (typeof policy === "object")
    return asks === "agent" ? "the agent asks its target" : `a person is asked: ${policy.person}`;
  return policy === "ask" ? "the agent asks its target" : `its contract says ${policy}`;
}

const AFTER_STALE = {
  rerun: "it runs again",
  drop: "its result is dropped",
  "give-up": "the rerun limit is reached",
} as const;

/** One sentence for each event; none for those that only say how the spine does it. */
export const SENTENCES: Sentences = {
  InputAccepted: (data) =>
    disposed(
      {
        who: producer(data.input.source),
        what: `${data.input.type} ${data.input.id}: ${valueText(data.input.data)}`,
      },
      data,
    ),
  InputHeld: ({ input, dueAt }, setting) => ({
    who: producer(input.source),
    what: `${input.type} ${input.id}, numbered ${input.ordinal ?? "?"}, came before its predecessor: it is held for ${span(setting.at, dueAt)}`,
    kind: "decision",
  }),
  InputReleased: (data) =>
    disposed({ who: producer(data.source), what: `the held input ${data.ordinal} runs` }, data),
  OrdinalGapRecorded: ({ source, from, to }) =>
    trouble(`goes on without the inputs ${from} to ${to} of ${producer(source)}: they did not come in time`),
  InputQuarantined: ({ source, id, error }) =>
    trouble(`quarantines ${id} of ${producer(source)}: ${errorText(error)}`),
  CommandGiven: ({ source, command }) => ({
    who: producer(source),
    what: `commands: ${commandText(command)}`,
  }),
  TaskSignalled: ({ input, tasks }, setting) => ({
    who: producer(input.source),
    what: `signals ${list([...new Set(tasks.map((task) => agentOf(setting, task)))])}: ${input.name} ${valueText(input.data)}`,
  }),
  SignalIgnored: ({ input, reason }) => ({
    who: producer(input.source),
    what: `signals ${input.to}: ${input.name} is ignored, ${reason}`,
    kind: "decision",
  }),
  DeadLetterRecorded: ({ letter }) => trouble(`dead letter of ${letter.queue}: ${letter.reason}`),
  DeadlinePassed: technical,
  SessionForked: ({ source, origin, changed }) => ({
    who: producer(source),
    what: `forks ${origin.session} as of ${origin.at}${changed.length > 0 ? ` with another ${list(changed)}` : ""}`,
  }),
  RunCarried: ({ run }, setting) => spine(`goes on with ${nameOf(setting, run)}`),
  EventCarried: ({ type }) => spine(`still keeps ${type}`, "detail"),
  OutcomeReused: ({ task, from, differs }, setting) => ({
    who: agentOf(setting, task),
    what: `is not called: its answer at ${from} of the origin counts${differs ? ", although it would see something else now: its effect is not performed again" : ""}`,
    kind: differs === true ? "trouble" : "decision",
  }),
  EventKept: ({ type, runs }, setting) =>
    decision(`keeps ${type} until a step of ${list(runs.map((run) => nameOf(setting, run)))} waits for it`),
  KeptEventPassed: ({ type, event, passed, waits }) =>
    decision(
      `offers ${type} at ${event} in vain: ${passed.map(({ step, reason }) => `${step}, ${reason}`).join("; ")}${waits > passed.length ? `; and ${waits - passed.length} more` : ""}`,
    ),
  KeptEventTaken: technical,
  KeptEventDropped: ({ type, event }) => trouble(`drops the kept ${type} at ${event}: no step took it`),
  DecisionStopped: () =>
    spine("the commit is as large as one may be: the rest is decided at once in the next one", "detail"),
  DecisionResumed: technical,
  FlowStored: technical,
  RunQueued: ({ name, trigger, onBusy }, setting) =>
    mustWait(setting, onBusy) ? spine(`${name} for the event at ${trigger} is queued`) : undefined,
  RunStarted: ({ run }, setting) => spine(`starts ${nameOf(setting, run)}`),
  RunSuspended: ({ run }, setting) => decision(`suspends ${nameOf(setting, run)} for an urgent run`),
  RunResumed: ({ run }, setting) => spine(`resumes ${nameOf(setting, run)}`),
  RunCompleted: ({ run }, setting) => spine(`${nameOf(setting, run)} has ended`),
  RunFailed: (data, setting) =>
    trouble(
      `${nameOf(setting, data.run)} failed: ${errorText(data.error)}${notUndone(data, setting)}${standingText(data.stands)}`,
    ),
  RunCancelled: (data, setting) =>
    trouble(
      `cancels ${nameOf(setting, data.run)}: ${data.reason}${notUndone(data, setting)}${standingText(data.stands)}`,
    ),
  CompensationStarted: ({ run, ending }, setting) =>
    trouble(
      `undoes what ${nameOf(setting, run)} did: it ${ending.how === "failed" ? "failed" : "was cancelled"}`,
    ),
  KeptSectionChanged: ({ step, slot, action }) =>
    trouble(
      action === "rerun"
        ? `lets ${step} run again: ${plainPath(slot)}, which it keeps, changed after it had written it`
        : `${plainPath(slot)}, which ${step} keeps, changed after it had written it; what it wrote counts`,
    ),
  RunRejected: ({ name, reason }) => trouble(`does not start ${name}: ${reason}`),
  ReplySent: ({ to, body, failed }) =>
    spine(`replies to ${to}: ${valueText(body, 400)}`, failed ? "trouble" : "reply"),
  BudgetExhausted: ({ run, budget, limit }, setting) =>
    trouble(`${nameOf(setting, run)} has no ${budget} left of ${limit}`),
  SessionStopped: ({ reason }) => spine(`the session is stopped: ${reason}`),
  SessionDeadlineSet: ({ at }, setting) => decision(`the session must be over in ${span(setting.at, at)}`),
  StepStarted: ({ run, step, kind }, setting) =>
    kind === "parallel" ? forkFact(run, step, setting) : undefined,
  ChoiceMade: (data) => decision(choiceText(data)),
  MapStarted: ({ items }) =>
    spine(Array.isArray(items) ? `goes through ${items.length} items` : "goes through items that are sealed"),
  WaitStarted: ({ event }) => spine(`waits for ${event}`),
  WaitSatisfied: ({ by, step, kept }) =>
    kept
      ? decision(`${step} takes the event at ${by}, which was kept for it`)
      : spine(`receives the event at ${by}`),
  WaitExpired: ({ step }) => trouble(`what ${step} waited for did not come in time`),
  HumanAsked: ({ question }) => spine(`asks a person: ${question}`),
  HumanAnswered: ({ input, from }) => ({
    who: producer(input.source),
    what: `a person ${from === undefined ? "answers" : `answered at ${from} of the origin`}: ${valueText(input.value)}`,
    kind: "decision",
  }),
  DoubtSettled: ({ input, happened }) => ({
    who: producer(input.source),
    what: `a person found that the effect ${happened ? "happened" : "did not happen"}`,
    kind: "decision",
  }),
  HumanExpired: () => trouble("nobody answered in time"),
  ContextTransformed: ({ set }) => spine(transformText(set)),
  EventEmitted: (data) => disposed(spine(`emits ${data.type}: ${valueText(data.data)}`), data),
  JoinDecided: ({ winners, lingering = [], partial }) =>
    spine(
      `joins ${list(winners)}${partial ? " at its timeout" : ""}${lingering.length > 0 ? `; ${list(lingering)} may finish` : ""}`,
      "decision",
    ),
  StepCompleted: technical,
  StepFailed: ({ step, error }) => trouble(`${step} failed: ${errorText(error)}`),
  StepCancelled: ({ reason }) => spine(`the step is cancelled: ${reason}`),
  TaskCreated: technical,
  AttemptDispatched: (data, setting) => ({
    who: data.agent,
    what: `${data.attempt > 1 ? `attempt ${data.attempt} ` : ""}works on ${list(readsOf(setting, data.task, data.agent))}, as of ${data.asOf}`,
    begins: lane(data),
  }),
  HeartbeatSeen: (data, setting) => ({
    who: agentOf(setting, data.task),
    what: `${attemptText(data.attempt)}${data.at === undefined ? "has not begun" : `was heard of ${span(data.at, setting.at)} ago`}`,
    kind: "detail",
  }),
  AnswerApplied: (data, setting) => ({
    who: agentOf(setting, data.task),
    what: `answers ${valueText(data.result)}${data.confidence === undefined ? "" : `, confidence ${data.confidence}`}${data.stale ? `; ${list(data.stale)} changed meanwhile, accepted by its contract` : ""}`,
    ends: lane(data),
    ...(data.stale && { kind: "decision" }),
  }),
  AnswerStale: (data, setting) => ({
    who: agentOf(setting, data.task),
    what: `its answer is stale, since ${list(data.changed)} changed after its view: ${AFTER_STALE[data.action]}`,
    ends: lane(data),
    kind: "trouble",
  }),
  AnswerUnusable: ({ task, error }, setting) =>
    trouble(`the session cannot hold the answer of ${agentOf(setting, task)}: ${errorText(error)}`),
  AnswerLate: ({ task, attempt }, setting) =>
    trouble(
      `an answer of ${agentOf(setting, task)} is only recorded: its attempt ${attempt} was fenced before`,
    ),
  AttemptFailed: (data, setting) => ({
    who: agentOf(setting, data.task),
    what: `${attemptText(data.attempt)}fails: ${errorText(data.error)}${data.held ? "; its effect was claimed, so its holder's end is awaited" : ""}`,
    ...(!data.held && { ends: lane(data) }),
    kind: "trouble",
  }),
  AttemptTimedOut: (data, setting) => ({
    who: agentOf(setting, data.task),
    what: `${attemptText(data.attempt)}${data.silentSince === undefined ? "times out" : `has failed: nothing was heard of it for ${span(data.silentSince, setting.at)}`}`,
    ends: lane(data),
    kind: "trouble",
  }),
  AttemptFenced: (data, setting) => ({
    who: agentOf(setting, data.task),
    what: `${attemptText(data.attempt)}is stopped: ${data.reason}${data.again ? "; it is dispatched anew later" : ""}`,
    ends: lane(data),
    kind: "decision",
  }),
  AgentUnavailable: ({ agent }) => trouble(`does not call ${agent}: its circuit breaker is open`),
  RetryScheduled: ({ task, dueAt }, setting) =>
    decision(`calls ${agentOf(setting, task)} again in ${span(setting.at, dueAt)}`),
  EffectClaimed: ({ task }, setting) => ({ who: agentOf(setting, task), what: "claims its effect" }),
  ClaimRefused: (data, setting) => ({
    who: agentOf(setting, data.task),
    what: `may not act, since ${list(data.changed)} changed after its view`,
    ends: lane(data),
    kind: "trouble",
  }),
  EffectInDoubt: (data, setting) => ({
    who: SPINE,
    what: `nobody knows whether the effect of ${agentOf(setting, data.task)} happened: ${policyText(data)}`,
    ends: lane(data),
    kind: "trouble",
  }),
  FallbackTaken: ({ task, type, agent }, setting) =>
    decision(
      `falls back for ${agentOf(setting, task)}: ${agent ?? type}, since ${setting.causes.get(task) ?? "it could not be dispatched"}`,
    ),
  ValueFilled: ({ task, value, by }, setting) =>
    spine(
      `fills the slot of ${agentOf(setting, task)} with ${by === "value" ? "" : "the last known "}${valueText(value)}`,
    ),
  TaskSkipped: ({ task, reason }, setting) => spine(`continues without ${agentOf(setting, task)}: ${reason}`),
  TaskFailed: ({ task, error }, setting) =>
    trouble(`${agentOf(setting, task)} failed for good: ${errorText(error)}`),
  DeadlineArmed: technical,
};

function forkFact(run: string, step: string, setting: Setting): Fact {
  const live = Object.values(setting.state.runs).find(({ id }) => id === run);
  const flow = flowOf(setting, run);
  const node =
    live !== undefined && flow !== undefined && isLive(live) ? locate(live, flow, step).node : undefined;
  return spine(`in parallel: ${node?.kind === "parallel" ? list(Object.keys(node.branches)) : step}`);
}
