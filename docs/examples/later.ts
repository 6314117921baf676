import * as z from "zod";
import { defineAgent, defineFlow, fallback, step, type TaskCallback } from "event-spine";
import { createMovableClock, inProcessSpine } from "event-spine/testing";

const HOUR = 3_600_000;

const render = defineAgent({
  name: "render",
  output: z.object({ film: z.string() }),
  later: true,
  timeoutMs: 12 * HOUR,
  retries: { max: 0, backoffMs: 0 },
});

/** Stands for a service that takes hours. It keeps each job once, with the newest callback. */
const jobs = new Map<string, TaskCallback>();

const renderer = render.implement(({ later, idempotencyKey }) =>
  later((callback) => jobs.set(idempotencyKey, callback)),
);

const filming = defineFlow({
  name: "filming",
  on: "FilmAsked",
  plan: step(render, { fallback: fallback.value({ film: "none in time" }) }),
});

const clock = createMovableClock(Date.UTC(2030, 0, 1));
const spine = inProcessSpine({ flows: [filming], agents: [renderer], clock });
const replied = async (session: string): Promise<unknown> => {
  await spine.idle();
  const events = await spine.reader.events(spine.key(session));
  return events.find((event) => event.type === "ReplySent")?.data.body;
};

await spine.send("FilmAsked", {}, { session: "one" });
await spine.idle();
console.log(`${jobs.size} job has begun, no function waits for it`);

await clock.runBy(3 * HOUR);
const [callback] = jobs.values();
if (callback === undefined) throw new Error("No job has begun.");
const answer = { status: "ok", result: { film: "a-day.mp4" } } as const;
console.log(await spine.answerTask(callback, answer));
console.log(await spine.answerTask(callback, answer));
console.log(await replied("one"));

jobs.clear();
await spine.send("FilmAsked", {}, { session: "two" });
await spine.idle();
await clock.runBy(13 * HOUR);
console.log(await replied("two"));
for (const late of jobs.values()) console.log(await spine.answerTask(late, answer));
await spine.close();
