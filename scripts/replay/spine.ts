import type { EnumerableSessionLog } from "#ports/session-log.ts";
import type { Client } from "./client.ts";
import type { Conversations } from "./dialogues.ts";
import type { Killer } from "./kills.ts";
import type { ReplayOptions } from "./replay.ts";
import type { Target } from "./target.ts";

/** A spine that hosts the agents of some conversations, wherever it runs. */
export interface ReplaySpine {
  readonly tenant: string;
  readonly client: Client;
  readonly log: EnumerableSessionLog;
  readonly target: Pick<Target, "receivedIn">;
  /** Kills the spine's processes while they work, if any are to be killed. */
  readonly killer?: Pick<Killer, "kills" | "stop">;
  /** Waits for what is still under way when every reply is there. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export type OpenSpine = (conversations: Conversations, options: ReplayOptions) => Promise<ReplaySpine>;
