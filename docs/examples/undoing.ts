import * as z from "zod";
import { defineAgent, defineFlow, sequence, SpineError, step } from "event-spine";
import { inProcessSpine } from "event-spine/testing";

const booked = z.object({ booking: z.string() });
const hotel = defineAgent({ name: "hotel", output: booked, effect: "once", onDoubt: "ask" });
const flight = defineAgent({
  name: "flight",
  output: booked,
  effect: "once",
  onDoubt: { person: "Was this flight booked?", timeoutMs: 3_600_000 },
});
const leaveHotel = defineAgent({ name: "leave-hotel", reads: ["undo"], output: z.object({}) });
const leaveFlight = defineAgent({ name: "leave-flight", reads: ["undo"], output: z.object({}) });
const visa = defineAgent({ name: "visa", output: z.object({}), retries: { max: 0, backoffMs: 0 } });

const travelling = defineFlow({
  name: "travelling",
  on: "JourneyAsked",
  plan: sequence(
    step(hotel, { compensate: step(leaveHotel) }),
    step(flight, { compensate: step(leaveFlight) }),
    step(visa),
  ),
});

/** Stands for a booking service that knows idempotency keys. */
const bookings = new Map<string, string>();
const book = (key: string, booking: string) => {
  bookings.set(key, booking);
  return { booking };
};

const agents = [
  hotel.implement(
    ({ idempotencyKey }) => book(idempotencyKey, "room 12"),
    // Asked only when an earlier attempt claimed its effect and was never heard of again.
    ({ idempotencyKey }) => {
      const booking = bookings.get(idempotencyKey);
      return booking === undefined ? { happened: false } : { happened: true, result: { booking } };
    },
  ),
  flight.implement(({ idempotencyKey }) => book(idempotencyKey, "seat 3a")),
  ...[leaveHotel, leaveFlight].map((contract) =>
    contract.implement(({ context: { undo } }) => {
      console.log(`${contract.spec.name} gives back ${undo.result.booking}`);
      bookings.delete(undo.key);
      return {};
    }),
  ),
  visa.implement(() => {
    throw new SpineError("agent.failed", "No visa is given.");
  }),
];

const spine = inProcessSpine({ flows: [travelling], agents });
console.log(await spine.ask("JourneyAsked", {}).catch((error: Error) => error.message));
await spine.idle();
console.log(`${bookings.size} bookings are left`);
await spine.close();
