import { WEEKDAYS } from "#contracts/day.ts";
import type { Constraints } from "#contracts/sections.ts";
import type { Topic } from "#contracts/vocabulary.ts";

const openDays = (closedOn: readonly number[]): string => {
  const closed = closedOn.map((weekday) => `${WEEKDAYS[weekday] ?? ""}s`);
  return closed.length === 0 ? "every day" : `every day except ${closed.join(" and ")}`;
};

/** What the business says to a general question. */
export const generalAnswer = (topic: Topic, limits: Constraints): string => {
  switch (topic) {
    case "hours":
      return `We are open from ${limits.openFrom} to ${limits.openUntil}, ${openDays(limits.closedOn)}.`;
    case "prices":
      return "A visit has a fixed price that you know before you book, and there is no call-out fee. Tell us the work and we will send a written quote.";
    case "area":
      return "We work within 20 miles of our office. Send us your postcode and we will tell you whether that includes you.";
    case "payment":
      return "You can pay by card or bank transfer within 14 days of the visit. We ask for no deposit.";
    case "guarantee":
      return "All work is guaranteed for 12 months, and we are insured for any damage that we cause.";
    case "preparation":
      return "Please clear the way to where we work and be there for the first minutes. Most visits take two hours.";
    case "staff":
      return "Everyone whom we send is employed by us, qualified for the work and background-checked.";
  }
};
