import { START_BOUND_MS } from "#core/flow/bounds.ts";
import type { TaskMessage } from "#core/session/task-messages.ts";
import type { Clock } from "#ports/clock.ts";
import type { CoordinatorDoor } from "#ports/agents.ts";

export interface BeatingPorts {
  readonly door: Pick<CoordinatorDoor, "beat">;
  readonly clock: Clock;
}

/** A task that was handed over and takes longer says once that it has begun: otherwise it is sent to the queue as well. */
const BEGUN_MS = START_BOUND_MS / 2;

/**
 * Tells the door that an agent is at work, now and as often as its contract says, until it is told to stop; of a task that was
 * handed over at least once. `onEnded` is called
 * once if the answer counts no longer. A door that cannot be reached says nothing about that: it is told the next time.
 */
export function startBeating(
  { door, clock }: BeatingPorts,
  { tenant, session, task, attempt, token, heartbeatMs, handedBy, committedAt }: TaskMessage,
  onEnded: () => void,
): () => void {
  if (heartbeatMs === undefined && handedBy === undefined) return () => undefined;
  let over = false;
  let pause: ReturnType<Clock["alarm"]> | undefined;
  const beat = async (): Promise<void> => {
    const go = await door.beat({ tenant, session, task, attempt, token }).then(
      (result) => result.go,
      () => true,
    );
    if (over) return;
    if (!go) return onEnded();
    if (heartbeatMs !== undefined) later(heartbeatMs);
  };
  const later = (ms: number): void => {
    pause = clock.alarm(clock.now() + ms);
    pause.signal.addEventListener("abort", () => void beat(), { once: true });
  };
  if (heartbeatMs === undefined) later(Math.max(0, committedAt + BEGUN_MS - clock.now()));
  else void beat();
  return () => {
    over = true;
    pause?.cancel();
  };
}
