import { describe, expect, it } from "vitest";
import * as z from "zod";
import { greet, hostOf, outcomesOf, TASK } from "./agent-host.ts";

describe("the view", () => {
  it("is fetched when the task links to it", async () => {
    const asked: string[] = [];
    const { host, door } = hostOf(greet, {
      fetchView: (url) => (asked.push(url), Promise.resolve(`{"input":"far"}`)),
    });
    await host({ ...TASK, viewUrl: "https://views/1", view: { link: { key: "k", bytes: 9 } } }, 1);
    expect(asked).toEqual(["https://views/1"]);
    expect(outcomesOf(door)).toEqual([{ status: "ok", result: { said: "far" } }]);
  });

  it("that cannot be fetched is a failed answer that may be retried", async () => {
    const { host, door, calls } = hostOf(greet, { fetchView: () => Promise.reject(new Error("gone")) });
    await host({ ...TASK, viewUrl: "https://views/1" }, 1);
    expect(calls).toEqual([]);
    expect(outcomesOf(door)).toMatchObject([
      { status: "failed", error: { message: "gone" }, retryable: true },
    ]);
  });

  it("that does not fit the input schema is a failed answer that names the field", async () => {
    const input = z.object({ input: z.object({ text: z.number() }) });
    const { host, door, calls } = hostOf(greet, { input });
    await host(TASK, 1);
    expect(calls).toEqual([]);
    expect(outcomesOf(door)).toMatchObject([
      {
        status: "failed",
        error: { code: "task.view", message: expect.stringContaining("context.input.text") as unknown },
        retryable: false,
      },
    ]);
  });

  it("leaves no effect in doubt when the agent never saw it", async () => {
    const { host, door } = hostOf(greet, { input: z.object({ other: z.string() }) });
    await host({ ...TASK, effect: "once" }, 1);
    expect(outcomesOf(door)).toMatchObject([{ status: "failed", effect: "not-done" }]);
  });

  it("is the output of the input schema", async () => {
    const input = z.object({ input: z.object({ text: z.string() }).transform(({ text }) => text.length) });
    const { host, door } = hostOf(greet, { input });
    await host(TASK, 1);
    expect(outcomesOf(door)).toEqual([{ status: "ok", result: { said: 5 } }]);
  });
});
