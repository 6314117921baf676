import * as z from "zod";
import type { TaskMessage } from "#core/session/task-messages.ts";
import {
  afterSchema,
  answerSchema,
  executionSchema,
  failedSchema,
  outcomeSchema,
  proofSchema,
} from "#runtime/doors/agent-protocol.ts";
import type { DoorResponse } from "./door-protocol.ts";

const trace = {
  traceparent: z.string().optional().describe("W3C trace context."),
  correlation: z.string().max(256).optional().describe("For logs; hand on what the task carried."),
};

const attempt = {
  tenant: z.string(),
  session: z.string(),
  task: z.string(),
  attempt: z.int().positive(),
};

const task = z
  .looseObject({
    ...attempt,
    token: z.string().describe("Proves the attempt. Send it back, show it to nobody."),
    agent: z.string(),
    lane: z.enum(["normal", "express"]),
    run: z.string(),
    step: z.string(),
    effect: z.enum(["none", "once"]).describe("once: claim before you act on the outside world."),
    settles: z
      .literal(true)
      .optional()
      .describe(
        "An earlier attempt's effect is in doubt: do not act and do not claim, find out whether it happened. Answer ok with its result, or failed with effect not-done.",
      ),
    deadline: z.number().describe("Milliseconds since the epoch at which an answer is late."),
    notBefore: z
      .number()
      .optional()
      .describe("Begin no earlier, ms since the epoch: the pause before a retry, a second at most."),
    heartbeatMs: z
      .number()
      .optional()
      .describe("Send the door a beat when you begin and then so often, ms: who falls silent has failed."),
    committedAt: z
      .number()
      .describe("When the dispatch was committed, ms. Look first when that is long ago."),
    asOf: z.int().nonnegative().describe("The sequence that the view shows."),
    view: z
      .record(z.string(), z.unknown())
      .describe("What the contract reads; with viewUrl only where it is stored."),
    linked: z.boolean(),
    viewUrl: z.string().optional().describe("Fetch a large view here, before the deadline."),
    budget: z.looseObject({
      hops: z.number().optional(),
      tokens: z.number().optional(),
      money: z.number().optional(),
    }),
    answerBy: z.enum(["door", "queue"]).describe("queue: prefer answers.fifo, where wide forks do not race."),
    live: z
      .literal(true)
      .optional()
      .describe(
        "Somebody watches: say what you do by the spine's function for progress, twice a second at most.",
      ),
    idempotencyKey: z.string().describe("The same for every attempt: hand it to the target of an effect."),
    handedBy: z
      .string()
      .optional()
      .describe("It was handed to the host of this attempt. Where it comes by the queue, look first."),
    correlation: z.string(),
    traceparent: z.string().optional(),
  })
  .describe("What an agent's queue carries, as JSON.");

const said = (schema: z.core.$ZodType, description: string): void => {
  z.globalRegistry.add(schema, { description });
};
said(failedSchema.shape.effect, "You claimed, or were asked, and know that nothing was done.");
said(outcomeSchema, "A failure is an answer too: the coordinator decides whether to try again.");
said(answerSchema, "What the door, or answers.fifo, takes. Fields that are not named here are passed over.");
said(
  answerSchema.shape.nextWithinMs,
  "You host several agents of a group, and can take another task of it that ends within so many ms.",
);
said(afterSchema, "The number of the last signal that you have; 0 for all.");
said(executionSchema, "A name of this execution of yours, the same when it asks again.");

const doorRequest = z
  .discriminatedUnion("op", [
    z.object({ op: z.literal("look"), proof: proofSchema, ...trace }),
    z
      .object({ op: z.literal("beat"), proof: proofSchema, ...trace })
      .describe("You are at work. Where the verdict says no, stop: your answer counts no longer."),
    z.object({ op: z.literal("claim"), proof: proofSchema, execution: executionSchema, ...trace }),
    z.object({ op: z.literal("answer"), answer: answerSchema, ...trace }),
    z
      .object({ op: z.literal("signals"), proof: proofSchema, after: afterSchema, ...trace })
      .describe(
        "Whether you were told anything. Where the verdict says no, stop: your answer counts no longer.",
      ),
  ])
  .describe("Payload of a synchronous invocation of the door's function.");

const signals = z
  .array(
    z.strictObject({
      number: z
        .int()
        .positive()
        .describe("Of the task's signals, from 1; a later attempt gets the same again."),
      name: z.string(),
      data: z.unknown(),
    }),
  )
  .describe("What somebody told the agent of this task, in order.");

const stopReason = z.enum(["settled", "fenced", "claimed", "stale", "stopped"]);

const problem = z.strictObject({ field: z.string(), problem: z.string(), repair: z.string() });
const doorResponse = z
  .union([
    z.strictObject({
      ok: z.literal(true),
      verdict: z.union([
        z.strictObject({ go: z.literal(true) }),
        z.strictObject({
          go: z.literal(false),
          because: stopReason,
          next: task
            .optional()
            .describe("What the answer of this attempt handed over, if nobody has begun it."),
        }),
        z.strictObject({
          type: z.enum(["recorded", "settled", "busy"]),
          problems: z.array(problem).optional(),
          next: task.optional().describe("The next task of the group, for an answer with nextWithinMs."),
        }),
        z.strictObject({ go: z.boolean(), because: stopReason.optional(), signals }),
      ]),
    }),
    z.strictObject({
      ok: z.literal(false),
      error: z.strictObject({
        code: z.string(),
        message: z.string(),
        problems: z.array(problem),
        retryable: z.boolean(),
      }),
    }),
  ])
  .describe("What the door answers. It throws for nothing that a caller did.");

/** What an agent's function sends to the door's. In JSON, so that an agent may be written in any language. */
export type DoorRequest = z.input<typeof doorRequest>;

/** What travels between the spine and an agent in any language, as schemas. */
export const protocol = { task, answer: answerSchema, doorRequest, doorResponse } as const;

/** The protocol as one JSON Schema (2020-12), each message under `$defs`. */
export function protocolSchema() {
  const $defs = Object.fromEntries(
    Object.entries(protocol).map(([name, schema]) => {
      const { $schema: _, ...definition } = z.toJSONSchema(schema, {
        io: "input",
        // A result is any JSON, which its schema leaves to whoever reads the text.
        unrepresentable: "any",
      });
      return [name, definition];
    }),
  );
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Event Spine: tasks and answers",
    $defs,
  };
}

/** Does not compile when the schemas do not fit the types that the code uses. */
export type Fits = [
  TaskMessage extends { [Field in keyof z.input<typeof task>]?: unknown } ? true : never,
  keyof TaskMessage extends keyof z.input<typeof task> ? true : never,
  DoorResponse["ok"] extends z.input<typeof doorResponse>["ok"] ? true : never,
];
