import { problemError, SpineError } from "#core/errors.ts";
import { isJsonObject, type JsonObject } from "#core/json.ts";
import type { Clock, Executions } from "#ports/clock.ts";
import type { LetterBox } from "#ports/blobs.ts";
import { awaitingKey, NOTHING, type LetterName } from "./letter-name.ts";

/** What an execution carries from state to state: where it is in the list of its letters, never the letters. */
export interface Watch {
  /** The span of time whose letters it watches. */
  readonly bucket: string;
  /** From 1. */
  readonly round: number;
  /** The key after which this round goes on; empty at its start. */
  readonly after: string;
  /** Letters of this round, so far, that their sessions have not recorded. */
  readonly missing: number;
  /** How long it waits before this round. */
  readonly waitSeconds: number;
}

/** Letters of one span share an execution: however many there are, no more than one is started in it. */
const BUCKET_MS = 10_000;
/**
 * How long sessions get before each round: 42 minutes in all. The first must be longer than a span and the writing of its
 * last letter together, since an execution starts with the first one.
 */
const WAIT_SECONDS = [30, 120, 480, 1_920] as const;

export const isLastRound = (round: number): boolean => round >= WAIT_SECONDS.length;

/** The beginning of a round; always the same, so that starting an execution again is no other execution. */
export const startOfRound = (bucket: string, round: number): Watch => ({
  bucket,
  round,
  after: "",
  missing: 0,
  waitSeconds: WAIT_SECONDS[round - 1] ?? 0,
});

/** Reads what an execution carries. Throws `input.malformed`. */
export function readWatch(carried: unknown): Watch {
  const watch: JsonObject = isJsonObject(carried) ? carried : {};
  const number = (name: string): number => {
    const value = watch[name];
    if (typeof value === "number") return value;
    throw malformed(name, "number");
  };
  const text = (name: string): string => {
    const value = watch[name];
    if (typeof value === "string") return value;
    throw malformed(name, "text");
  };
  return {
    bucket: text("bucket"),
    round: number("round"),
    after: text("after"),
    missing: number("missing"),
    waitSeconds: number("waitSeconds"),
  };
}

const malformed = (field: string, kind: string): SpineError =>
  problemError("input.malformed", {
    field,
    problem: `is not a ${kind}`,
    repair: "Pass on what recovery gave the execution.",
  });

export interface WatchPorts {
  readonly box: LetterBox;
  readonly executions: Executions;
  readonly clock: Pick<Clock, "now">;
}

/** Has a letter watched over until its session has recorded it. */
export function createWatchLetter({
  box,
  executions,
  clock,
}: WatchPorts): (name: LetterName) => Promise<void> {
  let watched: string | undefined;
  return async (name) => {
    const bucket = `letters-${Math.floor(clock.now() / BUCKET_MS)}`;
    // Before the execution, which might otherwise look at the list too early.
    await box.put(awaitingKey(bucket, name), NOTHING);
    if (bucket === watched) return;
    const started = await executions.start(bucket, { ...startOfRound(bucket, 1) });
    if (started === "closed")
      throw new SpineError(
        "log.unavailable",
        `The execution ${bucket}, which watches letters, has ended. The next one takes over.`,
        {
          retryable: true,
        },
      );
    watched = bucket;
  };
}
