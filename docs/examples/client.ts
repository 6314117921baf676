import * as z from "zod";
import {
  defineAgent,
  defineFlow,
  human,
  reply,
  sequence,
  step,
  type ApplicationDefinition,
} from "event-spine";
import { createClient, type Client } from "event-spine/client";
import { inProcessCall, inProcessSpine } from "event-spine/testing";

const pricer = defineAgent({
  name: "pricer",
  reads: ["input"],
  input: z.object({ input: z.object({ pieces: z.number() }) }),
  output: z.object({ total: z.number() }),
});

// `satisfies` keeps the types that an annotation would forget.
const application = {
  flows: [
    defineFlow({
      name: "quoting",
      on: "QuoteAsked",
      replies: z.object({ total: z.number(), by: z.string() }),
      plan: sequence(
        step(pricer),
        human({ ask: "Who signs?", answer: z.object({ name: z.string() }), into: "signed" }),
        reply(`{"total": pricer.total, "by": signed.name}`),
      ),
    }),
  ],
  events: { QuoteAsked: z.object({ pieces: z.number() }) },
} satisfies ApplicationDefinition;

// Of a deployed spine: createClient<typeof application>({ url, streamUrl, authorize: authorizeBy(credentials, region, "lambda") })
const agents = [pricer.implement(({ context }) => ({ total: context.input.pieces * 20 }))];
const spine = inProcessSpine({ ...application, agents });
const client: Client<typeof application> = createClient({ call: inProcessCall(spine, "shop") });

const session = client.session("quote-1");
const { sequence: sent } = await session.send("QuoteAsked", { pieces: 3 }, { id: "order-7" });
await spine.idle();
await session.answer("Who signs?", { name: "Ada" });

for await (const { event } of session.events({ after: sent })) {
  if (event.type === "ReplySent") console.log(event.data.body);
  if (event.type === "RunCompleted") break;
}

// The same id again is the same event: its reply is there at once, and its type is that of the flow.
const { total, by } = await session.ask("QuoteAsked", { pieces: 3 }, { id: "order-7" });
console.log(`${total} signed by ${by}`);
await spine.close();
