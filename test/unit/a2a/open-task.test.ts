import { describe, expect, it } from "vitest";
import { readTask } from "#client/a2a/open-task.ts";
import type { LoggedEvent, SpineClient } from "#client/client.ts";
import { step } from "#core/flow/build.ts";
import { running } from "../session/sample.ts";

const scope = { types: new Set(["Asked"]), asksClient: true };

/** A client that reads one event a page, and says of which. */
function pages(logged: readonly LoggedEvent[]) {
  const read: number[] = [];
  const client: Pick<SpineClient, "eventPages"> = {
    async *eventPages(_, after) {
      for (const one of logged.slice(after)) {
        read.push(one.event.sequence);
        yield await Promise.resolve([one]);
      }
    },
  };
  return { read, client: client as SpineClient }; // nothing else is asked of it
}

describe("reading a task", () => {
  it("begins with the event that starts it, and goes no further than its end", async () => {
    const w = running(step("a"));
    w.answer("a", 1);
    const second = w.event("Asked").events[0]?.sequence ?? 0;
    w.answer("a", 2);
    const ends = w.state.sequence;
    w.event("Asked");
    const logged = w.commits.flatMap(({ events, seen }) =>
      events.map((event) => ({ event, at: seen.now }) as LoggedEvent),
    );
    const { read, client } = pages(logged);
    const task = await readTask(client, `s1~${second}`, scope);
    expect(task.course).toMatchObject({ state: "TASK_STATE_COMPLETED", replies: [{ body: 2 }] });
    expect(read).toEqual(Array.from({ length: ends - second + 1 }, (_, at) => second + at));
    expect(task.last).toBe(ends);
  });

  it("gives up at an event that starts none", async () => {
    const w = running(step("a"));
    const logged = w.commits.flatMap(({ events, seen }) =>
      events.map((event) => ({ event, at: seen.now }) as LoggedEvent),
    );
    const { read, client } = pages(logged);
    await expect(readTask(client, "s1~2", scope)).rejects.toMatchObject({ reason: "TASK_NOT_FOUND" });
    expect(read).toEqual([2]);
  });
});
