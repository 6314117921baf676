import * as z from "zod";
import { describe, expect, it } from "vitest";
import { defineAgent } from "#core/contract.ts";
import { defineApplication } from "#core/flow/compile.ts";
import { choice, defineFlow, fallback, human, reply, sequence, step, waitFor } from "#core/flow/build.ts";
import type { FlowDefinition } from "#core/flow/plan.ts";
import type { JsonObject } from "#core/json.ts";
import type { ForkChanges } from "#core/session/fork/changed-state.ts";
import { FORK_FORM } from "#core/session/fork/fork-form.ts";
import { dataOf, sha256Digest, World } from "#testing/given-when-then.ts";
import { forkInput } from "../../support/fork-input.ts";

const answers = z.object({ value: z.string() });
const inquiry = defineAgent({ name: "inquiry", reads: ["input"], output: answers });
const advice = defineAgent({ name: "advice", reads: ["inquiry"], output: answers });
const booking = defineAgent({
  name: "booking",
  reads: ["inquiry"],
  output: answers,
  effect: "once",
  retries: { max: 2, backoffMs: 1_000 },
});
const notes = defineAgent({ name: "notes", reads: ["input"], output: answers });
const undo = defineAgent({ name: "undoing", reads: ["undo"], output: answers });
const contracts = [undo, inquiry, advice, booking, notes];

/** What is asked, advised, noted and booked, one after another. */
const visiting = defineFlow({
  name: "visiting",
  on: "Asked",
  plan: sequence(
    step(inquiry),
    step(advice),
    step(notes),
    step(booking, { fallback: fallback.value({ value: "nobody" }) }),
    reply('{"booked": booking.value, "advice": advice.value}'),
  ),
});

const worldOf = (...flows: readonly FlowDefinition[]): World =>
  new World(defineApplication({ agents: contracts, flows }, sha256Digest));

interface Options extends ForkChanges {
  readonly repeatEffects?: true;
  readonly ms?: number;
}

/** Forks a session as of an event. */
function forkOf(world: World, at: number, { repeatEffects, ms = 5_000, ...changes }: Options = {}): World {
  const { application, now } = world;
  const input = forkInput(world, at, changes);
  const fork = new World(application, {
    ids: "f",
    startAt: now + ms,
    key: { tenant: "acme", session: "copy" },
  });
  fork.send({ ...input, ...(repeatEffects && { repeatEffects }) });
  return fork;
}

/** A session that has run to its reply. */
function visited(): World {
  const w = worldOf(visiting);
  w.event("Asked", { text: "a boiler" });
  w.answer("inquiry", { value: "boiler" }, { confidence: 0.9, usage: { tokens: 10 } });
  w.answer("advice", { value: "plan A" });
  w.answer("notes", { value: "noted" });
  w.claim("booking");
  w.answer("booking", { value: "Tuesday" });
  return w;
}

const after = (w: World, type: string, agent?: string): number => {
  const found = w.events().find((event) => {
    const task = "task" in event.data ? event.data.task : undefined;
    const created = dataOf(w.events(), "TaskCreated").find((one) => one.task === task);
    return event.type === type && (agent === undefined || created?.agent === agent);
  });
  return found?.sequence ?? 0;
};

const typesOf = (w: World) => w.events().map(({ type }) => type);
const reused = (w: World) => dataOf(w.events(), "OutcomeReused").map(({ from }) => from);
const asked = (w: World) => w.orders.map(({ agent }) => String(agent));

describe("a fork in which nothing is changed", () => {
  it("takes what agents answered later, calls nobody, spends nothing, and replies alike", () => {
    const w = visited();
    const fork = forkOf(w, after(w, "AnswerApplied", "inquiry"));
    expect(asked(fork)).toEqual([]);
    expect(fork.replies).toEqual(w.replies);
    expect(fork.state.runs).toEqual({});
    expect(fork.state.context).toEqual(w.state.context);
    expect(typesOf(fork)[0]).toBe("SessionForked");
  });

  it("goes on where no answer was recorded, with another attempt and the rest of its time from now", () => {
    const w = worldOf(visiting);
    w.event("Asked", { text: "a boiler" });
    w.answer("inquiry", { value: "boiler" });
    w.wait(1_000);
    const run = Object.values(w.state.runs)[0];
    const fork = forkOf(w, w.state.sequence, { ms: 60_000 });
    expect(fork.orders).toMatchObject([{ agent: "advice", attempt: 2 }]);
    const carried = Object.values(fork.state.runs)[0];
    if (run?.status !== "running" || carried?.status !== "running") throw new Error("No run is under way.");
    expect(carried.dueAt - fork.now).toBe(run.dueAt - w.state.time);
    expect(fork.state.armed.every((at) => at > fork.now)).toBe(true);
    fork.answer("advice", { value: "plan B" });
    expect(fork.pending).toEqual(["notes"]);
  });

  it("replies to the event by which it carries a run", () => {
    const w = visited();
    const fork = forkOf(w, after(w, "AnswerApplied", "inquiry"));
    const carried = fork.events().find(({ type }) => type === "RunCarried")?.sequence;
    expect(dataOf(fork.events(), "ReplySent").map(({ to }) => to)).toEqual([carried]);
  });

  it("takes what a person answered", () => {
    const asking = defineFlow({
      name: "asking",
      on: "Asked",
      plan: sequence(
        step(inquiry),
        human({ ask: "Shall we?", into: "person", timeoutMs: 60_000 }),
        reply("person"),
      ),
    });
    const w = worldOf(asking);
    w.event("Asked", {});
    w.answer("inquiry", { value: "x" });
    const at = w.state.sequence;
    w.person("yes");
    expect(forkOf(w, at).replies).toEqual(["yes"]);
    const other = forkOf(w, at, { set: { "inquiry.value": "y" } });
    expect(other.replies).toEqual([]);
    const [question] = dataOf(w.events(), "HumanAsked");
    const input = { source: "test", id: "answer", hash: "", correlation: "answer", value: "no" };
    const answered = other.send({ kind: "human", ask: question?.ask ?? "", ...input });
    expect(answered.types).toContain("RunCompleted");
    expect(other.replies).toEqual(["no"]);
  });
});

describe("a fork with another value", () => {
  it("runs exactly the tasks anew that read it, and performs no effect again", () => {
    const w = visited();
    const fork = forkOf(w, after(w, "AnswerApplied", "inquiry"), { set: { "inquiry.value": "heating" } });
    expect(asked(fork)).toEqual(["advice"]);
    expect(fork.order("advice").view).toEqual({ inquiry: { value: "heating" } });
    fork.answer("advice", { value: "plan B" });
    expect(asked(fork)).toEqual(["advice"]);
    expect(dataOf(fork.events(), "OutcomeReused")).toMatchObject([
      { result: { value: "noted" } },
      { result: { value: "Tuesday" }, effect: true, differs: true },
    ]);
    expect(fork.replies).toEqual([{ booked: "Tuesday", advice: "plan B" }]);
  });

  it("performs an effect again where it is told so", () => {
    const w = visited();
    const set: JsonObject = { "inquiry.value": "heating" };
    const fork = forkOf(w, after(w, "AnswerApplied", "inquiry"), { set, repeatEffects: true });
    fork.answer("advice", { value: "plan B" });
    expect(fork.pending).toEqual(["booking"]);
  });

  it("gives every step another input, and every agent that reads it runs", () => {
    const w = visited();
    const fork = forkOf(w, after(w, "RunStarted"), { set: { "input.text": "a tap" } });
    expect(asked(fork)).toEqual(["inquiry"]);
    expect(fork.order("inquiry").view).toEqual({ input: { text: "a tap" } });
    fork.answer("inquiry", { value: "boiler" });
    // What it found is the same: who reads that alone is not asked.
    expect(asked(fork)).toEqual(["inquiry", "notes"]);
  });

  it("takes another branch with another confidence", () => {
    const routing = defineFlow({
      name: "routing",
      on: "Asked",
      plan: sequence(
        step(inquiry),
        choice({ when: [{ if: "confidence.inquiry > 0.5", then: step(advice) }], otherwise: step(notes) }),
      ),
    });
    const w = worldOf(routing);
    w.event("Asked", {});
    w.answer("inquiry", { value: "x" }, { confidence: 0.9 });
    expect(w.pending).toEqual(["advice"]);
    const at = after(w, "AnswerApplied", "inquiry");
    expect(forkOf(w, at, { set: { "confidence.inquiry": 0.2 } }).pending).toEqual(["notes"]);
    expect(forkOf(w, at).pending).toEqual(["advice"]);
  });

  it("begins its runs anew under another version of their flow, with whatever is the same", () => {
    const w = visited();
    const shorter = defineFlow({
      name: "visiting",
      on: "Asked",
      plan: sequence(step(inquiry), step(advice), reply("advice.value")),
    });
    const [flow] = worldOf(shorter).application.flows;
    const twice = defineApplication({ agents: contracts, flows: [visiting] }, sha256Digest);
    const fork = new World(
      { ...twice, byHash: (hash) => (hash === flow?.hash ? flow : twice.byHash(hash)) },
      { ids: "f", startAt: w.now, key: { tenant: "acme", session: "copy" } },
    );
    fork.send(forkInput(w, after(w, "AnswerApplied", "notes"), flow === undefined ? {} : { flow }));
    expect(asked(fork)).toEqual([]);
    expect(fork.replies).toEqual(["plan A"]);
  });
});

describe("effects of the origin", () => {
  const underClaim = () => {
    const w = worldOf(visiting);
    w.event("Asked", {});
    w.answer("inquiry", { value: "boiler" });
    w.answer("advice", { value: "plan A" });
    w.answer("notes", { value: "noted" });
    w.claim("booking");
    return w;
  };

  it("are not performed again while nobody knows whether they happened", () => {
    const w = underClaim();
    const fork = forkOf(w, w.state.sequence);
    expect(asked(fork)).toEqual([]);
    expect(fork.replies).toEqual([{ booked: "nobody", advice: "plan A" }]);
    expect(forkOf(w, w.state.sequence, { repeatEffects: true }).pending).toEqual(["booking"]);
  });

  it("are not performed again from before their claim either", () => {
    const w = underClaim();
    const fork = forkOf(w, after(w, "AnswerApplied", "inquiry"));
    expect(asked(fork)).toEqual([]);
    expect(fork.replies).toEqual([{ booked: "nobody", advice: "plan A" }]);
  });

  it("are performed where the origin knows that they did not happen", () => {
    const w = underClaim();
    w.fail("booking", { effect: "not-done" });
    expect(forkOf(w, after(w, "EffectClaimed")).pending).toEqual(["booking"]);
  });

  it("are not undone by a fork that fails", () => {
    const undoing = defineFlow({
      name: "undoing",
      on: "Asked",
      plan: sequence(step(inquiry), step(booking, { compensate: step(undo) }), step(advice)),
    });
    const w = worldOf(undoing);
    w.event("Asked", {});
    w.answer("inquiry", { value: "x" });
    w.claim("booking");
    w.answer("booking", { value: "Tuesday" });
    const fork = forkOf(w, w.state.sequence);
    fork.fail("advice", { retryable: false });
    expect(typesOf(fork)).not.toContain("CompensationStarted");
    expect(asked(fork)).toEqual(["advice"]);
  });
});

describe("a fork", () => {
  it("brings held inputs and kept events along, each with an event of its own", () => {
    const waiting = defineFlow({
      name: "waiting",
      on: "Asked",
      plan: sequence(
        step(inquiry),
        waitFor("Paid", { timeoutMs: 60_000, into: "payment" }),
        reply("payment.sum"),
      ),
    });
    const w = worldOf(waiting);
    w.event("Asked", {});
    w.event("Paid", { sum: 7 });
    w.event("Noted", {}, { ordinal: 2, source: "p" });
    const fork = forkOf(w, w.state.sequence);
    expect(typesOf(fork)).toEqual(expect.arrayContaining(["EventCarried", "InputHeld"]));
    fork.answer("inquiry", { value: "x" });
    expect(fork.replies).toEqual([7]);
    expect(fork.event("Noted", {}, { ordinal: 1, source: "p" }).types).toContain("InputReleased");
  });

  it("is refused where the session has events, where the origin was stopped, and where older commits are written", () => {
    const w = visited();
    const input = forkInput(w, 3, {});
    const fork = forkOf(w, 3);
    expect(fork.send({ ...input, id: "another" }).verdicts).toMatchObject([{ code: "input.conflict" }]);
    const stopped = worldOf(visiting);
    stopped.event("Asked", {});
    stopped.stop();
    expect(forkOf(stopped, stopped.state.sequence).commits).toEqual([]);
    const older = new World(w.application, { form: FORK_FORM - 1 });
    expect(older.send(input).verdicts).toMatchObject([{ code: "input.rejected" }]);
  });

  it("is noted by its origin, at most a hundred times, stopped or not", () => {
    const w = visited();
    w.stop();
    const note = (at: number) => {
      const command = { type: "fork", session: `copy-${at}` as never, at } as const;
      return w.send({ kind: "command", source: "t", id: String(at), hash: "", correlation: "", command });
    };
    expect(note(1).types).toEqual(["CommandGiven"]);
    expect(w.state.forks).toEqual(["copy-1"]);
    for (let at = 2; at <= 100; at++) note(at);
    expect(note(101).verdicts).toMatchObject([{ code: "session.full" }]);
  });

  it("can be forked itself", () => {
    const w = visited();
    const first = forkOf(w, after(w, "AnswerApplied", "inquiry"));
    const again = forkOf(first, 1);
    expect(asked(again)).toEqual([]);
    expect(again.replies).toEqual(w.replies);
    expect(reused(again)).toHaveLength(3);
  });
});
