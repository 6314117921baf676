import type { OutlineEvent } from "./event-outline.ts";
import { counted, stepText } from "./texts.ts";

/** What an event is about, in a few words, without what it says. */
export function eventText(event: OutlineEvent): string {
  const {
    step,
    attempt,
    agent,
    name,
    subtype,
    source,
    code,
    branch,
    action,
    disposition,
    ask,
    changed,
    from,
    forked,
  } = event;
  const parts = [
    subtype,
    name,
    source === undefined ? undefined : `from ${source}`,
    disposition,
    agent,
    step === undefined ? undefined : `step ${stepText(step)}`,
    attempt === undefined ? undefined : `attempt ${attempt}`,
    branch === undefined ? undefined : `→ ${branch}`,
    forked === undefined ? undefined : `of ${forked.origin} at event ${forked.at}`,
    from === undefined ? undefined : `as event ${from} of the origin`,
    ask === undefined ? undefined : `question ${ask}`,
    code,
    action,
    changed === undefined ? undefined : `changed: ${changed.join(", ")}`,
    event.tokens === undefined ? undefined : counted(event.tokens, "token"),
  ];
  return parts.filter((part) => part !== undefined && part !== "").join(" · ");
}
