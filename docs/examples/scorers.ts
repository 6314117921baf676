import * as z from "zod";
import { defineAgent, defineFlow, defineScorer, reply, scoreReplies, sequence, step } from "event-spine";
import { inProcessSpine } from "event-spine/testing";

const greeter = defineAgent({ name: "greeter", reads: ["input"], output: z.object({ text: z.string() }) });
const greeting = defineFlow({
  name: "greeting",
  on: "GreetingAsked",
  plan: sequence(step(greeter), reply("greeter")),
});
const agents = [
  greeter.implement(({ context }) => ({ text: context.input.who === "Ada" ? "Hello Ada" : "Hello" })),
];

/** The run came to its end. */
const answered = defineScorer({
  name: "answered",
  scores: ({ reply }) => ({ score: reply.failed ? 0 : 1 }),
});
/** A greeting names who is greeted; about other replies it says nothing. */
const personal = defineScorer({
  name: "personal",
  version: "1",
  labels: ["no-name"],
  scores({ reply, input }) {
    if (reply.flow !== "greeting") return undefined;
    const { who } = z.object({ who: z.string() }).parse(input.data);
    const { text } = z.object({ text: z.string() }).parse(reply.body);
    return text.includes(who) ? { score: 1 } : { score: 0.5, label: "no-name" };
  },
});

const spine = inProcessSpine({ flows: [greeting], agents });
for (const who of ["Ada", "Grace"]) await spine.ask("GreetingAsked", { who }, { session: "one" });
const commits = await spine.reader.allCommits(spine.key("one"));
for (const { scorer, sequence, score, label = "" } of await scoreReplies(commits, [answered, personal]))
  console.log(`${sequence} ${scorer} ${score} ${label}`.trimEnd());
await spine.close();

const live = inProcessSpine({ flows: [greeting], agents, scorers: [answered, personal] });
await live.ask("GreetingAsked", { who: "Ada" }, { session: "two" });
await live.idle();
for (const { scorer, sequence, score } of await live.scores.read(live.key("two"), { limit: 10 }))
  console.log(`live: ${sequence} ${scorer} ${score}`);
await live.close();
