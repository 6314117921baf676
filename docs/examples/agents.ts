import * as z from "zod";
import {
  answered,
  defineAgent,
  defineFlow,
  fallback,
  parallel,
  sequence,
  SpineError,
  step,
  waitFor,
} from "event-spine";
import { createMovableClock, inProcessSpine } from "event-spine/testing";

const classify = defineAgent({
  name: "classify",
  reads: ["input", "session.locale"],
  input: z.object({ input: z.object({ text: z.string() }) }),
  output: z.object({ intent: z.enum(["refund", "other"]) }),
  timeoutMs: 5_000,
  retries: { max: 2, backoffMs: 200 },
  onStale: "rerun",
});

const classifier = classify.implement(({ context }) =>
  answered({
    result: { intent: context.input.text.includes("money back") ? "refund" : "other" },
    confidence: 0.8,
    usage: { tokens: 120, money: 0.0004 },
  }),
);

const refund = defineAgent({
  name: "refund",
  reads: ["input", "classify.intent"],
  output: z.object({ receipt: z.string() }),
  effect: "once",
  onDoubt: "fail",
});

/** Stands for a payment service that knows idempotency keys. */
const paid = new Map<string, string>();

const refunder = refund.implement(({ context, idempotencyKey, signal }) => {
  if (context.classify.intent !== "refund") {
    throw new SpineError("agent.failed", "There is nothing to pay back.", {
      retryable: false,
      details: { effect: "not-done" },
    });
  }
  if (signal.aborted) throw new Error("Too late to begin.");
  const receipt = paid.get(idempotencyKey) ?? `receipt-${paid.size + 1}`;
  paid.set(idempotencyKey, receipt);
  return { receipt };
});

const complaints = defineFlow({
  name: "complaints",
  on: "Complained",
  plan: sequence(
    step(classify, { fallback: fallback.value({ intent: "other" }) }),
    step(refund, { fallback: fallback.human({ ask: "Was this paid back? Give the receipt." }) }),
  ),
});

const clock = createMovableClock(0);

const survey = defineAgent({
  name: "survey",
  reads: ["input"],
  output: z.object({ pages: z.number() }),
  timeoutMs: 600_000,
  heartbeatMs: 10_000,
});

const surveyor = survey.implement(async ({ signal }) => {
  let pages = 0;
  for (; pages < 500 && !signal.aborted; pages += 1) await clock.sleep(1_000);
  if (signal.aborted) console.log(`the survey left off at page ${pages}`);
  return { pages };
});

const questions = defineFlow({
  name: "questions",
  on: "Asked",
  plan: parallel({
    branches: { survey: step(survey), answer: waitFor("Answered", { timeoutMs: 600_000 }) },
    join: { type: "any" },
  }),
});

const output = z.object({ text: z.string() });
const reader = defineAgent({ name: "reader", group: "desk", output });
const writer = defineAgent({ name: "writer", group: "desk", reads: ["reader.text"], output });

const letters = defineFlow({ name: "letters", on: "LetterCame", plan: sequence(step(reader), step(writer)) });

const spine = inProcessSpine({
  clock,
  flows: [complaints, questions, letters],
  agents: [
    classifier,
    refunder,
    surveyor,
    reader.implement(() => ({ text: "a complaint" })),
    writer.implement(({ context }) => ({ text: `We are sorry about ${context.reader.text}.` })),
  ],
});

await spine.send("Complained", { text: "I want my money back" }, { session: "one" });
await spine.send("Complained", { text: "Nice shop" }, { session: "two" });
await spine.idle();
for (const session of ["one", "two"]) {
  const types = (await spine.reader.events(spine.key(session))).map(({ type }) => type);
  console.log(session, types.includes("ReplySent") ? "replied:" : "waits:", types.slice(-3).join(", "));
}
console.log(`paid ${paid.size} time`);

await spine.send("LetterCame", {}, { session: "four" });
await spine.idle();
const handed = (await spine.reader.events(spine.key("four"))).filter(
  ({ type, data }) => type === "AttemptDispatched" && "handedBy" in data,
);
console.log(`${handed.length} task was handed over`);

// Somebody knows it before the survey has ended: at its next heartbeat it leaves off.
await spine.send("Asked", {}, { session: "three" });
await clock.runBy(25_500);
await spine.send("Answered", {}, { session: "three" });
await clock.runBy(10_000);
await spine.close();
