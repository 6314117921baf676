import type { TaskMessage } from "#core/session/task-messages.ts";
import type { Clock } from "#ports/clock.ts";
import type { CoordinatorDoor } from "#ports/agents.ts";

export interface BeatingPorts {
  readonly door: Pick<CoordinatorDoor, "beat">;
  readonly clock: Clock;
}

/**
 * Tells the door that an agent is at work, now and as often as its contract says, until it is told to stop. `onEnded` is called
 * once if the answer counts no longer. A door that cannot be reached says nothing about that: it is told the next time.
 */
export function startBeating(
  { door, clock }: BeatingPorts,
  { tenant, session, task, attempt, token, heartbeatMs }: TaskMessage,
  onEnded: () => void,
): () => void {
  if (heartbeatMs === undefined) return () => undefined;
  let over = false;
  let pause: ReturnType<Clock["alarm"]> | undefined;
  const beat = async (): Promise<void> => {
    const go = await door.beat({ tenant, session, task, attempt, token }).then(
      (result) => result.go,
      () => true,
    );
    if (over) return;
    if (!go) return onEnded();
    pause = clock.alarm(clock.now() + heartbeatMs);
    pause.signal.addEventListener("abort", () => void beat(), { once: true });
  };
  void beat();
  return () => {
    over = true;
    pause?.cancel();
  };
}
