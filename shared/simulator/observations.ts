import type { HashedFlow } from "#core/flow/plan.ts";
import type { Commit } from "#core/session/commit.ts";
import type { Json, JsonObject } from "#core/json.ts";
import type { StoredCommit } from "#ports/session-log.ts";
import { History } from "./checks/history.ts";

/** A commit as the log took it, the moment it did. */
export interface Appended {
  readonly at: number;
  readonly writer: string;
  readonly stored: StoredCommit;
  readonly commit: Commit;
}

/** What a caller was told; `lost` when it never heard. */
export type CallerSaw =
  | {
      readonly type: "accepted";
      readonly sequence: number;
      readonly duplicate: boolean;
      /** What became of an event, as its sender was told. */
      readonly disposition?: string;
    }
  | {
      readonly type: "refused";
      readonly code: string;
      readonly retryable: boolean;
      readonly sequence?: number;
    }
  | { readonly type: "lost" };

export interface Request {
  readonly session: string;
  readonly source: string;
  readonly id: string;
  /** What was sent, so that two bodies under one id can be told apart. */
  readonly body: Json;
  readonly saw: CallerSaw;
}

/** An event that somebody put on the bus. */
export interface BusInput {
  readonly session: string;
  readonly source: string;
  readonly id: string;
  /** The id of its envelope. */
  readonly envelope: string;
  readonly body: JsonObject;
}

/** One execution of an agent. */
export interface Execution {
  readonly session: string;
  readonly agent: string;
  readonly task: string;
  readonly attempt: number;
  readonly view: JsonObject;
  readonly committed: boolean;
  readonly at: number;
  /** When it was over, or was told to stop; never if its function died. */
  ended?: number;
}

/** A heartbeat: the time that it says, and when it was taken. */
export interface Beat {
  readonly at: number;
  readonly taken: number;
}

/** What the door told of an attempt's signals, to whom asked for those after a number. */
export interface ToldSignals {
  readonly task: string;
  readonly attempt: number;
  readonly after: number;
  /** When it began to look. */
  readonly at: number;
  readonly go: boolean;
  readonly numbers: readonly number[];
  readonly said: readonly Json[];
}

/** An act on the outside world. */
export interface Act {
  readonly session: string;
  readonly key: string;
  readonly agent: string;
  readonly task: string;
  readonly attempt: number;
  /** Whether the log held the attempt's claim when it happened. */
  readonly claimed: boolean;
}

/** A task's messages on their way to its agent. */
export interface Sent {
  readonly task: string;
  readonly attempt: number;
  readonly committedAt: number;
  /** Whether the log held the dispatch when the first was sent. */
  readonly committed: boolean;
  /** When the first was sent, and the last. */
  readonly at: number;
  last: number;
}

export interface Delivered {
  readonly session: string;
  readonly first: number;
  readonly hash: string;
}

/** Everything that somebody outside the spine could see of one session. */
export class SessionRecord {
  readonly key: string;
  readonly appended: Appended[] = [];
  /** The log as it was followed, up to where it could be folded. */
  readonly history: History;
  readonly requests: Request[] = [];
  readonly bus: BusInput[] = [];
  /** What those were told who forked another session as this one: its event, and this one's last after its first decision. */
  readonly told: { readonly at: number; readonly sequence: number }[] = [];
  readonly executions: Execution[] = [];
  readonly acts: Act[] = [];
  /** What the outside world knows of the acts on it, by their keys. */
  readonly target: Map<string, Json> = new Map();
  /** Keys of acts that a compensation undid. */
  readonly undone: string[] = [];
  /** When an execution of an attempt had a result for the first time. */
  readonly returned: Map<string, number> = new Map();
  /** By task and attempt. */
  readonly sent = new Map<string, Sent>();
  readonly published: Delivered[] = [];
  readonly delivered: Delivered[] = [];
  /** When the relay said that it was done with a commit, by the commit's first sequence. */
  readonly relayed = new Map<number, number>();
  /** First sequences of commits that went through the relay's retry queue. */
  readonly retried = new Set<number>();
  /** Letters that recovery took, by queue and id. */
  readonly letters: Set<string> = new Set();
  /** Ids of the envelopes that were in them. */
  readonly kept: Set<string> = new Set();
  /** Attempts that the log holds a dispatch for, and those whose effect it holds a claim for. */
  readonly dispatched = new Set<string>();
  readonly claimed = new Set<string>();
  /** The heartbeats of each attempt that were taken, in this order. */
  readonly beats: Map<string, Beat[]> = new Map();
  /** What the door told agents of signals. */
  readonly signals: ToldSignals[] = [];
  /** The numbers of the signals that each execution heard, in this order. */
  readonly heard: { readonly task: string; readonly attempt: number; readonly numbers: number[] }[] = [];
  /** How long each attempt's first message lay in its queue while nothing held the queue up, ms. */
  readonly waited: Map<string, number> = new Map();

  /** When a tombstone was put on it. */
  expiredAt: number | undefined;

  /** Its log was set back to an earlier moment: what happened outside since then has no place in it. */
  readonly restored: boolean;

  /** A flow that stands in the log's library by now. */
  readonly flowOf: (hash: string) => HashedFlow | undefined;

  constructor(key: string, flowOf: SessionRecord["flowOf"], before?: SessionRecord) {
    this.key = key;
    this.flowOf = flowOf;
    this.history = new History(this);
    this.restored = before !== undefined;
    // Agents and queues know of no restore.
    if (before === undefined) return;
    this.returned = before.returned;
    this.letters = before.letters;
    this.kept = before.kept;
    this.target = before.target;
    this.waited = before.waited;
  }
}

/** What is seen of each session of a run. */
export class Records {
  readonly bySession: Map<string, SessionRecord>;
  readonly #flowOf: SessionRecord["flowOf"];

  constructor(sessions: readonly string[], flowOf: SessionRecord["flowOf"]) {
    this.#flowOf = flowOf;
    this.bySession = new Map(sessions.map((session) => [session, new SessionRecord(session, flowOf)]));
  }

  of(session: string): SessionRecord {
    const record = this.bySession.get(session);
    if (record === undefined) throw new Error(`Nobody planned session ${session}.`);
    return record;
  }

  /** Begins a session's record anew, since its log was set back. */
  restart(session: string): SessionRecord {
    const record = new SessionRecord(session, this.#flowOf, this.of(session));
    this.bySession.set(session, record);
    return record;
  }
}
