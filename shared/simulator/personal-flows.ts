import { defineFlow, emit, fallback, map, reply, sequence, step, transform } from "#core/flow/build.ts";
import { simAgent } from "./sim-agents.ts";
import type { SimCase } from "./cases.ts";

/** Flows that take what is personal everywhere: by copies, sentences, items, emitted events, agents and a reply. */
export function confidences(): SimCase {
  const scribe = simAgent({ name: "scribe", reads: ["input", "note"], personal: ["told"] });
  const teller = simAgent({ name: "teller", reads: ["scribe", "session"] });
  const sorter = simAgent({ name: "sorter", reads: ["item"] });
  const skip = { fallback: fallback.skip() };
  const letter = defineFlow({
    name: "letter",
    on: "Written",
    onBusy: "parallel",
    plan: sequence(
      transform({ "note.to": "input.mail", "note.line": '"Dear " + input.mail' }),
      step(scribe, skip),
      step(teller, skip),
      map({ over: "input.people", maxItems: 5, each: step(sorter, skip) }),
      emit("Copied", '{"to": note.to, "n": input.n}'),
      reply('{"to": note.to, "line": note.line, "told": has(scribe.told) ? scribe.told : []}'),
    ),
  });
  const copy = defineFlow({
    name: "copy",
    on: "Copied",
    onBusy: "queue",
    plan: sequence(transform({ copied: "input.to" }), reply("copied")),
  });
  return { name: "confidences", agents: [scribe, teller, sorter], flows: [letter, copy] };
}
