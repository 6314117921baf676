import { describe, expect, it } from "vitest";
import type { InboxMessage } from "#ports/queues.ts";
import { createAdvanceSession } from "#runtime/session/advance-session.ts";
import { createInProcessRecovery } from "#testing/in-process/in-process-recovery.ts";
import { createBench, eventInput, KEY } from "../engine.ts";
import { arrived, DAMAGED, deadline } from "./bench.ts";

function inProcess() {
  const trouble: string[] = [];
  const bench = createBench();
  const engine = { ...bench.engine, onTrouble: (error: unknown) => void trouble.push(String(error)) };
  const sent: InboxMessage[] = [];
  const letters = createInProcessRecovery(engine, {
    inbox: { send: (...messages) => Promise.resolve(void sent.push(...messages)) },
    deadlines: { arm: () => Promise.resolve() },
    track: (work) => work,
  });
  return { ...bench, ...letters, sent, trouble };
}

describe("recovery in one process", () => {
  it("sends a letter again until its session has recorded it, and not afterwards", async () => {
    const { recovery, sent, clock, engine } = inProcess();
    await recovery.letters([arrived("deadlines", deadline(5))]);
    expect(sent).toHaveLength(1);
    await clock.runBy(30_000);
    expect(sent).toHaveLength(2);
    const inputs = sent.slice(0, 1).map(({ input }) => input);
    await createAdvanceSession(engine)(KEY, inputs, () => true);
    await clock.runBy(3_600_000);
    expect(sent).toHaveLength(2);
    expect(clock.waiting).toBe(0);
  });

  it("parks a letter of an unreadable session, and reports it", async () => {
    const { recovery, sent, log, trouble } = inProcess();
    await log.append(KEY, DAMAGED);
    expect(await recovery.letters([arrived("inbox", { ...KEY, input: eventInput("1") })])).toEqual([]);
    expect([sent, trouble]).toEqual([[], ["Error: a letter of inbox is parked"]]);
  });

  it("watches no letter after it was stopped", async () => {
    const { recovery, stop, sent, clock } = inProcess();
    await recovery.letters([arrived("deadlines", deadline(5))]);
    stop();
    expect(clock.waiting).toBe(0);
    await clock.runBy(30_000);
    expect(sent).toHaveLength(1);
  });
});
