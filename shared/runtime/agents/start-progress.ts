import type { AgentTask, Progress } from "#core/agent-task.ts";
import { isJsonObject, type Json } from "#core/json.ts";
import { LIVE_PAUSE_MS, MAX_LIVE_CHARACTERS } from "#core/session/live/live-record.ts";
import type { TaskMessage } from "#core/session/task-messages.ts";
import type { Clock } from "#ports/clock.ts";
import type { ProgressDoor } from "#ports/live-output.ts";

export interface ProgressPorts {
  /** @default nobody is told */
  readonly progress?: ProgressDoor;
  readonly clock: Clock;
}

/** What is told of an agent that works on a task. */
export interface TellingProgress {
  readonly progress: AgentTask<unknown>["progress"];
  /** What was not told yet is not told any more: the answer says it. */
  stop(): void;
}

const SILENT: TellingProgress = { progress: () => undefined, stop: () => undefined };

interface Said {
  readonly text: string;
  readonly partial?: Json;
  readonly data?: Json;
}

/**
 * Tells the spine what an agent says while it works, all of it so far each time, twice a second at most: what is lost on the way, the next call says. Of a
 * task that nobody watches nothing is told.
 */
export function startProgress(
  { progress: door, clock }: ProgressPorts,
  { live, tenant, session, task, attempt, token, run, step, agent }: TaskMessage,
): TellingProgress {
  if (door === undefined || live !== true) return SILENT;
  let said: Said = { text: "" };
  let n = 0;
  let over = false;
  let isNew = false;
  // A text with a piece left out would say something else.
  let isFull = false;
  let pause: ReturnType<Clock["alarm"]> | undefined;

  const tell = (): void => {
    isNew = false;
    n += 1;
    const { text, ...rest } = said;
    const record = { run, step, agent, n, ...(text !== "" && { text }), ...rest };
    // Where it does not arrive, the next one says it as well.
    void door.progress({ tenant, session, task, attempt, token }, record).catch(() => undefined);
    pause = clock.alarm(clock.now() + LIVE_PAUSE_MS);
    pause.signal.addEventListener("abort", onPause, { once: true });
  };
  const onPause = (): void => {
    pause = undefined;
    if (isNew && !over) tell();
  };

  return {
    progress(given) {
      if (over || (isFull && saysText(given))) return;
      const next = added(said, given);
      if (next === undefined) {
        isFull ||= saysText(given);
        return;
      }
      said = next;
      isNew = true;
      if (pause === undefined) tell();
    },
    stop() {
      over = true;
      pause?.cancel();
    },
  };
}

/** Agents are not always typed. */
const saysText = (given: unknown): boolean =>
  typeof given === "string" || (isJsonObject(given) && "text" in given);

/** What has been said with some more; nothing where there is nothing new to tell. */
function added(said: Said, given: Progress): Said | undefined {
  try {
    const { text = "", ...rest } = typeof given === "string" ? { text: given } : given;
    // As it will be read: what is no JSON is not said.
    const more = JSON.parse(JSON.stringify(rest)) as Pick<Said, "partial" | "data">;
    const next = { ...said, ...more, text: said.text + text };
    return JSON.stringify(next).length <= MAX_LIVE_CHARACTERS ? next : undefined;
  } catch {
    return undefined;
  }
}
