import { firstAt } from "../model/axis.ts";
import { isProblem } from "../model/lanes.ts";
import { clockTime } from "../model/texts.ts";
import { events, selected, selectedEvent } from "../state/open-session.ts";
import { alter } from "../state/console-page.ts";

const WIDTH = 1000;
const MOST_TICKS = 200;

/** Moves through the session: where its problems are, and which event is selected. */
export function Scrubber() {
  const all = events.value;
  const count = Math.max(1, all.length);
  const event = selectedEvent.value;
  const xs = all
    .filter(({ type }) => isProblem(type))
    .map(({ sequence }) => ((sequence - 0.5) / count) * WIDTH);
  const ticks = thinned(xs, MOST_TICKS);
  return (
    <div class="scrubber">
      <svg viewBox={`0 0 ${WIDTH} 8`} preserveAspectRatio="none" aria-hidden="true">
        {ticks.map((x) => (
          <rect key={x} class="tick" x={x} y="1" width="2" height="6" />
        ))}
      </svg>
      <input
        type="range"
        min={1}
        max={count}
        value={selected.value}
        aria-label="Event"
        aria-valuetext={event === undefined ? "none" : `event ${event.sequence} of ${count}, ${event.type}`}
        onInput={({ currentTarget }) => alter({ at: Number(currentTarget.value) }, { replace: true })}
      />
      <output>
        {event === undefined ? "" : `#${event.sequence} ${event.type} · ${clockTime(event.at)}`}
      </output>
    </div>
  );
}

/** At most so many of them, none close to another. */
function thinned(xs: readonly number[], most: number): readonly number[] {
  const apart = WIDTH / most;
  const kept: number[] = [];
  for (let x = xs[0]; x !== undefined; x = xs[firstAt(xs, x + apart)]) kept.push(x);
  return kept;
}
