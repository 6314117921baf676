import type { Deadlines } from "#ports/clock.ts";
import type { QueuePorts } from "#testing/in-process/in-process-queues.ts";
import type { TimerWatch } from "./timer-watch.ts";
import type { Ground } from "./worker.ts";

/** The service behind deadlines: it may fire early, late and twice. */
export function createSimDeadlines(
  { scheduler, chaos }: Ground,
  { deadlines, inbox }: QueuePorts,
  watch: TimerWatch,
): Deadlines {
  const counts = new Map<string, number>();
  return {
    arm: (key, at) => {
      const place = (counts.get(key.session) ?? 0) + 1;
      counts.set(key.session, place);
      const fault = chaos.at(`timer ${key.session} ${place}`, ["timer-early", "timer-late", "timer-twice"]);
      if (fault === undefined) return deadlines.arm(key, at);
      const later = (ms: number, fire: () => Promise<void>) => {
        watch.hold(key.session, at);
        scheduler.after(ms, () => void fire().then(() => watch.release(key.session, at)));
      };
      if (fault.kind === "timer-early")
        later(Math.max(0, at - fault.value - scheduler.now), () =>
          inbox.send({ key, input: { kind: "deadline", at } }),
        );
      else later(fault.value, () => deadlines.arm(key, at));
      return fault.kind === "timer-twice" ? deadlines.arm(key, at) : Promise.resolve();
    },
  };
}
