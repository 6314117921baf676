/** One exact replacement in a file; its text must occur exactly once, so that a change that moves it is noticed. */
export interface Edit {
  readonly file: string;
  readonly text: string;
  readonly by: string;
}

/** A mistake that somebody could make, as edits of the code. */
export interface Mutation {
  readonly name: string;
  readonly edits: readonly Edit[];
}

const ADVANCE = "shared/runtime/advance-session.ts";
const ANSWERS = "shared/core/session/decide/answers.ts";
const QUEUES = "shared/testing/in-process/queues.ts";

export const MUTATIONS: readonly Mutation[] = [
  {
    name: "drop the conditional write",
    edits: [
      {
        file: "shared/memory/commit-row.ts",
        text: "if (this.#commits[place - 1]?.first === commit.first) return false;",
        by: "if (this.#commits[place - 1]?.first === commit.first) return ((this.#commits[place - 1] = commit), true);",
      },
    ],
  },
  {
    name: "dispatch before commit",
    edits: [
      {
        file: ADVANCE,
        text: "await writeMarkers(engine, key, session.state, commit.content.evicted);",
        by: "await dispatchCommit(engine, commit.content);\n      await writeMarkers(engine, key, session.state, commit.content.evicted);",
      },
    ],
  },
  {
    name: "acknowledge before dispatch",
    edits: [
      {
        file: "shared/runtime/create-relay.ts",
        text: "else await relayOne(record);",
        by: "else void relayOne(record).catch(() => undefined);",
      },
    ],
  },
  {
    name: "skip the freshness check",
    edits: [
      {
        file: ANSWERS,
        text: 'const changed = phase.name === "dispatched" ? changedReads(draft.state, place, contract, phase.asOf) : [];',
        by: 'const changed = phase.name === "ready" ? changedReads(draft.state, place, contract, 0) : [];',
      },
    ],
  },
  {
    name: "forget the marker",
    edits: [
      {
        file: ADVANCE,
        text: "if (evicted > 0) await engine.log.writeMarkers",
        by: "if (evicted > 1_000) await engine.log.writeMarkers",
      },
    ],
  },
  {
    name: "ignore the attempt fence",
    edits: [
      {
        file: ANSWERS,
        text: "return active && task?.attempt === ref.attempt ? task : undefined;",
        by: "return active ? task : undefined;",
      },
    ],
  },
  {
    name: "acknowledge past a failed message of a session",
    edits: [
      {
        file: "shared/runtime/create-coordinator.ts",
        text: "failed.push(...ids);",
        by: "failed.push(...ids.slice(0, 1));",
      },
    ],
  },
  {
    name: "group by session",
    edits: [{ file: QUEUES, text: "groupId: attempt,", by: "groupId: groupOf(task)," }],
  },
  {
    name: "relay off",
    edits: [
      {
        file: "shared/runtime/create-relay.ts",
        text: "if (blocked) failed.push(record);",
        by: "if (records.length > 0) continue;\n        if (blocked) failed.push(record);",
      },
    ],
  },
  {
    name: "a random id not in seen",
    edits: [
      {
        file: "shared/core/session/decide/draft.ts",
        text: "return `${draft.seen.id}-${draft.state.sequence + 1}`;",
        by: "return `${draft.seen.id}-${draft.state.sequence + 1}-${Math.floor(Math.random() * 1e9)}`;",
      },
    ],
  },
  {
    name: "time from the host's clock",
    edits: [
      {
        file: "shared/core/session/decide/draft.ts",
        text: "now: Math.max(seen.now, state.time),",
        by: "now: Math.max(seen.now, state.time) + Math.floor(globalThis.performance.now()),",
      },
    ],
  },
  {
    name: "base sequence from the message",
    edits: [
      {
        file: ADVANCE,
        text: "first: before.sequence + 1,",
        by: "first: baseOf(before, batch) + 1,",
      },
      {
        file: ADVANCE,
        text: "/** Ids over the window's size",
        by: `function baseOf(before: SessionState, batch: Batch): number {
  const [event] = batch.events;
  const task = event?.type === "AnswerApplied" ? before.tasks[event.data.task] : undefined;
  return task?.phase.name === "dispatched" ? task.phase.asOf : before.sequence;
}

/** Ids over the window's size`,
      },
    ],
  },
  {
    name: "a token accepted twice",
    edits: [
      {
        file: ANSWERS,
        text: 'if (fenced === undefined) return { type: "nothing", because: whyNot(draft.state, { task: id, attempt }) };',
        by: "",
      },
      {
        file: ANSWERS,
        text: "outcome, claimed: fenced.claimed });",
        by: "outcome, claimed: fenced?.claimed ?? false });",
      },
    ],
  },
  {
    name: "an id evicted that is not yet committed",
    edits: [
      {
        file: ADVANCE,
        text: "return before.ids.slice(0, Math.max(0, Math.min(after.ids.length - window, before.ids.length)));",
        by: "return after.ids.slice(0, Math.max(0, before.ids.length * 0 + after.ids.length - window));",
      },
      {
        file: ADVANCE,
        text: "await writeMarkers(engine, key, session.state, commit.content.evicted);",
        by: "await writeMarkers(engine, key, batch.state, commit.content.evicted);",
      },
    ],
  },
];
