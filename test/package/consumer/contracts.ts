import { defineAgent } from "event-spine";
import * as z from "zod";

export const greeter = defineAgent({
  name: "greeter",
  reads: ["input"],
  input: z.object({ input: z.object({ who: z.string() }) }),
  output: z.object({ greeting: z.string() }),
});

export const closer = defineAgent({
  name: "closer",
  reads: ["greeter.greeting"],
  input: z.object({ greeter: z.object({ greeting: z.string() }) }),
  output: z.object({ text: z.string() }),
});
