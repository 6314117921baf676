import type { StandardSchemaV1 } from "@standard-schema/spec";
import { defineFlow, fallback, parallel, reply, sequence, step, waitFor } from "#core/flow/build.ts";
import type { Hire } from "./sim-agents.ts";
import type { SimCase } from "./cases.ts";

/** Two flows that wait for one event, which only one of them may have. */
export function parcels(simAgent: Hire): SimCase {
  const wrap = simAgent({ name: "wrap" });
  const label = simAgent({ name: "slow-label" });
  // Both take whatever is paid, and who pays before they wait has paid all the same.
  const taking = { take: "first", timeoutMs: 30_000, onTimeout: "continue" } as const;
  const parcel = defineFlow({
    name: "parcel",
    on: "Booked",
    together: ["gift"],
    onBusy: "parallel",
    plan: sequence(
      step(label, { fallback: fallback.skip() }),
      waitFor("Paid", { ...taking, into: "paid" }),
      reply("has(paid.n) ? paid.n : -1"),
    ),
  });
  const gift = defineFlow({
    name: "gift",
    on: "Booked",
    together: ["parcel"],
    onBusy: "parallel",
    plan: sequence(
      step(wrap, { fallback: fallback.skip() }),
      waitFor("Paid", { ...taking, into: "thanked" }),
    ),
  });
  return { name: "parcels", agents: [wrap, label], flows: [parcel, gift] };
}

/** What they may be told. */
const NUMBER: StandardSchemaV1<unknown, number> = {
  "~standard": {
    version: 1,
    vendor: "event-spine",
    validate: (value) => (typeof value === "number" ? { value } : { issues: [{ message: "is no number" }] }),
  },
};

/** Agents that are listened to, and told something, while they work long: one is pre-empted, one loses its race, one has an effect. */
export function vigils(simAgent: Hire): SimCase {
  const listened = { heartbeatMs: 5_000, timeoutMs: 90_000, signals: { more: NUMBER } };
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
