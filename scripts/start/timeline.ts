import type { CompiledFlow } from "#core/flow/plan.ts";
import type { Commit } from "#core/session/commit.ts";
import { closeCommit, evolve } from "#core/session/evolve.ts";
import { initialState } from "#core/session/state.ts";
import { tell, type Fact } from "./timeline/tell.ts";
import { wrap } from "./timeline/words.ts";

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
const COLOUR_OF = { trouble: "red", reply: "green", decision: "yellow" } as const;

type Paint = (style: keyof typeof STYLES, text: string) => string;

/**
 * A session's log as lines for a person: sequence, milliseconds since the first event, who did what on which context. Each
 * attempt of an agent has a column from its dispatch to its answer, so columns side by side are work side by side.
 * Events that only say how the spine does it are left out: the sequence numbers of their places are.
 */
export function timeline(commits: readonly Commit[], options: TimelineOptions = {}): readonly string[] {
  const { about, colours = false, width = WIDTH } = options;
  const paint: Paint = (style, text) => (colours ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text);
  const [first] = commits;
  if (first === undefined) return [];
  const facts = factsOf(commits, first);
  const title = `━━ ${first.session}${about === undefined ? "" : `: ${about}`} `;
  return [
    paint("bold", title.padEnd(width, "━")),
    paint("dim", `${"seq".padStart(5)}${"ms".padStart(7)}`),
    ...layOut(facts, width, paint),
  ];
}

function factsOf(commits: readonly Commit[], first: Commit): readonly Told[] {
  const flows = new Map<string, CompiledFlow>();
  const facts: Told[] = [];
  let state = initialState(first.tenant, first.session);
  for (const commit of commits) {
    for (const event of commit.events) {
      if (event.type === "FlowStored") flows.set(event.data.hash, event.data.flow);
      const fact = tell(event, { state, commit, flows });
      if (fact !== undefined)
        facts.push({ ...fact, sequence: event.sequence, ms: commit.seen.now - first.seen.now });
      state = evolve(state, event);
    }
    state = closeCommit(state, commit);
  }
  return facts;
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
