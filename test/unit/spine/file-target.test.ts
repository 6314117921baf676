import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createSpineClient, type SpineClient } from "#client/client.ts";
import { defineAgent } from "#core/contract.ts";
import { choice, defineFlow, reply, sequence, step } from "#core/flow/build.ts";
import { inProcessSpine, type InProcessSpine } from "#testing/index.ts";
import { fileTarget } from "../../../scripts/spine/file-target.ts";
import { inProcessClient } from "../../support/in-process-client.ts";

const inquiry = defineAgent({ name: "inquiry", reads: ["input"], output: z.object({ intent: z.string() }) });
const asking = defineFlow({
  name: "asking",
  on: "Asked",
  plan: sequence(
    step(inquiry),
    choice({ when: [{ if: "inquiry.intent == 'book'", then: reply("'booked'") }], otherwise: reply("'no'") }),
  ),
});

let spine: InProcessSpine;
let live: SpineClient;
let folder: string;

beforeEach(async () => {
  spine = inProcessSpine({ flows: [asking], agents: [inquiry.implement(() => ({ intent: "book" }))] });
  live = inProcessClient(spine, "tests");
  folder = mkdtempSync(join(tmpdir(), "file-target-"));
  await live.send("kept", { id: "1", type: "Asked", data: { who: "Ada" } }, 5_000);
  await spine.idle();
});
afterEach(async () => {
  await spine.close();
  rmSync(folder, { recursive: true });
});

async function exported(): Promise<SpineClient> {
  const file = join(folder, "kept.json");
  writeFileSync(file, `${JSON.stringify(await live.recorded("kept"))}\n`);
  const { call } = await fileTarget(file);
  return createSpineClient(call);
}

it("reads a session of a file as the spine does that it is from", async () => {
  const offline = await exported();
  const { sequence } = await live.state("kept");
  expect(await offline.state("kept")).toEqual(await live.state("kept"));
  expect(await offline.eventsAfter("kept", 0)).toEqual(await live.eventsAfter("kept", 0));
  for (let at = 1; at <= sequence; at++) {
    expect(await offline.state("kept", at)).toEqual(await live.state("kept", at));
    expect(await offline.decision("kept", at)).toEqual(await live.decision("kept", at));
  }
  const dispatched = (await live.eventsAfter("kept", 0)).find(
    ({ event }) => event.type === "AttemptDispatched",
  );
  const task = dispatched?.event.type === "AttemptDispatched" ? dispatched.event.data.task : "";
  expect(await offline.view("kept", task)).toEqual(await live.view("kept", task));
  expect(await offline.recorded("kept")).toEqual(await live.recorded("kept"));
  expect((await offline.sessions()).sessions).toMatchObject([{ session: "kept", state: "idle" }]);
});

it("takes nothing: a file can only be read", async () => {
  const offline = await exported();
  await expect(offline.command("kept", { id: "1", type: "stop", reason: "enough" })).rejects.toThrow(
    /can only be read/,
  );
  await expect(offline.fork("kept", { session: "other" })).rejects.toThrow(/can only be read/);
});

it("names a file that it cannot read", async () => {
  await expect(fileTarget(join(folder, "none.json"))).rejects.toThrow(/--file: /);
  const other = join(folder, "other.json");
  writeFileSync(other, '{"format":"something else"}');
  await expect(fileTarget(other)).rejects.toThrow(/--file: .*format/);
});
