import type { Json } from "../../json.ts";

/** What an agent says of a task that it is still working on. It is in no log: nothing is decided by it, and it may be lost. */
export interface LiveRecord {
  readonly task: string;
  readonly attempt: number;
  readonly run: string;
  readonly step: string;
  readonly agent: string;
  /** Of the records of an attempt, a later one has a greater number and says all that the earlier ones said. */
  readonly n: number;
  /** The text so far. */
  readonly text?: string;
  /** The result as far as it is known. */
  readonly partial?: Json;
  /** Whatever else its readers know how to show. */
  readonly data?: Json;
}

/** The form of commits from which on a producer may ask for live output. */
export const LIVE_FORM = 4;

/** Most characters of a record as JSON: agents' hosts cut the text, and send nothing that is larger. */
export const MAX_LIVE_CHARACTERS = 4_000;
/** Least time between two records of a task, ms. */
export const LIVE_PAUSE_MS = 500;
