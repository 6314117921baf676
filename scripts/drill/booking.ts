import { MESSAGE_RECEIVED } from "#flows/customer-care.ts";
import { BUSINESS_RULES } from "../start/facts.ts";
import type { ProducerEvent } from "./world.ts";
import { SAMPLE_DAY } from "../start/samples.ts";

/** An event that takes its session through every agent of the sample application. */
export const booking: ProducerEvent = (id) => ({
  id,
  type: MESSAGE_RECEIVED,
  data: { text: "I'd like to book a boiler service for next Tuesday morning, please." },
  session: { who: "Ada Lovelace", channel: "web", locale: "en-GB", today: SAMPLE_DAY },
  constraints: BUSINESS_RULES,
});
