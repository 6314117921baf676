/** Types of the events by which a task has its outcome: with one of them it leaves the state. */
export const ENDS_TASK: ReadonlySet<string> = new Set([
  "AnswerApplied",
  "OutcomeReused",
  "ValueFilled",
  "TaskSkipped",
  "TaskFailed",
]);
