import { computed, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { KeptScore } from "#core/scoring/kept-score.ts";
import { byReply } from "../model/score-words.ts";
import { client } from "./console-page.ts";
import { events, isComplete } from "./open-session.ts";

type ByReply = ReadonlyMap<number, readonly KeptScore[]>;

/** What scorers said of the session's replies, by sequence. */
export const scores = signal<ByReply>(new Map());

const newestReply = computed(() => events.value.findLast(({ type }) => type === "ReplySent")?.sequence ?? 0);
/** Scores follow their replies by seconds. */
const LOOKS_MS = [0, 2_000, 8_000, 30_000] as const;

/** Reads the scores of a session, and again for a while after each new reply, until that one has some; none where they are not shown. */
export function useReplyScores(session: string, isHidden: boolean): void {
  const reply = isComplete.value && !isHidden ? newestReply.value : 0;
  useEffect(() => {
    scores.value = new Map();
  }, [session]);
  useEffect(() => {
    if (reply === 0) return;
    let isWanted = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (at: number): Promise<void> => {
      // Whoever looks at a session misses nothing of it without scores.
      const found = await client.scores(session).catch(() => undefined);
      if (!isWanted || found === undefined) return;
      scores.value = byReply(found.scores);
      const [now = 0, next] = LOOKS_MS.slice(at);
      if (found.isScored && next !== undefined && !scores.value.has(reply))
        timer = setTimeout(() => void look(at + 1), next - now);
    };
    void look(0);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [session, reply]);
}
