import type { Commit } from "#core/session/commit.ts";
import { openAskIds } from "#core/session/decide/asked.ts";
import type { FlowBook } from "#core/session/decide/draft.ts";
import { foldCommit } from "#core/session/evolve.ts";
import type { JsonObject } from "#core/json.ts";
import type { DialectName } from "#core/session/dialects/dialect-names.ts";
import { DIALECTS, endsStream } from "#core/session/dialects/dialect.ts";
import { tellCommit, type Position } from "#core/session/dialects/tell-commit.ts";
import {
  tellAgain,
  tellingAt,
  tellLive,
  type Tale,
  type Telling,
} from "#core/session/dialects/tell-event.ts";
import type { Words } from "#core/session/dialects/dialect-words.ts";
import type { SessionState } from "#core/session/state.ts";
import type { StreamVoice } from "./stream-voice.ts";

/** Where a stream begins that is put in another protocol's words. */
export interface DialectStart {
  /** The event after which it begins. */
  readonly after: number;
  /** At the end of the commit before the one that is told first. */
  readonly state: SessionState;
  /** The flows of the runs that states have: the words of questions stand in them. */
  readonly flowsOf: (states: readonly SessionState[]) => Promise<Flows>;
}

type Flows = Pick<FlowBook, "byHash">;
const NO_FLOWS: Flows = { byHash: () => undefined };

/** Tells events in the words of another protocol. The `id` of an event comes with the last that it leads to, or alone. */
export function createDialectVoice(name: DialectName, { after, state, flowsOf }: DialectStart): StreamVoice {
  const dialect = DIALECTS[name];
  let position: Position = { state, telling: tellingAt(state) };
  let hasBegun = false;

  const say = (tale: Tale, before: Telling): string => {
    const { lasting, again } = dialect.say(tale, before);
    return [...lasting, ...again].map(frameOf).join("");
  };
  const begin = (): string => {
    hasBegun = true;
    const { telling } = position;
    return say({ telling, told: tellAgain(telling, position.state) }, telling);
  };

  const flowsFor = async (commit: Commit): Promise<Flows> => {
    const { state: before } = position;
    const asks = openAskIds(before).length > 0 || commit.events.some(({ type }) => type === "HumanAsked");
    return asks ? flowsOf([before, foldCommit(before, commit)]) : NO_FLOWS;
  };

  return {
    headers: dialect.headers,
    begin: (next) => (next !== undefined && next.first <= after ? "" : begin()),
    async *commit(commit) {
      for (const tale of tellCommit(position, commit, await flowsFor(commit))) {
        const { sequence } = tale;
        const isNew = sequence > after;
        // What the reader has of a commit is told to nobody: only then is it known what is under way.
        const opening = isNew && !hasBegun ? begin() : "";
        position = tale;
        if (!isNew) continue;
        const isOver = endsStream(tale);
        const done = isOver && dialect.done !== undefined ? `data: ${dialect.done}\n\n` : "";
        yield { sequence, text: opening + withId(sequence, dialect.say(tale, tale.before)) + done, isOver };
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

/** Only who has read all that an event leads to has its `id`. */
function withId(sequence: number, { lasting, again }: Words): string {
  const frames = lasting.map(frameOf);
  return [...frames.slice(0, -1), `id: ${sequence}\n${frames.at(-1) ?? "\n"}`, ...again.map(frameOf)].join(
    "",
  );
}
