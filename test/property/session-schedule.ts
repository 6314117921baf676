import { defineApplication, type Application } from "#core/flow/compile.ts";
import { parseRunId } from "#core/ids.ts";
import type { Input } from "#core/session/input.ts";
import type { World } from "#testing/given-when-then.ts";
import { sha256Digest } from "#testing/given-when-then.ts";
import {
  oneIn,
  pick,
  randomApplication,
  randomEventData,
  upTo,
  type Chance,
} from "#simulator/random-flow.ts";

export interface RandomSession {
  readonly application: Application;
  readonly eventTypes: readonly string[];
}

export function randomSession(chance: Chance): RandomSession {
  const { agents, flows, eventTypes } = randomApplication(chance);
  return { application: defineApplication({ agents, flows }, sha256Digest), eventTypes };
}

/** A session whose flows start one another without end is long enough by then; each of its events costs by its open tasks. */
const LONG_SESSION = 2_000;

/** Sends random inputs, sensible and not: a few in one commit now and then, duplicates, late, early and lost ones. */
export function runRandomly(
  world: World,
  { eventTypes }: RandomSession,
  chance: Chance,
  inputs: number,
): readonly Input[] {
  const sent: Input[] = [];
  for (let i = 0; i < inputs && world.state.sequence < LONG_SESSION; i++) {
    const batch = randomInputs(world, eventTypes, chance, sent);
    sent.push(...batch);
    world.send(...batch);
  }
  return sent;
}

/** What comes next to a session, some time later: mostly one input. */
export function randomInputs(
  world: World,
  eventTypes: readonly string[],
  chance: Chance,
  sent: readonly Input[],
): readonly Input[] {
  world.breakers = oneIn(chance, 10)
    ? { [pick(chance, world.orders)?.agent ?? "agent1"]: pick(chance, ["open", "probe"] as const) }
    : {};
  world.wait(upTo(chance, oneIn(chance, 5) ? 20_000 : 500));
  return Array.from({ length: oneIn(chance, 5) ? 3 : 1 }, () => randomInput(world, eventTypes, chance, sent));
}

function randomInput(
  world: World,
  eventTypes: readonly string[],
  chance: Chance,
  sent: readonly Input[],
): Input {
  const draw = chance.next() * 100;
  const answerable = world.orders.length > 0;
  if (draw < 40 && answerable) return randomAnswer(world, chance);
  if (draw < 50 && answerable) return randomClaim(world, chance);
  if (draw < 60) return { kind: "deadline", at: randomTime(world, chance) };
  if (draw < 65 && sent.length > 0) return pick(chance, sent);
  if (draw < 72) return randomPerson(world, chance);
  if (draw < 74) return randomCommand(world, chance);
  if (draw < 77 && answerable) return randomLetter(world, chance);
  const numbered = oneIn(chance, 5) ? { ordinal: 1 + upTo(chance, 6), source: pick(chance, ["p", "q"]) } : {};
  const lane = oneIn(chance, 5) ? { lane: "express" as const } : {};
  const budget = oneIn(chance, 10)
    ? {
        constraints: {
          budget: pick(chance, [{ tokens: 10, hops: 20, deadlineMs: 5_000 }, { sessionMs: 40_000 }]),
        },
      }
    : {};
  const session = oneIn(chance, 5) ? { session: { channel: pick(chance, ["web", "phone"]) } } : {};
  return world.eventInput(pick(chance, eventTypes), randomEventData(chance), {
    ...numbered,
    ...lane,
    ...budget,
    ...session,
  });
}

/** Mostly an attempt that counts; sometimes any that ever was. */
function randomOrder(world: World, chance: Chance) {
  const counting = world.pending;
  return counting.length > 0 && !oneIn(chance, 4)
    ? world.order(pick(chance, counting))
    : pick(chance, world.orders);
}

function randomAnswer(world: World, chance: Chance): Input {
  const { task, attempt } = randomOrder(world, chance);
  const usage = oneIn(chance, 3) ? { usage: { tokens: upTo(chance, 5) } } : {};
  if (!oneIn(chance, 4)) {
    const confidence = oneIn(chance, 2) ? { confidence: chance.next() } : {};
    return {
      kind: "answer",
      task,
      attempt,
      outcome: { status: "ok", result: { x: upTo(chance, 3) }, ...confidence, ...usage },
    };
  }
  const effect = oneIn(chance, 3) ? { effect: "not-done" as const } : {};
  const error = { code: "agent.failed", message: "no" };
  return {
    kind: "answer",
    task,
    attempt,
    outcome: { status: "failed", error, retryable: !oneIn(chance, 3), ...effect, ...usage },
  };
}

function randomClaim(world: World, chance: Chance): Input {
  const { task, attempt } = randomOrder(world, chance);
  return { kind: "claim", task, attempt, execution: pick(chance, ["one", "two"]) };
}

function randomTime(world: World, chance: Chance): number {
  return oneIn(chance, 4)
    ? world.now + upTo(chance, 60_000) - 30_000
    : pick(chance, [...world.timers, ...world.state.armed, world.now]);
}

function randomPerson(world: World, chance: Chance): Input {
  const asked = world.events().flatMap((event) => (event.type === "HumanAsked" ? [event.data.ask] : []));
  const { source, id, hash, correlation } = world.eventInput("unused");
  return {
    kind: "human",
    source,
    id,
    hash,
    correlation,
    ask: asked.length > 0 ? pick(chance, asked.slice(-3)) : "nothing",
    value: oneIn(chance, 2) ? { happened: oneIn(chance, 2), result: { x: 1 } } : upTo(chance, 9),
  };
}

function randomCommand(world: World, chance: Chance): Input {
  const { source, id, hash, correlation } = world.eventInput("unused");
  const run = Object.values(world.state.runs)[0]?.id ?? parseRunId("none");
  const how = { reason: "random", ...(oneIn(chance, 3) && { compensate: false }) };
  const command = oneIn(chance, 12)
    ? ({ type: "stop", ...how } as const)
    : ({ type: "cancel", run, ...how } as const);
  return { kind: "command", source, id, hash, correlation, command };
}

function randomLetter(world: World, chance: Chance): Input {
  const { task, attempt } = randomOrder(world, chance);
  const { source, id, hash, correlation } = world.eventInput("unused");
  return {
    kind: "letter",
    source,
    id,
    hash,
    correlation,
    queue: "agent-x",
    reason: "received too often",
    attempt: { task, attempt },
  };
}

/** Fires every timer at its time and nothing else, until the session is finished. The number of timers that it took. */
export function fireTimers(world: World, most: number): number {
  for (let fired = 0; fired < most; fired++) {
    if (world.nextDue() === undefined) return fired;
    world.deadline();
  }
  throw new Error(
    `The session is not finished after ${most} timers: next due ${world.nextDue()}, armed ${world.state.armed.join(", ")}.`,
  );
}
