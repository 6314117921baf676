import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { originsOf } from "#core/condition-origins.ts";
import type { Application } from "#core/flow/compile.ts";
import { visitPlan } from "#core/flow/visit-plan.ts";
import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";
import type { CompiledFlow, CompiledNode } from "#core/flow/plan.ts";
import type { SessionEventType } from "#core/session/events.ts";
import { VALUES_IN } from "#core/session/personal/event-values.ts";
import type { Input } from "#core/session/input.ts";
import { commitValues } from "#core/session/personal/commit-values.ts";
import { stateValues } from "#core/session/personal/state-values.ts";
import { followPersonal } from "#core/session/personal/follow.ts";
import { personalValues } from "#core/session/personal/personal-values.ts";
import type { SessionState } from "#core/session/state.ts";
import { World } from "#testing/given-when-then.ts";
import { oneIn, pick, seededChance, type Chance } from "#simulator/random-flow.ts";
import { randomInputs, randomSession } from "./session-schedule.ts";

const LIMITS = { hops: 60, idWindow: 6, queuedRuns: 5, heldInputs: 4, heldMs: 5_000 };
const INPUTS = 30;

/** What tenants declare: nested, in lists, in one section, several at once. The random flows read and copy some of them. */
const DECLARABLE = [
  "input.n",
  "input.list",
  "input.deep.mail",
  "input.people.mail",
  "input.deep",
  "session.channel",
  "session.who",
];
const NEEDLE = /needle\d+/g;

/** Plants texts that are told apart at personal paths, in what a producer sends. */
class Planter {
  private readonly paths: ReadonlySet<string>;
  private planted = 0;

  constructor(paths: readonly string[]) {
    this.paths = new Set(paths);
  }

  readonly input = (input: Input, chance: Chance): Input => {
    if (input.kind !== "event" || !isJsonObject(input.data)) return input;
    const { n, list, ...rest } = input.data;
    const mail = this.at("input.deep.mail", "input.deep") ?? "plain";
    const data = {
      ...rest,
      ...(n !== undefined && { n: oneIn(chance, 2) ? (this.at("input.n") ?? n) : n }),
      ...(list !== undefined && { list: this.list(list) }),
      deep: { mail, also: this.at("input.deep") ?? "plain" },
      people: [
        { mail: this.at("input.people.mail") ?? "plain", age: 1 },
        [{ mail: this.at("input.people.mail") ?? "plain" }],
      ],
    };
    const session = {
      channel: this.at("session.channel") ?? "web",
      who: { name: this.at("session.who") ?? "plain" },
    };
    return { ...input, data, ...(oneIn(chance, 2) && { session }) };
  };

  private list(list: Json): Json {
    return Array.isArray(list) ? list.map((one: Json) => this.at("input.list") ?? one) : list;
  }

  /** A new needle where one of the paths is personal. */
  private at(...paths: readonly string[]): string | undefined {
    if (!paths.some((path) => this.paths.has(path))) return undefined;
    this.planted += 1;
    return `needle${this.planted}`;
  }
}

/** Where agents whose contracts say so tell what they were shown. */
const TOLD = "told";

/**
 * Agents tell all that they were shown, as results and as errors that quote it: where their contracts say that they do, or under names
 * of their own.
 */
function tellTale(input: Input, shown: JsonObject | undefined, chance: Chance, declare: boolean): Input {
  if (input.kind !== "answer" || shown === undefined) return input;
  const quoted = JSON.stringify(shown);
  if (input.outcome.status === "failed") {
    const error = { ...input.outcome.error, message: `Unexpected token in ${quoted}` };
    return { ...input, outcome: { ...input.outcome, error } };
  }
  const result: Json = declare
    ? { x: 1, [TOLD]: pick<Json>(chance, [quoted, shown, [shown]]) }
    : pick<Json>(chance, [{ x: quoted }, { x: 1, all: shown }, [shown], quoted]);
  return { ...input, outcome: { ...input.outcome, result } };
}

function viewOf({ orders }: World, input: Input): JsonObject | undefined {
  if (input.kind !== "answer") return undefined;
  const order = orders.find(({ task, attempt }) => task === input.task && attempt === input.attempt);
  // No view of these is large enough for a link.
  return order?.view as JsonObject | undefined;
}

/** A name of an item is part of paths: the linter takes no personal value for one. */
function namesItems({ flows }: Application): boolean {
  let named = false;
  for (const { flow } of flows)
    visitPlan(flow.plan, ({ node }) => (named ||= node.kind === "map" && node.key !== undefined));
  return named;
}

/** A flow whose agents say where they tell: no decision asks for it. */
function declaring(flow: CompiledFlow): CompiledFlow {
  const text = JSON.stringify(flow, (key, value: unknown) =>
    key === "agent" && isJsonObject(value) ? { ...value, personal: [TOLD] } : value,
  );
  return JSON.parse(text) as CompiledFlow;
}

/** Plays a random session in which personal values go wherever a random application takes them. */
function play(seed: number) {
  const chance = seededChance(seed);
  const session = randomSession(chance);
  const named = namesItems(session.application);
  const declared = DECLARABLE.filter((path) => oneIn(chance, 3) && !(named && path === "input.list"));
  const paths = declared.length === 0 ? ["input.n"] : declared;
  const planter = new Planter(paths);
  const declare = oneIn(chance, 2);
  const world = new World(session.application, { limits: LIMITS, check: false });
  const states: SessionState[] = [];
  const sent: Input[] = [];
  for (let i = 0; i < INPUTS; i++) {
    const batch = randomInputs(world, session.eventTypes, chance, sent).map((input) =>
      sent.includes(input)
        ? input
        : tellTale(planter.input(input, chance), viewOf(world, input), chance, declare),
    );
    sent.push(...batch);
    world.send(...batch);
    states.push(world.state);
  }
  const flows = session.application.flows.map(({ flow }) => (declare ? declaring(flow) : flow));
  return { world, states, paths, flows, personal: followPersonal(paths, flows, originsOf) };
}

const needlesIn = (value: unknown): readonly string[] => JSON.stringify(value).match(NEEDLE) ?? [];

describe("needles at personal paths of a random session", () => {
  it("are in no byte of its commits, views and snapshots, wherever flows and agents copy them", () => {
    let found = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
        const { world, states, personal } = play(seed);
        const sealing = personalValues(personal, () => "sealed");
        for (const commit of world.commits) {
          found += needlesIn(commit).length;
          expect(needlesIn(commitValues(commit, sealing))).toEqual([]);
        }
        for (const state of states) expect(needlesIn(stateValues(state, sealing))).toEqual([]);
      }),
      { numRuns: 100 },
    );
    expect(found).toBeGreaterThan(500);
  });
});

/** A bad sealing must be found: the property would else hold of anything. */
describe("needles detect a sealing that", () => {
  let plays: readonly ReturnType<typeof play>[];
  beforeAll(() => void (plays = Array.from({ length: 300 }, (_, seed) => play(seed))), 120_000);
  const leaks = (personalOf: (played: ReturnType<typeof play>) => readonly string[]): boolean =>
    plays.some((played) => {
      const sealing = personalValues(personalOf(played), () => "sealed");
      return played.world.commits.some((commit) => needlesIn(commitValues(commit, sealing)).length > 0);
    });
  const withEvents = (type: SessionEventType, values: unknown, then: () => void): void => {
    // The table is read-only for whoever ships it.
    const table = VALUES_IN as Record<SessionEventType, unknown>;
    const kept = table[type];
    table[type] = values;
    try {
      then();
    } finally {
      table[type] = kept;
    }
  };

  it("handles nothing correctly", () => {
    expect(leaks(({ personal }) => personal)).toBe(false);
  });

  it.each<SessionEventType>([
    "InputAccepted",
    "InputHeld",
    "ReplySent",
    "RunFailed",
    "ChoiceMade",
    "MapStarted",
    "ContextTransformed",
    "EventEmitted",
    "JoinDecided",
    "StepFailed",
    "AnswerApplied",
    "AnswerStale",
    "AnswerLate",
    "AttemptFailed",
    "TaskFailed",
    "ValueFilled",
  ])("omits the values of %s", (type) => {
    withEvents(
      type,
      (data: unknown) => data,
      () => expect(leaks(({ personal }) => personal)).toBe(true),
    );
  });

  it.each<CompiledNode["kind"]>(["transform", "map", "task"])("does not follow a %s", (kind) => {
    expect(
      leaks(({ paths, flows }) =>
        followPersonal(
          paths,
          flows.map((flow) => without(flow, kind)),
          originsOf,
        ),
      ),
    ).toBe(true);
  });

  it("follows no expression, only copies, or only computed values", () => {
    for (const origins of [
      () => [],
      (text: string) => originsOf(text).filter(({ copies }) => copies !== undefined),
      (text: string) => originsOf(text).filter(({ copies }) => copies === undefined),
    ])
      expect(leaks(({ paths, flows }) => followPersonal(paths, flows, origins))).toBe(true);
  });

  it("knows only one of several paths, or only the declared ones", () => {
    expect(leaks(({ paths, flows }) => followPersonal(paths.slice(0, 1), flows, originsOf))).toBe(true);
    expect(leaks(({ paths }) => paths)).toBe(true);
  });
});

/** A flow as whoever does not look at one kind of step sees it. */
function without(flow: CompiledFlow, kind: CompiledNode["kind"]): CompiledFlow {
  const nothing = { kind: "sequence", steps: [] };
  const text = JSON.stringify(flow, (_key, value: unknown) =>
    isJsonObject(value) && value["kind"] === kind && kind !== "map"
      ? nothing
      : isJsonObject(value) && value["kind"] === kind
        ? value["each"]
        : value,
  );
  // What is left of a compiled flow is one.
  return JSON.parse(text) as CompiledFlow;
}
