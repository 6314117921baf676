import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import {
  defineAgent,
  defineFlow,
  foldAdvance,
  inOrder,
  step,
  type SessionAdvanced,
  type SessionState,
} from "event-spine";
import { inProcessSpine } from "event-spine/testing";

const greeter = defineAgent({ name: "greeter", reads: ["input"], output: z.object({ text: z.string() }) });
const greeting = defineFlow({ name: "greeting", on: "GreetingAsked", plan: step(greeter) });
const agents = [greeter.implement(({ context }) => ({ text: `Hello ${context.input.who}` }))];

const published: SessionAdvanced[] = [];
const onAdvance = (advance: SessionAdvanced): void => void published.push(advance);
const spine = inProcessSpine({ flows: [greeting], agents, onAdvance });
for (const who of ["Ada", "Grace"]) await spine.ask("GreetingAsked", { who }, { session: "one" });
await spine.idle();

/** A session as a subscriber keeps it: the state so far, and what came too early. */
let state: SessionState | undefined;
let held: readonly SessionAdvanced[] = [];

function receive(advance: SessionAdvanced): void {
  const { due, ahead } = inOrder(state?.sequence ?? 0, [...held, advance]);
  for (const next of due) state = foldAdvance(state, next);
  held = ahead;
}

// The worst that can happen to an order: backwards, and everything twice.
for (const advance of [...published.toReversed(), ...published]) receive(advance);

const sequence = state?.sequence ?? 0;
console.log(`event ${sequence}: ${JSON.stringify(state?.context["greeter"])}`);
console.log(
  "as the log says:",
  isDeepStrictEqual(state, await spine.reader.stateAt(spine.key("one"), sequence)),
);
await spine.close();
