import type { ApiAnswer, ApiRequest, Call } from "./call.ts";
import { pause } from "./abortable-pause.ts";

/** When a request is sent again under the same id. */
export interface RetryPolicy {
  /** How often at most. @default 6 */
  readonly tries?: number;
  /** The pause after the first time, ms, where the spine says no other; doubled each further time, up to `longestMs`. @default 1,000 */
  readonly firstMs?: number;
  /** @default 20,000 */
  readonly longestMs?: number;
  /** Also where nobody answered: then it may have been taken, and is recognised by its id. @default false */
  readonly unreachable?: boolean;
}

/** Nothing was taken, or taking it again under the same id is harmless. */
const TRY_AGAIN: ReadonlySet<number> = new Set([429, 502, 503]);
const MAX_TRIES = 6;
const FIRST_MS = 1_000;
const LONGEST_MS = 20_000;
const MS_PER_SECOND = 1_000;
/** A pause is this part of what it may be at least: chance makes the rest, so that what failed together comes apart. */
const LEAST_PART = 0.5;

/** Sends a request until it is answered with something that another try would not change. Rejects as the call does, or with the signal. */
export async function askAgain(
  call: Call,
  request: ApiRequest,
  { tries = MAX_TRIES, firstMs = FIRST_MS, longestMs = LONGEST_MS, unreachable = false }: RetryPolicy = {},
): Promise<ApiAnswer> {
  const { signal } = request;
  const pauseOf = (tried: number): number =>
    Math.min(longestMs, firstMs * 2 ** (tried - 1)) * (LEAST_PART + (1 - LEAST_PART) * Math.random());
  for (let tried = 1; ; tried += 1) {
    signal?.throwIfAborted();
    let told: string | undefined;
    try {
      const answer = await call(request);
      if (!TRY_AGAIN.has(answer.status) || tried >= tries) return answer;
      told = answer.headers["retry-after"];
    } catch (error) {
      if (!unreachable || tried >= tries || signal?.aborted === true) throw error;
    }
    await pause(told === undefined ? pauseOf(tried) : Number(told) * MS_PER_SECOND, signal);
  }
}
