import type { JsonObject } from "#core/json.ts";
import { endsStream, type Dialect } from "#core/session/dialects/dialect.ts";
import { tellCommit, type Position } from "#core/session/dialects/tell-commit.ts";
import { tellAgain, tellingAt, tellLive, type Tale, type Telling } from "#core/session/dialects/tell.ts";
import type { SessionState } from "#core/session/state.ts";
import type { StreamVoice } from "./stream-voice.ts";

/** Where a stream begins that is put in another protocol's words. */
export interface DialectStart {
  /** The event after which it begins. */
  readonly after: number;
  /** At the end of the commit before the one that is told first. */
  readonly state: SessionState;
}

/** Tells events in the words of another protocol. The `id` of an event comes with the last that it leads to, or alone. */
export function createDialectVoice(dialect: Dialect, { after, state }: DialectStart): StreamVoice {
  let position: Position = { state, telling: tellingAt(state) };
  let hasBegun = false;

  const say = (tale: Tale, before: Telling): string => dialect.say(tale, before).map(frameOf).join("");
  const begin = (): string => {
    hasBegun = true;
    const { telling } = position;
    return say({ telling, told: tellAgain(telling, position.state) }, telling);
  };

  return {
    begin: (next) => (next !== undefined && next.first <= after ? "" : begin()),
    *commit(commit, book) {
      for (const tale of tellCommit(position, commit, book)) {
        const { sequence } = tale;
        const isNew = sequence > after;
        // What the reader has of a commit is told to nobody: only then is it known what is under way.
        const opening = isNew && !hasBegun ? begin() : "";
        position = tale;
        if (!isNew) continue;
        const isOver = endsStream(tale);
        const done = isOver && dialect.done !== undefined ? `data: ${dialect.done}\n\n` : "";
        const frames = dialect.say(tale, tale.before).map(frameOf);
        yield { sequence, text: opening + withId(sequence, frames) + done, isOver };
      }
    },
    live(record) {
      const { state: now, telling } = position;
      const tale = tellLive(telling, now, record);
      position = { state: now, telling: tale.telling };
      return say(tale, telling);
    },
  };
}

const frameOf = (value: JsonObject): string => `data: ${JSON.stringify(value)}\n\n`;

/** Only who has read all of an event has its `id`. */
const withId = (sequence: number, frames: readonly string[]): string =>
  [...frames.slice(0, -1), `id: ${sequence}\n${frames.at(-1) ?? "\n"}`].join("");
