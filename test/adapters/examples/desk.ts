import { defineFlow, reply, sequence } from "event-spine";
import { defineInterruptible, withApproval } from "event-spine/adapters";
import * as z from "zod";

export const desk = defineInterruptible({ name: "desk", output: z.object({ text: z.string() }) });

export const booking = defineFlow({
  name: "booking",
  on: "SeatAsked",
  plan: sequence(withApproval(desk, { ask: "May the desk do that?", rounds: 3 }), reply("desk")),
});
