import type { OutlineEvent } from "#console/model/event-outline.ts";

type Given = Omit<OutlineEvent, "sequence" | "at" | "cause"> & Partial<Pick<OutlineEvent, "at" | "cause">>;

/** Events in order, a second apart, each its own cause. */
export const outlines = (...given: readonly Given[]): readonly OutlineEvent[] =>
  given.map((event, index) => ({ sequence: index + 1, at: index * 1_000, cause: index + 1, ...event }));

/** The outline of a long session: an agent works on one step after another, and fails at every tenth. */
export function longOutline(count: number): readonly OutlineEvent[] {
  const kinds = ["TaskCreated", "AttemptDispatched", "AnswerApplied", "DeadlineArmed"] as const;
  return Array.from({ length: count }, (_, index) => {
    const [task, kind] = [`t${index >> 2}`, kinds[index % 4] ?? "DeadlineArmed"];
    const agent = `agent-${(index >> 2) % 12}`;
    const type = kind === "AnswerApplied" && (index >> 2) % 10 === 0 ? "AttemptFailed" : kind;
    return {
      ...{
        sequence: index + 1,
        type,
        at: index * 10 + (index > count / 2 ? 3_600_000 : 0),
        cause: Math.max(1, index - 1),
      },
      ...(kind !== "DeadlineArmed" && { task, run: "r", attempt: 1 }),
      ...((kind === "TaskCreated" || kind === "AttemptDispatched") && { agent, step: `plan/${index % 7}` }),
    };
  });
}
