import type { SessionKey } from "#core/ids.ts";

/** Arms a deadline: an input of kind `deadline` reaches the session at or after `at` (ms). It may come late, early or twice. */
export interface Deadlines {
  arm(key: SessionKey, at: number): Promise<void>;
}
