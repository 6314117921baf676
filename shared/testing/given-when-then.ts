import assert from "node:assert/strict";
import type { Application, TextDigest } from "#core/flow/compile.ts";
import type { RecordedEvent, SessionEvents, SessionEventType } from "#core/session/events.ts";
import type { SessionState } from "#core/session/state.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { assertPart } from "./assert-part.ts";
import { World, type Step, type WorldOptions } from "./world.ts";

export {
  World,
  type AnswerOptions,
  type EventOptions,
  type FailOptions,
  type Step,
  type WorldOptions,
} from "./world.ts";
export { checkAlive, checkDecision, checkSession } from "./invariants.ts";

/**
 * SHA-256 by the platform: what `defineApplication` needs.
 *
 * @example
 * const world = new World(defineApplication({ flows: [greeting] }, sha256Digest));
 */
export const sha256Digest: TextDigest = createNodeDigest();

/** Something that happens to a session: an input, or time that passes. */
export type Act = (world: World) => unknown;

/** An event by its type, or with some of its data. */
export type ExpectedEvent =
  | SessionEventType
  | {
      readonly [Type in SessionEventType]: readonly [Type, Part<SessionEvents[Type]>];
    }[SessionEventType];

/** Some fields of an object, and of the objects in it one level down; the rest is compared as it is. */
type Part<T> = {
  readonly [Key in keyof T]?: T[Key] extends Readonly<Record<string, unknown>>
    ? Readonly<Record<string, unknown>>
    : unknown;
};

export interface Expectation {
  /** Exactly these events, in this order. */
  readonly events?: readonly ExpectedEvent[];
  /** Exactly these agents are dispatched, in this order. */
  readonly dispatches?: readonly string[];
  /** Parts of the state, such as `{ context: { note: "x" } }`. */
  readonly state?: Part<SessionState>;
  readonly verdict?: Readonly<Record<string, unknown>>;
}

/**
 * A specification by example over `decide` and `evolve`, without mocks.
 *
 * @example
 * given(application, (w) => w.event("GreetingAsked", { who: "Ada" }))
 *   .when((w) => w.answer("greeter", { text: "Hello Ada" }))
 *   .then({ events: [["AnswerApplied", { attempt: 1 }], "ReplySent", "RunCompleted"] });
 */
export function given(
  application: Application | { readonly application: Application; readonly options: WorldOptions },
  ...acts: readonly Act[]
): Given {
  const world =
    "options" in application
      ? new World(application.application, application.options)
      : new World(application);
  for (const act of acts) act(world);
  return { world, when: (act) => when(world, act(world)) };
}

export interface Given {
  readonly world: World;
  when(act: (world: World) => Step): When;
}

export interface When {
  readonly world: World;
  readonly step: Step;
  /** Throws unless all expected events, dispatches and state occurred. */
  then(expected: Expectation): When;
}

function when(world: World, step: Step): When {
  const self: When = {
    world,
    step,
    then: ({ events, dispatches, state, verdict }) => {
      if (events !== undefined) {
        assert.deepEqual(
          step.types,
          events.map((event) => (typeof event === "string" ? event : event[0])),
        );
        events.forEach((event, index) => {
          if (typeof event !== "string") assertPart(step.events[index]?.data, event[1], event[0]);
        });
      }
      if (dispatches !== undefined)
        assert.deepEqual(
          step.orders.map(({ agent }) => agent),
          dispatches,
        );
      if (state !== undefined) assertPart(world.state, state, "state");
      if (verdict !== undefined) assertPart(step.verdicts[0], verdict, "verdict");
      return self;
    },
  };
  return self;
}

/**
 * The data of the events of one type.
 *
 * @example
 * const world = new World(application);
 * const [failed] = dataOf(world.event("GreetingAsked", { who: "Ada" }).events, "AttemptFailed");
 */
export function dataOf<Type extends SessionEventType>(
  events: readonly RecordedEvent[],
  type: Type,
): readonly SessionEvents[Type][] {
  return events.flatMap((event) => (event.type === type ? [event.data as SessionEvents[Type]] : []));
}
