import * as z from "zod";
import { defineAgent, type AgentDefinition } from "#core/contract.ts";
import {
  choice,
  emit,
  fallback,
  human,
  map,
  parallel,
  reply,
  sequence,
  step,
  transform,
  waitFor,
} from "#core/flow/build.ts";
import type { Application } from "#core/flow/application.ts";
import { defineApplication } from "#core/flow/compile.ts";
import { canonicalText } from "#core/flow/flow-text.ts";
import type { FlowDefinition } from "#core/flow/plan.ts";
import { serializeCommit } from "#core/session/codec.ts";
import type { SessionState } from "#core/session/state.ts";
import { flowsApart } from "#core/session/stored-flows.ts";
import { forkInput } from "../support/fork-input.ts";
import { sha256Digest, World, type WorldOptions } from "#testing/given-when-then.ts";

/** A recorded session: its commits as they are stored, and the state that they fold to. */
export interface GoldenSession {
  readonly about: string;
  readonly commits: readonly string[];
  readonly state: SessionState;
  /** The texts that its log's library has of the flows that the commits name. */
  readonly flows?: readonly string[];
}

function textOf(application: Application, hash: string): string {
  const found = application.byHash(hash);
  if (found === undefined) throw new Error(`No flow has the hash ${hash}.`);
  return canonicalText(found.flow);
}

const agent = (
  name: string,
  rest: Partial<Omit<AgentDefinition<unknown, unknown>, "name" | "output">> = {},
) =>
  defineAgent({
    name,
    output: z.unknown(),
    timeoutMs: 10_000,
    retries: { max: 1, backoffMs: 1_000 },
    ...rest,
  });

const playing =
  (form: number) =>
  (
    about: string,
    flows: readonly FlowDefinition[],
    agents: readonly ReturnType<typeof agent>[],
    acts: (world: World) => void,
    options: WorldOptions = {},
  ): GoldenSession => {
    const world = new World(defineApplication({ agents, flows }, sha256Digest), {
      startAt: Date.parse("2030-01-01T09:00:00Z"),
      form,
      ...options,
    });
    acts(world);
    return goldenOf(world, about);
  };

function goldenOf({ application, commits, state }: World, about: string): GoldenSession {
  const named = [...new Set(commits.flatMap(flowsApart))];
  return {
    about,
    commits: commits.map(serializeCommit),
    state,
    ...(named.length > 0 && { flows: named.map((hash) => textOf(application, hash)) }),
  };
}

/** Every session that is recorded, by the name of its file. Change none: a new behaviour gets a new session. */
const sessionsIn = (play: ReturnType<typeof playing>): Readonly<Record<string, () => GoldenSession>> => ({
  "inquiry-to-booking": () =>
    play(
      "Three agents in turn with a choice between them; the effect is claimed before it happens.",
      [
        {
          name: "visit",
          on: "VisitAsked",
          plan: sequence(
            step("inquiry"),
            choice({
              when: [{ if: "inquiry.intent == 'book' && confidence.inquiry > 0.5", then: step("booking") }],
              otherwise: step("advice"),
            }),
            reply("{'text': inquiry.intent, 'booked': has(booking.at)}"),
          ),
        },
      ],
      [
        agent("inquiry"),
        agent("booking", { reads: ["inquiry", "session.channel"], effect: "once" }),
        agent("advice"),
      ],
      (w) => {
        w.event(
          "VisitAsked",
          { text: "A visit on Monday, please" },
          { session: { channel: "web" }, constraints: { budget: { tokens: 1_000 } } },
        );
        w.wait(400).answer(
          "inquiry",
          { intent: "book", day: "Monday" },
          { confidence: 0.9, usage: { tokens: 120 } },
        );
        w.wait(50).claim("booking", "execution-1");
        w.wait(700).answer("booking", { at: "2030-01-07T10:00:00Z" });
        w.wait(60_000).event("Unheard", {});
      },
    ),
  "fork-map-and-stale": () =>
    play(
      "A fork that the quickest branch decides while the other finishes, a map, a stale result, retries and fallbacks.",
      [
        {
          name: "documents",
          on: "DocumentsSent",
          plan: sequence(
            parallel({
              branches: {
                quick: step("sort"),
                slow: sequence(
                  waitFor("Corrected", { into: "correction", timeoutMs: 60_000, onTimeout: "continue" }),
                  transform({ "note.n": "1" }),
                ),
              },
              join: { type: "any" },
              losers: "finish",
            }),
            map({
              over: "input.pages",
              maxConcurrent: 2,
              each: step("read", { fallback: [fallback.agent("ocr"), fallback.value("unreadable")] }),
            }),
            step("sum", { fallback: fallback.lastKnown() }),
          ),
        },
      ],
      [
        agent("sort"),
        agent("read", { reads: ["item"] }),
        agent("ocr", { reads: ["item", "input"] }),
        agent("sum", { reads: ["read", "note"] }),
      ],
      (w) => {
        w.event("DocumentsSent", { pages: ["one", "two", "three"] });
        w.wait(100).answer("sort", "invoices");
        w.wait(100).answer("read", "ONE", { dispatch: 0 });
        w.wait(100).fail("read", { dispatch: 1, retryable: false });
        w.wait(100).fail("ocr");
        w.deadline();
        w.wait(100).answer("ocr", "TWO");
        w.wait(100).answer("read", "THREE", { dispatch: 2 });
        w.wait(100).event("Corrected", { page: 2 });
        w.wait(100).answer("sum", "old");
        w.wait(100).answer("sum", "new", { confidence: 0.5 });
      },
    ),
  "urgent-and-people": () =>
    play(
      "An urgent event suspends a run whose effect is claimed and then in doubt; a person decides in its place; a late answer is recorded.",
      [
        {
          name: "order",
          on: "OrderPlaced",
          plan: sequence(
            step("charge", {
              fallback: fallback.human({ ask: "Was the card charged?", timeoutMs: 3_600_000 }),
            }),
            human({ ask: "Ship it?", timeoutMs: 60_000, onTimeout: "continue" }),
          ),
        },
        {
          name: "fraud",
          on: "FraudSuspected",
          onBusy: "pre-empt",
          plan: sequence(step("assess"), emit("Assessed", "assess")),
        },
        {
          name: "report",
          on: "Assessed",
          if: "event.risk > 0.5",
          plan: step("tell", { fallback: fallback.skip() }),
        },
      ],
      [agent("charge", { effect: "once" }), agent("assess"), agent("tell", { reads: ["assess"] })],
      (w) => {
        w.event("OrderPlaced", { total: 40 });
        w.wait(200).claim("charge", "execution-1");
        w.wait(100).event("FraudSuspected", { by: "bank" }, { lane: "express" });
        w.wait(100).fail("charge");
        w.wait(900).answer("assess", { risk: 0.8 });
        w.deadline();
        w.deadline();
        w.wait(1_000).person(true);
        w.wait(1_000).answer("charge", "charged after all");
        w.deadline();
        w.wait(5).answer("tell", "told");
      },
    ),
  "numbers-budgets-and-stop": () =>
    play(
      "Numbered events out of order and with a gap, a full queue, a loop that ends at its hop budget, and a stopped session.",
      [
        { name: "count", on: "Counted", plan: transform({ "last.n": "input.n" }) },
        {
          name: "loop",
          on: "Looped",
          if: "event.n > 0",
          plan: sequence(step("think"), emit("Looped", "{'n': input.n + 1}")),
        },
      ],
      [agent("think")],
      (w) => {
        w.event("Counted", { n: 2 }, { ordinal: 2 });
        w.event("Counted", { n: 1 }, { ordinal: 1 });
        w.event("Counted", { n: 5 }, { ordinal: 5 });
        w.deadline();
        w.event("Looped", { n: 1 });
        for (let i = 0; i < 3; i++) w.wait(10).answer("think", i);
        w.event("Looped", { n: 7 });
        w.wait(10).stop("enough");
        w.wait(10).answer("think", "late");
      },
      { limits: { hops: 5, heldMs: 5_000, idWindow: 3 } },
    ),
  "undone-asked-and-out-of-time": () =>
    play(
      "Effects in doubt that the agent and a person settle, a run that undoes what it did, and a session whose time is over.",
      [
        {
          name: "trip",
          on: "TripAsked",
          plan: sequence(
            step("room", { compensate: step("free-room") }),
            step("car", {
              compensate: step("free-car", {
                fallback: fallback.human({ ask: "Free the car", timeoutMs: 60_000 }),
              }),
            }),
            waitFor("Paid", { timeoutMs: 600_000 }),
          ),
        },
      ],
      [
        agent("room", { effect: "once", onDoubt: "ask" }),
        agent("car", { effect: "once", onDoubt: { person: "Is the car booked?", timeoutMs: 60_000 } }),
        agent("free-room", { reads: ["undo"] }),
        agent("free-car", { reads: ["undo"], retries: { max: 0, backoffMs: 0 } }),
      ],
      (w) => {
        w.event("TripAsked", { to: "Oslo" }, { constraints: { budget: { sessionMs: 300_000 } } });
        w.claim("room");
        w.deadline();
        w.deadline();
        w.wait(50).answer("room", { room: 12 });
        w.claim("car", "execution-2");
        w.deadline();
        w.deadline();
        w.wait(900).person({ happened: true, result: { car: "red" } });
        while (w.state.status !== "stopped") w.deadline();
        w.fail("free-car");
        w.person("done");
        w.wait(5).answer("free-room", "free");
      },
    ),
});

const inForm = (form: number, ending: string) =>
  Object.entries(sessionsIn(playing(form))).map(([name, play]) => [name + ending, play] as const);

const forkedVisit = (): GoldenSession => {
  const flow = {
    name: "visit",
    on: "VisitAsked",
    plan: sequence(
      step("inquiry"),
      parallel({ branches: { b: step("booking"), a: step("advice") } }),
      reply("advice"),
    ),
  };
  const agents = [
    agent("inquiry"),
    agent("booking", { reads: ["inquiry.day"], effect: "once" }),
    agent("advice", { reads: ["inquiry.intent"] }),
  ];
  const application = defineApplication({ agents, flows: [flow] }, sha256Digest);
  const startAt = Date.parse("2030-01-01T09:00:00Z");
  const origin = new World(application, { startAt });
  origin.event("VisitAsked", { text: "A visit on Monday, please" });
  origin.answer("inquiry", { intent: "book", day: "Monday" }, { confidence: 0.9, usage: { tokens: 120 } });
  const at = origin.events().find(({ type }) => type === "AnswerApplied")?.sequence ?? 0;
  origin.claim("booking");
  origin.answer("booking", { at: "Monday 10:00" });
  origin.answer("advice", { plan: "A" });
  const key = { tenant: "acme", session: "s2" };
  const fork = new World(application, { startAt: startAt + 60_000, ids: "f", key });
  fork.send(forkInput(origin, at, { set: { "inquiry.intent": "ask" } }));
  fork.answer("advice", { plan: "B" });
  return goldenOf(
    fork,
    "A fork with another value: the effect counts, and who reads the value is asked again.",
  );
};

const signalledSearch = (): GoldenSession => {
  const signals = { wish: z.unknown(), enough: z.unknown() };
  const search = agent("search", { signals, retries: { max: 1, backoffMs: 1_000 } });
  const flow = { name: "search", on: "SearchAsked", plan: sequence(step("search"), reply("search")) };
  const application = defineApplication({ agents: [search], flows: [flow] }, sha256Digest);
  const w = new World(application, { startAt: Date.parse("2030-01-01T09:00:00Z") });
  w.event("SearchAsked", { city: "Oslo" });
  w.wait(2_000).signal("search", "wish", { text: "a garden" });
  w.fail("search");
  w.signal("plan", "wish", { text: "breakfast" });
  while (w.pending.length === 0) w.deadline();
  w.wait(500).signal(w.order("search").task, "enough");
  w.answer("search", { hotel: "Grand" });
  w.signal("search", "wish", { text: "a pool" });
  return goldenOf(w, "Signals before and after a failed attempt, and one that comes too late.");
};

/** Each session in every form that a deployment may still write. */
export const SESSIONS: Readonly<Record<string, () => GoldenSession>> = Object.fromEntries([
  ...inForm(1, ""),
  ...inForm(2, ".form-2"),
  ...inForm(3, ".form-3"),
  ["forked-visit", forkedVisit] as const,
  ["signalled-search", signalledSearch] as const,
]);
