import assert from "node:assert/strict";
import {
  createMovableClock,
  expectSession,
  inProcessSpine,
  inZone,
  localTime,
  nextWeekday,
  readSession,
  recordSession,
  replay,
  scripted,
} from "event-spine/testing";
import { it } from "vitest";
import { applicationDefinition } from "./application.ts";
import { closer, greeter } from "./contracts.ts";

const { flows } = applicationDefinition;

it("greets in the end although the greeter fails twice", async () => {
  const greet = scripted(greeter).fails(2).answers({ greeting: "Hello Ada" });
  const close = scripted(closer).answers(({ context }) => ({ text: `${context.greeter.greeting}!` }));
  const clock = createMovableClock(0);
  const spine = inProcessSpine({ flows, agents: [greet, close], clock });

  await clock.runUntil(spine.ask("GreetingAsked", { who: "Ada" }, { session: "s1" }));

  expectSession(await readSession(spine, "s1"))
    .toHaveReplied({ text: "Hello Ada!" })
    .toHaveCalled("greeter", 3)
    .toHaveRecorded(["AttemptFailed", { attempt: 2 }], "AnswerApplied", "RunCompleted");
  assert.deepEqual(greet.calls[2]?.context, { input: { who: "Ada" } });
});

it("gives up when the closer hangs, at the time that its contract says", async () => {
  const agents = [scripted(greeter).answers({ greeting: "Hello" }), scripted(closer).hangs()];
  const clock = createMovableClock(localTime("2026-03-27T17:59", "Europe/Berlin"));
  const spine = inProcessSpine({ flows, agents, clock });

  await spine.send("GreetingAsked", { who: "Ada" }, { session: "s1" });
  await clock.runTo(nextWeekday("Monday", "09:00", "Europe/Berlin", clock.now()));

  expectSession(await readSession(spine, "s1"))
    .toHaveFailed("agent.timeout")
    .toHaveCalled("closer", 3)
    .not.toHaveReplied();
  // Clocks were set forward that Sunday.
  assert.equal(inZone(clock.now(), "Europe/Berlin").offsetMinutes, 120);
});

it("decides a recorded session as before", async () => {
  const agents = [
    scripted(greeter).answers({ greeting: "Hello" }),
    scripted(closer).crashes(1).answers({ text: "Bye" }),
  ];
  const clock = createMovableClock(0);
  const spine = inProcessSpine({ flows, agents, clock });
  await clock.runUntil(spine.ask("GreetingAsked", { who: "Ada" }, { session: "s1", waitMs: 600_000 }));

  // As a rule read from a file that `event-spine export` wrote.
  const recorded: unknown = JSON.parse(JSON.stringify(await recordSession(spine, "s1")));
  assert.deepEqual(replay(recorded, applicationDefinition), []);
});
