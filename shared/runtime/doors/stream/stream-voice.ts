import type { Commit } from "#core/session/commit.ts";
import type { LiveRecord } from "#core/session/live/live-record.ts";
import { toCloudEvent } from "#core/session/envelope.ts";

/** What a stream writes on behalf of an event. */
export interface Spoken {
  readonly sequence: number;
  readonly text: string;
  /** What the stream is about is over: nothing is written after it. */
  readonly isOver: boolean;
}

/** How a stream puts what it tells. It begins after an event, and what it writes ends with the `id` of the event that was told last. */
export interface StreamVoice {
  /** What the response says beside its content type. @default nothing */
  readonly headers?: Readonly<Record<string, string>>;
  /** What is written before anything else; `next` is the commit that is told first, where there is one already. */
  begin(next: Commit | undefined): string;
  /** The events of a commit that come after those that the reader has. */
  commit(commit: Commit): AsyncIterable<Spoken>;
  /** What an agent says while it works; empty where there is nothing new in it. */
  live(record: LiveRecord): string;
}

/** Tells events as the log's pages have them. */
export function createEventVoice(after: number): StreamVoice {
  return {
    begin: () => "",

    async *commit(commit) {
      for (const event of commit.events) {
        const { sequence } = event;
        if (sequence <= after) continue;
        const data = JSON.stringify(toCloudEvent(commit, event));
        yield { sequence, text: `id: ${sequence}\ndata: ${data}\n\n`, isOver: false };
      }
    },
    live: (record) => `event: progress\ndata: ${JSON.stringify(record)}\n\n`,
  };
}
