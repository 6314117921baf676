import type { JsonObject } from "#core/json.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";
import type { SpineClient } from "#client/client.ts";
import type { Operate } from "#client/operate.ts";

/** A spine as whoever uses it sees it: all that a scenario may touch. */
export interface VerifiedSpine {
  readonly client: SpineClient;
  /** The status that the ingress gives to a request which does not say who calls. */
  unsigned(session: string): Promise<number>;
  /** Puts a message's event on spine-in. */
  putOnBus(detail: JsonObject): Promise<void>;
  /** Asks recovery, as an operator. */
  readonly operate: Operate;
  /**
   * What spine-out published of a session, by sequence and each once, as soon as it reaches the event `last`; rejects when it has not
   * in time.
   */
  published(session: string, last: number): Promise<readonly SessionAdvanced[]>;
  /** A session that nobody has used. */
  newSession(): string;
}

/** One thing that must hold on a spine that works; rejects with what did not. */
export interface Scenario {
  /** What holds, as a sentence about the spine. */
  readonly name: string;
  run(spine: VerifiedSpine): Promise<void>;
}
