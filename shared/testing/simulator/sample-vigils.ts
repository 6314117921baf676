import { defineFlow, fallback, parallel, reply, sequence, step } from "#core/flow/build.ts";
import { simAgent } from "./agents.ts";
import type { SimCase } from "./cases.ts";

/** Work that takes long and is listened for. */
export function vigils(): SimCase {
  const listened = { heartbeatMs: 5_000, timeoutMs: 90_000 };
  const guard = simAgent({ name: "guard", ...listened });
  const hare = simAgent({ name: "hare", ...listened });
  const tortoise = simAgent({ name: "tortoise", ...listened });
  const actor = simAgent({ name: "actor", ...listened, effect: "once" });
  const skip = { fallback: fallback.skip() };
  const watch = defineFlow({
    name: "watch",
    on: "Asked",
    onBusy: "restart",
    plan: sequence(step(guard, skip), reply("has(guard.value) ? guard.value : -1")),
  });
  const race = defineFlow({
    name: "race",
    on: "Raced",
    plan: parallel({ branches: { hare: step(hare), tortoise: step(tortoise) }, join: { type: "any" } }),
  });
  const acting = defineFlow({ name: "acting", on: "Ordered", onBusy: "parallel", plan: step(actor, skip) });
  return { name: "vigils", agents: [guard, hare, tortoise, actor], flows: [watch, race, acting] };
}
