import * as z from "zod";
import { defineAgent, defineFlow, step, type Json } from "event-spine";
import { createMovableClock, inProcessSpine } from "event-spine/testing";

const search = defineAgent({
  name: "search",
  output: z.object({ hotels: z.array(z.string()) }),
  signals: { wish: z.object({ text: z.string() }), enough: z.null() },
  timeoutMs: 120_000,
});

const searcher = search.implement(async ({ signals }) => {
  const hotels: string[] = ["Grand Hotel"];
  for await (const { name, data } of signals) {
    if (name === "enough") break;
    hotels.push(`with ${data.text}`);
  }
  return { hotels };
});

const travelling = defineFlow({ name: "travelling", on: "HotelAsked", plan: step(search) });

const clock = createMovableClock(Date.UTC(2030, 0, 1));
const spine = inProcessSpine({ flows: [travelling], agents: [searcher], clock });
const tell = async (name: string, data: Json = null): Promise<void> => {
  const { disposition, reason } = await spine.signal("trip", { to: "search", name, data });
  console.log(`${name}: ${disposition}${reason === undefined ? "" : `, ${reason}`}`);
};

await spine.send("HotelAsked", {}, { session: "trip" });
await clock.runBy(10_000);
await tell("wish", { text: "a garden" });
await tell("wish", { text: "breakfast" });
await clock.runBy(10_000);
await tell("enough");
await clock.runBy(10_000);

const events = await spine.reader.events(spine.key("trip"));
console.log(events.find((event) => event.type === "ReplySent")?.data.body);
await tell("wish", { text: "a pool" });
await spine.close();
