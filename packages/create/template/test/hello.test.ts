import assert from "node:assert/strict";
import { test } from "node:test";
import { inProcessSpine } from "event-spine/testing";
import { agents, applicationDefinition } from "../spine.ts";

test("hello greets who asks", async () => {
  const spine = inProcessSpine({ ...applicationDefinition, agents });
  assert.deepEqual(await spine.ask("HelloAsked", { who: "Ada" }), { text: "Hello Ada" });
  await spine.close();
});
