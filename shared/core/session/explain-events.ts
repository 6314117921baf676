import type { TaskId } from "../ids.ts";
import type { Json } from "../json.ts";
import type { RecordedEvent, SessionEvents } from "./events.ts";
import { isoTime } from "./iso-time.ts";
import { replaceValues } from "./personal/commit-values.ts";
import { wordsFor } from "./personal/markers.ts";
import { plainPath } from "./sheet.ts";

/** Why things were decided as they were, from the events of a commit, one sentence each. Plain progress needs no reason and has none here. */
export function explainEvents(events: readonly RecordedEvent[]): readonly string[] {
  const agents = new Map<TaskId, string>();
  const causes = new Map<TaskId, string>();
  const who = (task: TaskId): string => agents.get(task) ?? `task ${task}`;
  return events.map(withoutMarkers).flatMap((event) => {
    note(event, agents, causes);
    const sentence = reasonOf(event, who, (task) => causes.get(task));
    return sentence === undefined ? [] : [sentence];
  });
}

/** Sentences are about texts: where one is sealed or erased, they say that it is. */
function withoutMarkers(event: RecordedEvent): RecordedEvent {
  // An event is plain data; the type only lacks the index signature. Its shape is that of what was stored.
  return replaceValues(event as unknown as Json, wordsFor) as unknown as RecordedEvent;
}

/** Remembers who works on a task and what went wrong with it last. */
function note({ type, data }: RecordedEvent, agents: Map<TaskId, string>, causes: Map<TaskId, string>): void {
  if (type === "TaskCreated" || type === "AttemptDispatched" || type === "AgentUnavailable")
    agents.set(data.task, data.agent);
  if (type === "AttemptFailed") causes.set(data.task, `${data.error.code}, ${data.error.message}`);
  if (type === "AnswerUnusable") causes.set(data.task, `${data.error.code}, ${data.error.message}`);
  if (type === "AttemptTimedOut") causes.set(data.task, "it gave no answer in time");
  if (type === "AgentUnavailable") causes.set(data.task, "its circuit breaker is open");
  if (type === "EffectInDoubt") causes.set(data.task, "its effect is in doubt");
  if (type === "AnswerStale" || type === "ClaimRefused")
    causes.set(data.task, `${data.changed.join(", ")} changed under it`);
  if (type === "HumanExpired" && data.task !== undefined) causes.set(data.task, "nobody answered in time");
}

function reasonOf(
  { type, data }: RecordedEvent,
  who: (task: TaskId) => string,
  causeOf: (task: TaskId) => string | undefined,
): string | undefined {
  switch (type) {
    case "InputAccepted":
      return disposedText(data.input.type, data);
    case "InputReleased":
      return disposedText(`Number ${data.ordinal} of ${data.source}`, data);
    case "EventEmitted":
      return disposedText(data.type, data);
    case "EventKept":
      return `${data.type} is kept until a step of ${data.runs.map((run) => `run ${run}`).join(" or ")} waits for it.`;
    case "KeptEventPassed": {
      const reasons = data.passed.map(({ step, reason }) => `${step}: ${reason}`).join("; ");
      const more = data.waits > data.passed.length ? `; and ${data.waits - data.passed.length} more` : "";
      return `${data.type} of event ${data.event} was offered and not taken (${reasons}${more}).`;
    }
    case "WaitSatisfied":
      return data.kept ? `${data.step} took the event ${data.by}, which was kept for it.` : undefined;
    case "KeptEventDropped":
      return `${data.type} of event ${data.event} was kept in vain: the last run that might have waited for it has ended.`;
    case "InputHeld":
      return `${data.input.type}, number ${data.input.ordinal}, came before its predecessor and is held until ${isoTime(data.dueAt)}.`;
    case "OrdinalGapRecorded":
      return `Numbers ${data.from} to ${data.to} of ${data.source} did not come in time; what waited for them runs.`;
    case "InputQuarantined":
      return `The ${data.kind} ${data.id} of ${data.source} is unusable: ${data.error.message}`;
    case "ChoiceMade": {
      const why = data.condition === undefined ? "no condition holds" : `${data.condition} holds`;
      const values = Object.entries(data.values ?? {}).map(
        ([path, value]) => `${path} = ${JSON.stringify(value)}`,
      );
      const seen = values.length > 0 ? ` (${values.join(", ")})` : "";
      const errors = (data.errors ?? []).map((error) => `; ${error}`).join("");
      return `${data.step} took ${data.branch}: ${why}${seen}${errors}.`;
    }
    case "JoinDecided":
      return `${data.step} was decided by ${data.winners.join(", ")}${data.partial ? ", what was done when its time was over" : ""}.`;
    case "StepFailed":
      return `${data.step} failed: ${data.error.code}, ${data.error.message}`;
    case "WaitExpired":
      return `${data.step} waited in vain.`;
    case "AnswerStale": {
      const then = {
        rerun: "it runs again",
        drop: "its result is dropped",
        "give-up": "it ran often enough",
      }[data.action];
      return `The result of ${who(data.task)} (attempt ${data.attempt}) is stale since ${data.changed.join(", ")} changed after its view: ${then}.`;
    }
    case "AnswerApplied":
      return data.stale === undefined
        ? undefined
        : `The result of ${who(data.task)} is applied, stale as it is by its contract: ${data.stale.join(", ")} changed after its view.`;
    case "AnswerUnusable":
      return `The result of ${who(data.task)} (attempt ${data.attempt}) arrived, and the session cannot hold it: ${data.error.message}`;
    case "DecisionStopped":
      return "The commit is as large as one may be: the rest is decided at once in the next one.";
    case "AnswerLate":
      return `The answer to attempt ${data.attempt} of ${who(data.task)} is only recorded: the attempt was fenced before.`;
    case "AttemptFailed":
      return `Attempt ${data.attempt} of ${who(data.task)} failed: ${data.error.code}, ${data.error.message}${data.held === true ? "; its effect was claimed, so its holder's end is awaited" : ""}`;
    case "AttemptTimedOut":
      if (data.silentSince !== undefined)
        return `Attempt ${data.attempt} of ${who(data.task)} has failed: nothing was heard of it since ${isoTime(data.silentSince)}.`;
      return `Attempt ${data.attempt} of ${who(data.task)} gave no answer in time.`;
    case "HeartbeatSeen":
      return data.at === undefined
        ? `Attempt ${data.attempt} of ${who(data.task)} has not begun.`
        : `Attempt ${data.attempt} of ${who(data.task)} was heard of at ${isoTime(data.at)}.`;
    case "AttemptFenced":
      return `Attempt ${data.attempt} of ${who(data.task)} is fenced: ${data.reason}${data.again ? "; it is dispatched anew later" : ""}.`;
    case "ClaimRefused":
      return `The claim of ${who(data.task)} is refused since ${data.changed.join(", ")} changed after its view.`;
    case "EffectInDoubt":
      return `Nobody knows whether the effect of ${who(data.task)} happened; ${policyText(data.policy)}.`;
    case "DoubtSettled":
      return `A person found that the effect of ${who(data.task)} ${data.happened ? "happened" : "did not happen"}.`;
    case "RetryScheduled":
      return `${who(data.task)} is tried again at ${isoTime(data.dueAt)}.`;
    case "FallbackTaken":
      return `${who(data.task)} is replaced (${data.type}${data.agent === undefined ? "" : ` ${data.agent}`}): ${causeOf(data.task) ?? "it could not be dispatched"}.`;
    case "BudgetExhausted":
      return `Run ${data.run} has used its ${data.budget}: ${data.limit} at most.`;
    case "RunRejected":
      return `A run of ${data.name} was rejected: ${data.reason}.`;
    case "RunSuspended":
      return `Run ${data.run} stands still for the urgent run ${data.by}.`;
    case "CompensationStarted":
      return `Run ${data.run} does not go on (${data.ending.how}); what it did is undone, the last effect first.`;
    case "KeptSectionChanged":
      return data.action === "rerun"
        ? `${data.step} runs again since ${plainPath(data.slot)}, which it keeps, changed after it had written it.`
        : `${plainPath(data.slot)}, which ${data.step} keeps, changed after it had written it; what it wrote counts.`;
    case "RunFailed":
      return `Run ${data.run} failed: ${data.error.code}, ${data.error.message}${notUndone(data.uncompensated)}${standing(data.stands)}`;
    case "RunCancelled":
      return `Run ${data.run} was cancelled: ${data.reason}.${notUndone(data.uncompensated)}${standing(data.stands)}`;
    case "SessionDeadlineSet":
      return `The session must be over by ${isoTime(data.at)}.`;
    default:
      return undefined;
  }
}

/** Why nothing took an event at once, and which conditions said nothing. */
function disposedText(
  what: string,
  { disposition, errors = [], reason }: Partial<SessionEvents["InputReleased"]>,
): string | undefined {
  const failed = errors.map((error) => ` ${error}`).join("");
  if (disposition === "ignored")
    return `${what} met no step that waits for it and no flow whose condition holds.${failed}`;
  if (disposition === "rejected" && reason !== undefined) return `${what} is rejected: ${reason}.${failed}`;
  return failed === "" ? undefined : `${what} met conditions that cannot be evaluated:${failed}`;
}

function policyText(policy: SessionEvents["EffectInDoubt"]["policy"]): string {
  if (typeof policy === "object") return `a person is asked: ${policy.person}`;
  return policy === "ask" ? "the agent asks its target" : `its contract says ${policy}`;
}

const notUndone = (tasks: readonly TaskId[] = []): string =>
  tasks.length === 0 ? "" : ` Not undone: what ${tasks.join(", ")} did.`;

const standing = (paths: readonly string[] = []): string =>
  paths.length === 0 ? "" : ` The session keeps ${paths.join(", ")}: what effects did stands.`;
