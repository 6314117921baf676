import * as z from "zod";
import { describe, expect, it } from "vitest";
import { reply, sequence, waitFor } from "#core/flow/build.ts";
import type { FlowDefinition } from "#core/flow/plan.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import { createMovableClock } from "#memory/movable-clock.ts";
import { inProcessSpine, type InProcessSpineOptions } from "#testing/index.ts";
import { flowOf } from "./engine.ts";

const waiting = (event: string): FlowDefinition =>
  flowOf(sequence(waitFor(event, { into: "label" }), reply("label")));

const PRINTED = { LabelPrinted: z.object({ parcel: z.int() }) };

/** Spines of several versions over one log: of each session, what the first began the others find. */
function versions() {
  const log = createMemorySessionLog();
  const clock = createMovableClock(Date.UTC(2030, 0, 1));
  const trouble: string[] = [];
  const spine = (flow: FlowDefinition, options: Partial<InProcessSpineOptions> = {}) =>
    inProcessSpine({
      flows: [flow],
      agents: [],
      log,
      clock,
      secret: "one secret of thirty-two bytes or more",
      onTrouble: (error) => void trouble.push(String(error)),
      ...options,
    });
  return { spine, trouble };
}

describe("a run that waits for a type unknown to the newer version", () => {
  it("receives its event, over HTTP and from the bus", async () => {
    const { spine } = versions();
    const first = spine(waiting("LabelPrinted"), { events: PRINTED });
    for (const session of ["s1", "s2"]) await first.send("Asked", 1, { session });
    const second = spine(waiting("LabelReady"));
    expect(await second.send("LabelPrinted", { parcel: 1 }, { session: "s1" })).toMatchObject({
      disposition: "awaited",
    });
    await second.put("LabelPrinted", { parcel: 2 }, { session: "s2" });
    await second.idle();
    for (const session of ["s1", "s2"])
      expect((await second.reader.current(second.key(session))).runs).toEqual({});
  });

  it("receives it when it is redelivered, even after the run has ended", async () => {
    const { spine } = versions();
    const first = spine(waiting("LabelPrinted"), { events: PRINTED });
    await first.send("Asked", 1, { session: "s1" });
    const second = spine(waiting("LabelReady"));
    const taken = await second.send("LabelPrinted", { parcel: 1 }, { session: "s1", id: "e1" });
    expect(await second.send("LabelPrinted", { parcel: 1 }, { session: "s1", id: "e1" })).toEqual({
      ...taken,
      duplicate: true,
    });
  });

  it("validates it with the schema that is stored with its flow", async () => {
    const { spine, trouble } = versions();
    const first = spine(waiting("LabelPrinted"), { events: PRINTED });
    await first.send("Asked", 1, { session: "s1" });
    const second = spine(waiting("LabelReady"));
    await expect(second.send("LabelPrinted", { parcel: "one" }, { session: "s1" })).rejects.toMatchObject({
      code: "input.schema",
      problems: [{ field: "data.parcel" }],
    });
    await second.put("LabelPrinted", {}, { session: "s1" });
    await second.idle();
    expect(trouble.join("\n")).toMatch(/input.schema|does not fit the schema of LabelPrinted/);
    expect((await second.reader.current(second.key("s1"))).runs).not.toEqual({});
  });

  it("is the only receiver: other sessions learn that no flow uses the type", async () => {
    const { spine, trouble } = versions();
    const second = spine(waiting("LabelReady"));
    const unknown = { code: "input.unknown-type", problems: [{ field: "type" }] };
    await expect(second.send("LabelPrinted", {}, { session: "s9" })).rejects.toMatchObject(unknown);
    await second.send("Asked", 1, { session: "s1" });
    await expect(second.send("LabelPrinted", {}, { session: "s1" })).rejects.toMatchObject(unknown);
    await second.put("LabelPrinted", {}, { session: "s1" });
    await second.idle();
    expect(trouble.filter((text) => text.includes("a letter of intake is nobody's"))).toHaveLength(1);
  });

  it("receives it unvalidated when its flow has no schema for it", async () => {
    const { spine } = versions();
    await spine(waiting("LabelPrinted")).send("Asked", 1, { session: "s1" });
    const second = spine(waiting("LabelReady"));
    expect(await second.send("LabelPrinted", "anything", { session: "s1" })).toMatchObject({
      disposition: "awaited",
    });
  });
});

describe("a type whose schema changed in the newer version", () => {
  it("is valid under either schema: the current one, or that of the waiting flow", async () => {
    const { spine } = versions();
    const flow = waiting("LabelPrinted");
    const first = spine(flow, { events: PRINTED });
    for (const session of ["s1", "s2", "s3"]) await first.send("Asked", 1, { session });
    const second = spine(flow, { events: { LabelPrinted: z.object({ label: z.string() }) } });
    const send = (session: string, data: Record<string, string | number>) =>
      second.send("LabelPrinted", data, { session });
    expect(await send("s1", { parcel: 1 })).toMatchObject({ disposition: "awaited" });
    expect(await send("s2", { label: "L1" })).toMatchObject({ disposition: "awaited" });
    await expect(send("s3", { neither: 1 })).rejects.toMatchObject({ code: "input.schema" });
  });
});
