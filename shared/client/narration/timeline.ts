import type { Commit } from "#core/session/commit.ts";
import type { Fact } from "./sentences.ts";
import { createTeller, type TimedEvent } from "./tell.ts";
import { wrap } from "./words.ts";

export interface TimelineOptions {
  /** What the session is about, for its header. */
  readonly about?: string;
  /** @default false */
  readonly colours?: boolean;
  /** @default 100 */
  readonly width?: number;
}

interface Told extends Fact {
  readonly sequence: number;
  readonly ms: number;
}

const WIDTH = 100;
const WHO_WIDTH = 15;
const MAX_LINES = 5;
const STYLES = { bold: "1", dim: "2", red: "31", green: "32", yellow: "33" } as const;
const COLOUR_OF = { trouble: "red", reply: "green", decision: "yellow", detail: "dim" } as const;

type Paint = (style: keyof typeof STYLES, text: string) => string;

/** The events of commits, each with its commit's time. */
export const timedEvents = (commits: readonly Commit[]): readonly TimedEvent[] =>
  commits.flatMap(({ tenant, session, seen, events }) =>
    events.map((event) => ({ event, at: seen.now, key: { tenant, session } })),
  );

/**
 * A session's log as lines for a person: sequence, milliseconds since the first event, who did what on which context. Each
 * attempt of an agent has a column from its dispatch to its answer, so columns side by side are work side by side.
 * Events that only say how the spine does it are left out, and so are their sequence numbers.
 */
export function timeline(events: readonly TimedEvent[], options: TimelineOptions = {}): readonly string[] {
  const { about, colours = false, width = WIDTH } = options;
  const paint: Paint = (style, text) => (colours ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text);
  const [first] = events;
  if (first === undefined) return [];
  const teller = createTeller();
  const facts = events.flatMap((timed): Told[] => {
    const fact = teller(timed);
    return fact === undefined || fact.kind === "detail"
      ? []
      : [{ ...fact, sequence: timed.event.sequence, ms: timed.at - first.at }];
  });
  const title = `━━ ${first.key.session}${about === undefined ? "" : `: ${about}`} `;
  return [
    paint("bold", title.padEnd(width, "━")),
    paint("dim", `${"seq".padStart(5)}${"ms".padStart(7)}`),
    ...layOut(facts, width, paint),
  ];
}

function layOut(facts: readonly Told[], width: number, paint: Paint): readonly string[] {
  const lanes = new Lanes();
  const rows = facts.map((fact) => ({ fact, ...lanes.next(fact) }));
  const laneWidth = Math.max(1, ...rows.map(({ at }) => at.length));
  return rows.flatMap(({ fact, at, after }) => {
    const head = `${String(fact.sequence).padStart(5)}${String(fact.ms).padStart(7)}`;
    const room = width - head.length - laneWidth - WHO_WIDTH - 5;
    const [line = "", ...more] = wrap(fact.what, room, MAX_LINES);
    const coloured = (text: string) => (fact.kind === undefined ? text : paint(COLOUR_OF[fact.kind], text));
    const who = fact.who.slice(0, WHO_WIDTH).padEnd(WHO_WIDTH);
    const indent = " ".repeat(head.length);
    return [
      `${paint("dim", head)}  ${at.padEnd(laneWidth)}  ${paint("bold", who)} ${coloured(line)}`,
      ...more.map(
        (text) => `${indent}  ${after.padEnd(laneWidth)}  ${" ".repeat(WHO_WIDTH)} ${coloured(text)}`,
      ),
    ].map((row) => row.trimEnd());
  });
}

/** Gives each attempt the leftmost free column while it is under way. */
class Lanes {
  private readonly held: (string | undefined)[] = [];

  /** The columns on the fact's own line, and on those that follow it. */
  next({ begins, ends }: Fact): { readonly at: string; readonly after: string } {
    if (begins !== undefined) this.take(begins);
    const at = this.draw((lane) => (lane === begins ? "╥" : lane === ends ? "╨" : "║"));
    if (ends !== undefined) this.free(ends);
    return { at, after: this.draw(() => "║") };
  }

  private take(attempt: string): void {
    const free = this.held.indexOf(undefined);
    this.held[free === -1 ? this.held.length : free] = attempt;
  }

  private free(attempt: string): void {
    const at = this.held.indexOf(attempt);
    if (at !== -1) this.held[at] = undefined;
    while (this.held.length > 0 && this.held.at(-1) === undefined) this.held.pop();
  }

  private draw(sign: (attempt: string) => string): string {
    return this.held.map((attempt) => (attempt === undefined ? " " : sign(attempt))).join(" ");
  }
}
