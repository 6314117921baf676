import { useMemo, useRef, useState } from "preact/hooks";
import { eventText } from "../model/event-text.ts";
import { isProblem } from "../model/lanes.ts";
import { clockTime, counted } from "../model/texts.ts";
import { events, lanes, selected } from "../state/open-session.ts";
import { alter } from "../state/console-page.ts";
import { useKeys } from "../state/key-actions.ts";
import { RowList, type Column } from "./row-list.tsx";
import { ScoresInRow } from "./scores-card.tsx";
import { Shape } from "./shape.tsx";

const COLUMNS: readonly Column[] = [
  { name: "#", class: "c-seq" },
  { name: "time", class: "c-time" },
  { name: "who", class: "c-who" },
  { name: "event", class: "c-type" },
  { name: "about", class: "c-rest" },
];

/** The events as a table: what the picture shows, in words. */
export function EventList() {
  const [text, setText] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useKeys([{ key: "/", about: "look for events", act: () => field.current?.focus() }]);
  const all = events.value;
  const wanted = text.trim().toLowerCase();
  const rows = useMemo(() => {
    if (wanted === "") return all.map((_, index) => index);
    return all.flatMap((event, index) =>
      `${event.type} ${lanes.value.laneOf[index] ?? ""} ${eventText(event)}`.toLowerCase().includes(wanted)
        ? [index]
        : [],
    );
  }, [all, wanted]);
  return (
    <div class="events">
      <div class="bar-line">
        <label class="search">
          <span class="hidden">Look for events</span>
          <input
            ref={field}
            type="search"
            placeholder="look for events  /"
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
        <span class="faint" role="status">
          {wanted === "" ? "" : `${counted(rows.length, "event")} of ${all.length}`}
        </span>
      </div>
      <RowList
        label="Events"
        columns={COLUMNS}
        count={rows.length}
        selected={wanted === "" ? selected.value - 1 : rows.indexOf(selected.value - 1)}
        onSelect={(row) => alter({ at: (rows[row] ?? 0) + 1 })}
        rowClass={(row) => (isProblem(all[rows[row] ?? -1]?.type ?? "") ? "problem" : "")}
        cells={(row) => {
          const index = rows[row] ?? -1;
          const event = all[index];
          if (event === undefined) return [];
          return [
            <button type="button" class="link" aria-label={`Select event ${event.sequence}`}>
              {event.sequence}
            </button>,
            clockTime(event.at),
            (lanes.value.laneOf[index] ?? "").replace(/^agent /, ""),
            <>
              {isProblem(event.type) && <Shape name="problem" />}
              {event.type}
            </>,
            event.type === "ReplySent" ? (
              <>
                {eventText(event)}
                <ScoresInRow sequence={event.sequence} />
              </>
            ) : (
              eventText(event)
            ),
          ];
        }}
      />
    </div>
  );
}
