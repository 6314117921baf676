import fc from "fast-check";
import { expect, it } from "vitest";
import type { JsonObject } from "#core/json.ts";
import { toA2aTask, updatesBetween } from "#core/session/a2a/a2a-task.ts";
import {
  isTerminal,
  type A2aArtifact,
  type A2aTask,
  type A2aTaskState,
} from "#core/session/a2a/a2a-words.ts";
import {
  coursesIn,
  courseAfter,
  courseFrom,
  courseOf,
  type TaskCourse,
  type TimedFact,
} from "#core/session/a2a/task-course.ts";
import { openQuestions } from "#core/session/dialects/open-questions.ts";
import { foldCommit } from "#core/session/evolve.ts";
import { initialState } from "#core/session/state.ts";
import { seededChance } from "#simulator/random-flow.ts";
import { World } from "#testing/given-when-then.ts";
import { runs } from "../../support/runs.ts";
import { randomSession, runRandomly } from "../session-schedule.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const around = { session: "s1", schemaOf: () => undefined };

function played(seed: number): World {
  const chance = seededChance(seed);
  const session = randomSession(chance);
  const world = new World(session.application, { check: false });
  runRandomly(world, session, chance, 30);
  return world;
}

const factsOf = ({ commits }: World): readonly TimedFact[] =>
  commits.flatMap(({ events, seen }) => events.map((event) => ({ event, at: seen.now })));

const startsIn = (facts: readonly TimedFact[]): readonly number[] =>
  facts.flatMap((fact) => courseFrom(fact)?.start ?? []);

/** What may follow a state that is not terminal; nothing follows a terminal one. */
const FOLLOWS: Readonly<Partial<Record<A2aTaskState, readonly A2aTaskState[]>>> = {
  TASK_STATE_SUBMITTED: ["TASK_STATE_WORKING", "TASK_STATE_CANCELED", "TASK_STATE_FAILED"],
  TASK_STATE_WORKING: [
    "TASK_STATE_INPUT_REQUIRED",
    "TASK_STATE_COMPLETED",
    "TASK_STATE_FAILED",
    "TASK_STATE_CANCELED",
  ],
  TASK_STATE_INPUT_REQUIRED: [
    "TASK_STATE_WORKING",
    "TASK_STATE_COMPLETED",
    "TASK_STATE_FAILED",
    "TASK_STATE_CANCELED",
  ],
};

/** A client that knows a task by what it was told, as A2A has it. */
interface Told {
  readonly status: A2aTask["status"];
  readonly artifacts: readonly A2aArtifact[];
}

it("a task goes from one legal state to the next, and is told the same by its updates as by reading it at any event", () => {
  const met = new Set<string>();
  fc.assert(
    fc.property(seeds, fc.nat(), (seed, from) => {
      const facts = factsOf(played(seed));
      for (const start of startsIn(facts)) {
        const later = facts.slice(facts.findIndex(({ event }) => event.sequence === start));
        const begins = from % later.length;
        let course = courseOf(later.slice(0, 1), start);
        let client: Told | undefined;
        for (const [at, fact] of later.entries()) {
          if (course === undefined) throw new Error("An accepted event begins no task.");
          const before = course;
          if (at > 0) course = courseAfter(course, fact);
          if (course.state !== before.state) {
            expect(FOLLOWS[before.state] ?? [], `${before.state} → ${course.state}`).toContain(course.state);
            met.add(course.state);
          }
          const read = toA2aTask(course, around);
          if (isTerminal(before.state)) expect(read).toEqual(toA2aTask(before, around));
          if (at === begins) client = { status: read.status, artifacts: read.artifacts ?? [] };
          else if (client !== undefined)
            for (const update of updatesBetween(before, course, around)) client = learnt(client, update);
          if (client === undefined) continue;
          expect(client.artifacts).toEqual(read.artifacts);
          expect(client.status.state).toBe(read.status.state);
          expect(client.status.message?.parts).toEqual(read.status.message?.parts);
        }
      }
    }),
    { numRuns: runs(30), endOnFailure: true },
  );
  expect([...met]).toEqual(
    expect.arrayContaining([
      "TASK_STATE_WORKING",
      "TASK_STATE_INPUT_REQUIRED",
      "TASK_STATE_COMPLETED",
      "TASK_STATE_FAILED",
      "TASK_STATE_CANCELED",
    ]),
  );
});

function learnt(client: Told, update: object): Told {
  const { statusUpdate, artifactUpdate } = update as {
    readonly statusUpdate?: Pick<Told, "status">;
    readonly artifactUpdate?: { readonly artifact: A2aArtifact };
  };
  if (statusUpdate !== undefined) return { ...client, status: statusUpdate.status };
  const artifact = artifactUpdate?.artifact;
  return artifact === undefined ? client : { ...client, artifacts: [...client.artifacts, artifact] };
}

it("what is folded from the events alone says after every commit what the state says", () => {
  let asked = 0;
  fc.assert(
    fc.property(seeds, (seed) => {
      const world = played(seed);
      let state = initialState(world.state.tenant, world.state.session);
      let courses: readonly TaskCourse[] = [];
      for (const commit of world.commits) {
        state = foldCommit(state, commit);
        for (const event of commit.events) {
          const fact = { event, at: commit.seen.now };
          courses = [...courses.map((course) => courseAfter(course, fact)), courseFrom(fact)].filter(
            (course) => course !== undefined,
          );
        }
        const open = [...openQuestions(state, world.application).values()];
        for (const course of courses) {
          if (course.disposition !== "triggers") continue;
          const under = Object.values(state.runs).filter(({ trigger }) => trigger === course.start);
          const questions = open.filter(({ run }) => under.some(({ id }) => id === run));
          expect(isTerminal(course.state), `task ${course.start} at ${commit.last}`).toBe(under.length === 0);
          expect(Object.keys(course.asks).toSorted()).toEqual(questions.map(({ ask }) => ask).toSorted());
          asked += questions.length;
        }
      }
    }),
    { numRuns: runs(60), endOnFailure: true },
  );
  expect(asked).toBeGreaterThan(5);
});

it("one task read alone equals it in the list of all", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const facts = factsOf(played(seed));
      for (const course of coursesIn(facts)) expect(courseOf(facts, course.start)).toEqual(course);
    }),
    { numRuns: runs(10) },
  );
});

it("every word is JSON that says the same when it is read again", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      for (const course of coursesIn(factsOf(played(seed)))) {
        const task = toA2aTask(course, around);
        expect(JSON.parse(JSON.stringify(task)) as JsonObject).toEqual(task);
      }
    }),
    { numRuns: runs(5) },
  );
});
