import type { Mutation } from "./mutation.ts";

const PLACES = "shared/core/session/places.ts";
const RUN_ENDS = "shared/core/session/evolve/run-reducers.ts";

/** Mistakes by which a run would not stand on its own values. */
export const SHEET_MUTATIONS: readonly Mutation[] = [
  {
    name: "a sheet that is not emptied",
    edits: [
      {
        file: PLACES,
        text: "if (covering(sheet.paths, path) !== undefined) return ownPath(place, path);",
        by: "if (covering(sheet.paths, path) !== undefined) return valueAt(state.context, ownPath(place, path)) === undefined ? keyedPath(place, path) : ownPath(place, path);",
      },
    ],
  },
  {
    name: "a section that is read whole shows what its run writes there",
    edits: [
      {
        file: PLACES,
        text: "return layered(session, path, sheet, (one) => valueAt(state.context, ownPath(place, one)));",
        by: "return layered(session, path, sheet, (one) => valueAt(state.context, ownPath(place, one)) ?? valueAt(state.context, one));",
      },
    ],
  },
  {
    name: "a slot that ended without a value keeps the session's",
    edits: [
      {
        file: RUN_ENDS,
        text: "const cleared = clear(state, path, sequence);",
        by: "const cleared = state;",
      },
    ],
  },
  {
    name: "a failed run leaves what it wrote",
    edits: [
      {
        file: RUN_ENDS,
        text: "RunFailed: (state, { run, stands }, sequence) => remove(standing(state, run, stands, sequence), run),",
        by: "RunFailed: (state, { run }, sequence) => remove(promote(state, liveRunOf(state, run), sequence), run),",
      },
    ],
  },
  {
    name: "what an effect did is forgotten with its run",
    edits: [
      {
        file: "shared/core/session/decide/end-run.ts",
        text: "return paths.size > 0 ? { stands: [...paths] } : {};",
        by: "return paths.size > 1_000 ? { stands: [...paths] } : {};",
      },
    ],
  },
  {
    name: "a completed run leaves its sheet behind",
    edits: [
      {
        file: RUN_ENDS,
        text: "RunCompleted: (state, { run }, sequence) => remove(promote(state, liveRunOf(state, run), sequence), run),",
        by: "RunCompleted: (state, { run }) => remove(state, run),",
      },
    ],
  },
  {
    name: "a memory overwritten that the run has not seen",
    edits: [
      {
        file: "shared/core/session/decide/remember.ts",
        text: "if (lastChangeOf(versions, section) <= lastChangeOf(versions, slot)) continue;",
        by: "if (lastChangeOf(versions, section) >= 0) continue;",
      },
    ],
  },
  {
    name: "earlier values that change unnoticed",
    edits: [
      {
        file: PLACES,
        text: "return lastChangeOf(versions, path.slice(BEFORE.length + 1));",
        by: "return 0;",
      },
    ],
  },
  {
    name: "a decision that stopped for its size goes on at no time",
    edits: [
      {
        file: "shared/core/session/decide/due.ts",
        text: "if (state.unfinished) consider(state.time);",
        by: "",
      },
      {
        file: "shared/core/session/decide/deadlines.ts",
        text: "at: draft.state.unfinished ? draft.now : due",
        by: "at: due",
      },
    ],
  },
];
