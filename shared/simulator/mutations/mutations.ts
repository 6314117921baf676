import { BUS_MUTATIONS } from "./bus-mutations.ts";
import { CACHE_MUTATIONS } from "./cache-mutations.ts";
import { FLOW_MUTATIONS } from "./flow-mutations.ts";
import { FORK_MUTATIONS } from "./fork-mutations.ts";
import { GROUP_MUTATIONS } from "./group-mutations.ts";
import { KEPT_MUTATIONS } from "./kept-mutations.ts";
import type { Mutation } from "./mutation.ts";
import { RELAY_MUTATIONS } from "./relay-mutations.ts";
import { RETENTION_MUTATIONS } from "./retention-mutations.ts";
import { HOSTILE_MUTATIONS, SEALING_MUTATIONS } from "./sealing-mutations.ts";
import { SHEET_MUTATIONS } from "./sheet-mutations.ts";
import { SIGNAL_MUTATIONS } from "./signal-mutations.ts";
import { TIME_MUTATIONS } from "./time-mutations.ts";

const ADVANCE = "shared/runtime/session/advance-session.ts";
const ASSEMBLE = "shared/core/session/assemble-commit.ts";
const ANSWERS = "shared/core/session/decide/answers.ts";
const RELAY = "shared/runtime/relay/create-relay.ts";
const PLACES = "shared/core/session/places.ts";

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
        text: "await writeMarkers(engine, key, state, commit.content.evicted);",
        by: "await dispatchCommit(engine, commit.content);\n        await writeMarkers(engine, key, state, commit.content.evicted);",
      },
    ],
  },
  {
    name: "acknowledge before dispatch",
    edits: [
      {
        file: RELAY,
        text: "await budget.within(performing);",
        by: "void performing.catch(() => undefined);",
      },
    ],
  },
  {
    name: "skip the freshness check",
    edits: [
      {
        file: ANSWERS,
        text: 'const isFact = phase.name !== "dispatched" || task.asking !== undefined;',
        by: 'const isFact = phase.name !== "ready";',
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
        file: "shared/core/session/decide/look.ts",
        text: "return active && task?.attempt === ref.attempt ? task : undefined;",
        by: "return active ? task : undefined;",
      },
    ],
  },
  {
    name: "acknowledge past a failed message of a session",
    edits: [
      {
        file: "shared/runtime/doors/create-coordinator.ts",
        text: "failed.push(...back.map(({ message }) => message.id));",
        by: "failed.push(...back.slice(0, 1).map(({ message }) => message.id));",
      },
    ],
  },
  {
    name: "group by session",
    edits: [
      {
        file: "shared/runtime/agents/task-address.ts",
        text: "tenantInFlight === undefined ? attempt :",
        by: "tenantInFlight === undefined ? digest.sha256(task.session) :",
      },
    ],
  },
  {
    name: "relay off",
    edits: [
      {
        file: RELAY,
        text: "const budget = startBudget(engine.clock, endsAt);",
        by: "if (works.length > 0) return [];\n    const budget = startBudget(engine.clock, endsAt);",
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
        file: ASSEMBLE,
        text: "first: before.sequence + 1,",
        by: "first: baseOf(before, events) + 1,",
      },
      {
        file: ASSEMBLE,
        text: "/** `state` is the one that the input was decided on",
        by: `function baseOf(before: SessionState, [event]: readonly RecordedEvent[]): number {
  const task = event?.type === "AnswerApplied" ? before.tasks[event.data.task] : undefined;
  return task?.phase.name === "dispatched" ? task.phase.asOf : before.sequence;
}

/** \`state\` is the one that the input was decided on`,
      },
    ],
  },
  {
    name: "a token accepted twice",
    edits: [
      {
        file: ANSWERS,
        text: 'if (fenced === undefined)\n      return { type: "nothing", because: stopReasonOf(draft.state, { task: id, attempt }) };',
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
        file: ASSEMBLE,
        text: "evicted: Math.max(0, Math.min(after.ids.length - window, before.ids.length)),",
        by: "evicted: Math.max(0, after.ids.length - window),",
      },
      {
        file: ADVANCE,
        text: "await writeMarkers(engine, key, state, commit.content.evicted);",
        by: "await writeMarkers(engine, key, batch.decided.state, commit.content.evicted);",
      },
    ],
  },
  {
    name: "late result let through a pre-emption",
    edits: [
      {
        file: "shared/core/session/decide/runs.ts",
        text: 'fenceTasks(draft, id, "plan", `pre-empted by ${by}`, true);',
        by: "",
      },
    ],
  },
  {
    name: "redrive straight to the queue",
    edits: [
      {
        file: "shared/simulator/sim-letters.ts",
        text: "await createRedrive({ ...ports, waysBack })(name, body);",
        by: `const message = { ...JSON.parse(body), committedAt: 3e12, deadline: 3e12 };
        if ("view" in message) await this.#setup.view(worker).engine.dispatch.send([message]);
        else await createRedrive({ ...ports, waysBack })(name, body);`,
      },
    ],
  },
  {
    name: "resend of completed dispatches",
    edits: [
      {
        file: "shared/runtime/relay/perform-directives.ts",
        text: "engine.clock.now() - commit.seen.now < DEDUPLICATED_MS",
        by: "engine.clock.now() - commit.seen.now < 1_000 * DEDUPLICATED_MS",
      },
    ],
  },
  {
    name: "breaker state not in seen",
    edits: [
      {
        file: ASSEMBLE,
        text: "seen: seenWith(seen, decided),",
        by: "seen: { ...seenWith(seen, decided), breakers: undefined },",
      },
    ],
  },
  {
    name: "log trimmed",
    edits: [
      {
        file: "shared/memory/commit-row.ts",
        text: "if (place === this.#commits.length) this.#commits.push(commit);",
        by: `if (place === this.#commits.length) {
      if (commit.snapshot) this.#commits.length = 0;
      this.#commits.push(commit);
    }`,
      },
    ],
  },
  {
    name: "claim after the effect",
    edits: [
      {
        file: "shared/runtime/agents/create-agent-host.ts",
        text: `const looked = await mayRun(work, receiveCount);
  if (!looked.go) return { result: "not-run", next: looked.next };
  const outcome = await inSpan(ports.tracer, agentSpan(message), async (span) => {
    const ended = await runInTime(work, span);
    if (!isLater(ended) && ended.status === "failed") span.fail(ended.error.code);
    return ended;
  });`,
        by: `const outcome = await inSpan(ports.tracer, agentSpan(message), (span) => runInTime(work, span));
  const looked = await mayRun(work, receiveCount);
  if (!looked.go) return { result: "not-run", next: looked.next };`,
      },
    ],
  },
  {
    name: "retry of a claim in doubt",
    edits: [
      {
        file: ANSWERS,
        text: 'if (phase.name === "claimed" && effect !== "not-done") {',
        by: 'if (phase.name === "claimed" && effect !== "not-done" && !retryable) {',
      },
    ],
  },
  {
    name: "an effect in doubt done again instead of asked about",
    edits: [
      {
        file: "shared/core/session/evolve/task-reducers.ts",
        text: "const asking = asks === undefined ? {} : { asking: 0 };",
        by: "const asking = {};",
      },
    ],
  },
  {
    name: "undo the first effect first",
    edits: [
      {
        file: "shared/core/session/decide/compensate.ts",
        text: "const last = run.effects?.at(-1);",
        by: "const last = run.effects?.at(0);",
      },
    ],
  },
  {
    name: "claims not awaited before undoing",
    edits: [
      {
        file: "shared/core/session/decide/end-run.ts",
        text: "const awaits = claimsToUndo(draft, run);",
        by: "const awaits: readonly TaskId[] = [];",
      },
    ],
  },
  {
    name: "timers left to the first who passes",
    edits: [
      {
        file: "shared/runtime/relay/perform-directives.ts",
        text: 'directive.type === "arm-deadline" ?',
        by: 'directive.type === "arm-deadline" && commit.first > 1 ?',
      },
    ],
  },
  {
    name: "subscribers in the order of the stream",
    edits: [
      {
        file: "shared/runtime/relay/deliver-in-order.ts",
        text: "after < first - 1;",
        by: "after < first - 1 && after < 0;",
      },
    ],
  },
  {
    name: "any token will do",
    edits: [
      {
        file: "shared/runtime/doors/create-door.ts",
        text: "if (!(await engine.tokens.verify(attempt, token))) throw wrongToken();",
        by: 'if (token === "") throw wrongToken();',
      },
    ],
  },
  {
    name: "unknown events passed over",
    edits: [
      {
        file: "shared/core/session/evolve.ts",
        text: "if (reduce === undefined)",
        by: "if (reduce === undefined) return { ...state, sequence: event.sequence };\n  if (reduce === null)",
      },
    ],
  },
  {
    name: "a run's own sections not checked",
    edits: [
      {
        file: PLACES,
        text: "(path) => fixedValue(place, sectionOf(path)) === undefined && lastChange(state, place, path) > asOf,",
        by: "(path) => fixedValue(place, sectionOf(path)) === undefined && !isOwn(place, path) && lastChange(state, place, path) > asOf,",
      },
    ],
  },
  {
    name: "items of a map share a section",
    edits: [
      {
        file: PLACES,
        text: "filter((item) => isKeyed(item.each, section)).map((item) => item.key);",
        by: "filter((item) => isKeyed(item.each, section)).map(() => 0);",
      },
    ],
  },
  {
    name: "a queued run cancelled without a reply",
    edits: [
      {
        file: "shared/core/session/decide/end-run.ts",
        text: '  replyFailure(draft, id, error);\n  emit(draft, "RunCancelled", { run: id, reason: error.message, trigger });',
        by: '  emit(draft, "RunCancelled", { run: id, reason: error.message, trigger });',
      },
    ],
  },
  ...SHEET_MUTATIONS,
  ...SIGNAL_MUTATIONS,
  ...KEPT_MUTATIONS,
  ...TIME_MUTATIONS,
  ...RETENTION_MUTATIONS,
  ...CACHE_MUTATIONS,
  ...FLOW_MUTATIONS,
  ...BUS_MUTATIONS,
  ...RELAY_MUTATIONS,
  ...GROUP_MUTATIONS,
  ...FORK_MUTATIONS,
  ...SEALING_MUTATIONS,
  ...HOSTILE_MUTATIONS,
];
