import { answered, type Agent, type Answered } from "event-spine";
import { describe, expect, it } from "vitest";
import { CALL, LOOK, PAY, SEAT, World } from "./script.ts";
import { CAREFUL, DESK, spineAround, taskOf, type DeskContract } from "./desk.ts";

const PER_CALL = CALL.inputTokens + CALL.outputTokens;

export interface Subject {
  /** A fresh process: an agent with the tools `look` and `pay`, whose model says what the world's script says. */
  readonly start: (world: World, contract: DeskContract) => Agent;
  /** The agent works elsewhere: it stops when it is told to. @default false */
  readonly remote?: boolean;
  /** @default all */
  readonly lacks?: readonly Capability[];
}

/** `stopping`: nobody can stop it. `forgetting`: it keeps what it did, and tests of its own say what a crash means. */
type Capability = "approval" | "forgetting" | "stopping" | "streaming" | "usage";

/** What every adapter must do, with the real framework and a scripted model. */
export function describeConformance(name: string, { start, remote = false, lacks = [] }: Subject): void {
  const has = (what: Capability) => !lacks.includes(what);
  const run = async (world: World, over: Parameters<typeof taskOf>[0] = {}) => {
    const { task, said } = taskOf(over);
    const answer = (await start(world, DESK).run(task)) as Answered<unknown>;
    return { answer, said };
  };

  describe(name, () => {
    it("answers by the contract, with the usage of two calls of the model, each counted once", async () => {
      const world = new World(LOOK, SEAT);
      const { answer } = await run(world);
      expect(answer).toMatchObject(answered({ result: { text: "Seat 3a is yours." } }));
      if (!has("usage")) expect(answer.usage).toBeUndefined();
      else
        expect(answer.usage).toMatchObject({
          inputTokens: 2 * CALL.inputTokens,
          outputTokens: 2 * CALL.outputTokens,
        });
      expect(world.ran).toEqual(["look"]);
    });

    if (has("streaming"))
      it("shows the text piece by piece", async () => {
        const { said } = await run(new World(SEAT));
        expect(said).toEqual(["Seat ", "3a ", "is ", "yours."]);
      });

    if (!remote && has("stopping"))
      it("stops within one piece when its signal aborts", async () => {
        const world = new World(SEAT);
        const stopping = new AbortController();
        world.beforePiece = async () => {
          stopping.abort();
          // As a network would: what was sent meanwhile arrives.
          await new Promise((later) => setImmediate(later));
        };
        const { task, said } = taskOf({ signal: stopping.signal });
        await expect(Promise.resolve(start(world, DESK).run(task))).rejects.toMatchObject({
          code: "agent.timeout",
        });
        for (let turn = 0; turn < 20; turn += 1) await new Promise((later) => setImmediate(later));
        expect(said.length).toBeLessThanOrEqual(1);
        expect(world.sent).toBeLessThanOrEqual(2);
        expect(world.modelCalls).toBe(1);
      });

    if (remote && has("streaming"))
      it("tells the remote agent to stop when its signal aborts", async () => {
        const world = new World(SEAT);
        const stopping = new AbortController();
        world.beforePiece = () => world.told;
        const said: unknown[] = [];
        const progress = (piece: unknown): void => {
          said.push(piece);
          stopping.abort();
        };
        const { task } = taskOf({ signal: stopping.signal, progress });
        await expect(Promise.resolve(start(world, DESK).run(task))).rejects.toMatchObject({
          code: "agent.timeout",
        });
        await world.told;
        expect(said).toEqual(["Seat "]);
        expect(world.sent).toBeLessThanOrEqual(2);
      });

    it("does not begin when its signal has aborted", async () => {
      const world = new World(SEAT);
      await expect(run(world, { signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: "agent.timeout",
      });
      expect(world.modelCalls).toBe(0);
    });

    if (has("approval")) describeApproval(start, has("usage") ? PER_CALL : 0);
    if (has("forgetting")) describeCrashes(start, has("approval"));
  });
}

function describeApproval(start: Subject["start"], perCall: number): void {
  /** Every task is served by a process of its own: nothing but the checkpoint goes from one to the next. */
  const processes = (world: World): Agent => ({
    ...start(world, DESK),
    run: (task) => start(world, DESK).run(task),
  });

  it("asks a person and goes on with the answer: no tool runs twice, no token is counted twice", async () => {
    const world = new World(LOOK, PAY, SEAT);
    const spine = spineAround(processes(world));
    await spine.ask();
    expect(world.ran).toEqual(["look"]);
    expect(await spine.state()).toMatch(/(?:amount|pay)\W+40/);
    await spine.answer({ approved: true });
    expect(await spine.reply()).toEqual({ text: "Seat 3a is yours." });
    expect(world.ran).toEqual(["look", "pay"]);
    expect(world.modelCalls).toBe(3);
    expect(await spine.tokens()).toBe(3 * perCall);
    await spine.close();
  });

  it("goes on without the tool when the person refuses", async () => {
    const world = new World(PAY, SEAT);
    const spine = spineAround(processes(world));
    await spine.ask();
    await spine.answer({ approved: false, reason: "Too dear." });
    expect(await spine.reply()).toEqual({ text: "Seat 3a is yours." });
    expect(world.ran).toEqual([]);
    await spine.close();
  });

  it("asks again, and fails when it asks more often than its plan lets it", async () => {
    const world = new World(PAY, PAY, PAY, SEAT);
    const spine = spineAround(processes(world));
    await spine.ask();
    await spine.answer({ approved: true });
    expect(await spine.reply()).toBeUndefined();
    await spine.answer({ approved: true });
    expect(await spine.reply()).toMatchObject({ code: "agent.failed" });
    await spine.close();
  });
}

/** A tool that acts, and never comes back: its process is gone. */
function dying(): { readonly hangs: Promise<void>; readonly die: () => Promise<never> } {
  const { promise: hangs, resolve } = Promise.withResolvers<void>();
  const die = () => {
    resolve();
    return new Promise<never>(() => undefined);
  };
  return { hangs, die };
}

function describeCrashes(start: Subject["start"], asks: boolean): void {
  it("begins its turn again after a crash, and says plainly what that means: tools run again", async () => {
    const world = new World(LOOK, LOOK, SEAT);
    const { hangs, die } = dying();
    world.afterTool = () => (world.ran.length === 1 ? die() : Promise.resolve());
    const spine = spineAround(start(world, DESK), hangs);
    await spine.ask();
    await spine.pass(120_000);
    expect(await spine.reply()).toEqual({ text: "Seat 3a is yours." });
    expect(world.timesOf("look")).toBe(2);
    await spine.close();
  });

  it("with effect once runs no tool twice: a crash after a tool leaves the effect in doubt", async () => {
    const world = asks ? new World(PAY, SEAT) : new World(LOOK, SEAT);
    const tool = asks ? "pay" : "look";
    const { hangs, die } = dying();
    world.afterTool = die;
    const spine = spineAround(start(world, CAREFUL), hangs);
    await spine.ask();
    if (asks) await spine.answer({ approved: true });
    expect(world.ran).toEqual([tool]);
    await spine.pass(600_000);
    expect(await spine.reply()).toMatchObject({ code: "effect.in-doubt" });
    expect(world.ran).toEqual([tool]);
    await spine.close();
  });
}
