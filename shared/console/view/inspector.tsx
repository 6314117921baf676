import { PANELS, type SessionAddress } from "../model/page-address.ts";
import { clockTime } from "../model/texts.ts";
import { said, selectedEvent } from "../state/open-session.ts";
import { alter } from "../state/console-page.ts";
import { EventPanel } from "./event-panel.tsx";
import { ForkPanel } from "./fork-panel.tsx";
import { Choices, Empty } from "./parts.tsx";
import { ScoresCard } from "./scores-card.tsx";
import { StatePanel } from "./state-panel.tsx";
import { ViewPanel } from "./view-panel.tsx";
import { WhyPanel } from "./why-panel.tsx";

/** What is to be known of the selected event. */
export function Inspector({ address: { session, panel } }: { readonly address: SessionAddress }) {
  const event = selectedEvent.value;
  const heard = said.value.get(event?.task ?? "");
  return (
    <aside class="inspector" aria-label="The selected event">
      <div class="inspector-head">
        <h2>{event === undefined ? "No event" : `#${event.sequence} ${event.type}`}</h2>
        <span class="faint">{event === undefined ? "" : clockTime(event.at)}</span>
      </div>
      <Choices
        label="About the event"
        names={PANELS}
        chosen={panel}
        onChoose={(name) => alter({ panel: name })}
      />
      {heard !== undefined && (
        <section class="card live">
          <h3>What {heard.agent} says while it works</h3>
          <p>{heard.text}</p>
        </section>
      )}
      {event?.type === "ReplySent" && <ScoresCard session={session} sequence={event.sequence} />}
      {event === undefined ? (
        <Empty>Select an event.</Empty>
      ) : (
        <div class="panel" key={panel}>
          {panel === "why" && <WhyPanel session={session} event={event} />}
          {panel === "state" && <StatePanel session={session} at={event.sequence} />}
          {panel === "view" && <ViewPanel session={session} event={event} />}
          {panel === "event" && <EventPanel session={session} event={event} />}
          {panel === "fork" && <ForkPanel session={session} at={event.sequence} />}
        </div>
      )}
    </aside>
  );
}
