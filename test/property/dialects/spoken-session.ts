import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";
import type { Commit } from "#core/session/commit.ts";
import type { DialectName } from "#core/session/dialects/dialect-names.ts";
import { foldCommit } from "#core/session/evolve.ts";
import type { LiveRecord } from "#core/session/live/live-record.ts";
import { initialState, type SessionState } from "#core/session/state.ts";
import { createDialectVoice } from "#runtime/doors/stream/dialect-voice.ts";
import type { StreamVoice } from "#runtime/doors/stream/stream-voice.ts";
import { oneIn, pick, seededChance, upTo, type Chance } from "#simulator/random-flow.ts";
import { World } from "#testing/given-when-then.ts";
import { randomSession, runRandomly } from "../session-schedule.ts";

/** A log with the states between its commits. */
export interface SpokenSession {
  readonly world: World;
  readonly commits: readonly Commit[];
  /** `states[i]` is the one before `commits[i]`. */
  readonly states: readonly SessionState[];
  readonly last: number;
}

/** What a stream writes at once, on behalf of an event or of what comes between two. */
export interface Piece {
  readonly text: string;
  readonly isOver: boolean;
}

/** A random session whose agents are heard, and some of whose results have texts. */
export function spokenSession(seed: number): SpokenSession {
  const chance = seededChance(seed);
  const session = randomSession(chance);
  const world = new World(session.application, { check: false });
  runRandomly(world, session, chance, 25);
  const commits = world.commits.map(spoken);
  let state = initialState(world.state.tenant, world.state.session);
  const states = [state, ...commits.map((commit) => (state = foldCommit(state, commit)))];
  return { world, commits, states, last: state.sequence };
}

/** The same commit, had its producers asked to hear the agents, and had these words where they have numbers. */
function spoken(commit: Commit): Commit {
  const events = commit.events.map((event) => {
    if (event.type === "InputAccepted" || event.type === "InputHeld")
      return { ...event, data: { ...event.data, input: { ...event.data.input, live: true } } };
    return event.type === "AnswerApplied" || event.type === "ReplySent"
      ? { ...event, data: worded(event.data as unknown as Json) }
      : event;
  });
  // Each is the event that it was, with another value where any may stand.
  return { ...commit, events: events as Commit["events"] };
}

function worded(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => worded(item));
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, worded(inner)]);
  const { x } = value;
  return typeof x === "number"
    ? { ...Object.fromEntries(entries), text: textFor(x) }
    : Object.fromEntries(entries);
}

const textFor = (x: number): string => `The answer is ${x}, and ${"very ".repeat(x)}sure.`;

/** What one stream writes after an event, until it is over or there is no more to tell. Agents are heard between commits. */
export async function* streamed(
  { world, commits, states }: SpokenSession,
  dialect: DialectName,
  after: number,
  chance: Chance,
): AsyncGenerator<Piece, void> {
  const first = commits.findIndex(({ last }) => last > after);
  const state = states[first === -1 ? commits.length : first] ?? world.state;
  const voice = createDialectVoice(dialect, {
    after,
    state,
    flowsOf: () => Promise.resolve(world.application),
  });
  yield { text: voice.begin(commits[first]), isOver: false };
  if (first === -1) return;
  if ((commits[first]?.first ?? 0) > after) yield* heard(voice, state, chance);
  for (const [at, commit] of commits.entries()) {
    if (at < first) continue;
    for await (const { text, isOver } of voice.commit(commit)) {
      yield { text, isOver };
      if (isOver) return;
    }
    yield* heard(voice, states[at + 1] ?? state, chance);
  }
}

function* heard(voice: StreamVoice, state: SessionState, chance: Chance): Generator<Piece, void> {
  for (let times = upTo(chance, 2); times > 0; times -= 1) {
    const record = randomRecord(state, chance);
    if (record !== undefined) yield { text: voice.live(record), isOver: false };
  }
}

/** Of a task under way, or of none; a part of what may be its text in the end, or of something else. */
function randomRecord({ tasks, runs }: SessionState, chance: Chance): LiveRecord | undefined {
  const known = Object.values(tasks);
  if (known.length === 0 || Object.keys(runs).length === 0) return undefined;
  const { id, attempt, run, step, agent } = pick(chance, known);
  const text = oneIn(chance, 9) ? "Something else." : textFor(upTo(chance, 3));
  return {
    task: id,
    attempt: oneIn(chance, 9) ? attempt + 1 : attempt,
    run,
    step,
    agent,
    n: 1 + upTo(chance, 20),
    ...(!oneIn(chance, 5) && { text: text.slice(0, upTo(chance, text.length)) }),
    ...(oneIn(chance, 5) && { partial: { x: 1 } }),
  };
}

/** The frames of a text of Server-Sent Events. */
export function framesIn(
  text: string,
): readonly { readonly id?: number; readonly data?: JsonObject | "[DONE]" }[] {
  return text
    .split("\n\n")
    .slice(0, -1)
    .map((frame) => {
      const id = /^id: (\d+)$/m.exec(frame)?.[1];
      const data = /^data: (.*)$/m.exec(frame)?.[1];
      return {
        ...(id !== undefined && { id: Number(id) }),
        ...(data !== undefined && { data: data === "[DONE]" ? data : (JSON.parse(data) as JsonObject) }),
      };
    });
}
