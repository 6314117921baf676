import type { Agent, FlowDefinition } from "event-spine";
import { inProcessSpine } from "event-spine/testing";
import { first, second, third } from "./flows.ts";
import { firstStep, secondStep, thirdStep } from "./implementations.ts";
import { calendar, calls, inquiry, type Message } from "./mesh.ts";

type Answer = (message: Message) => Promise<{ text: string }>;

const SERVICE: Message = { text: "A boiler service", city: "Bern" };
const TAP: Message = { text: "A leaking tap", city: "Basel" };

/** Asks twice, counts the direct calls, and asks once more while the calendar does not answer. */
async function show(name: string, answer: Answer): Promise<void> {
  calls.made = 0;
  const replies = [(await answer(SERVICE)).text, (await answer(TAP)).text];
  const direct = calls.made / replies.length;
  calendar.fails = 1;
  const inTrouble = await answer(SERVICE).then(
    ({ text }) => text,
    (error: Error) => error.message,
  );
  console.log(`${name}\n  ${replies.join("\n  ")}\n  direct calls: ${direct}\n  in trouble: ${inTrouble}`);
}

async function showSpine(name: string, flow: FlowDefinition, agents: readonly Agent[]): Promise<void> {
  const spine = inProcessSpine({ flows: [flow], agents });
  const ask = async (message: Message) =>
    (await spine.ask("MessageReceived", { ...message })) as { text: string };
  await show(name, ask);
  await spine.close();
}

await show("before", inquiry);
await showSpine("step 1: the mesh as one agent", first, firstStep);
await showSpine("step 2: the calendar apart", second, secondStep);
await showSpine("step 3: no direct calls", third, thirdStep);
