import { createMemoryMonitoring } from "#memory/memory-monitoring.ts";
import type { Clock } from "#ports/clock.ts";
import type { Monitoring } from "#ports/monitoring.ts";

const MINUTE_MS = 60_000;

/** What monitoring would tell of the desk: made up, and as old as the last minute whenever it is asked. */
export function deskMonitoring(clock: Pick<Clock, "now">): Monitoring {
  const told = () => {
    const monitoring = createMemoryMonitoring(clock);
    const at = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS - 1;
    for (let call = 0; call < 40; call += 1) {
      monitoring.invoked("triage", at, 180 + 10 * call);
      if (call < 25) monitoring.invoked("calendar", at, 420 + 35 * call, call === 24);
      if (call < 15) monitoring.invoked("quotes", at, 900 + 300 * call, call > 8);
    }
    for (const [queue, seconds] of Object.entries(AGES)) monitoring.aged(queue, at, seconds);
    for (const [name, state, minutes, description] of ALARMS)
      monitoring.setAlarm({
        name,
        state,
        since: at - minutes * MINUTE_MS,
        description: `Event Spine: ${description} See docs/operations.md.`,
      });
    return monitoring;
  };
  return { lately: (names) => told().lately(names), alarms: () => told().alarms() };
}

const AGES = {
  "inbox.fifo": 0,
  "answers.fifo": 0,
  deadlines: 64,
  "agent-triage.fifo": 0,
  "agent-calendar.fifo": 3,
  "agent-quotes.fifo": 84,
  "agent-quotes-express.fifo": 21,
};

const ALARMS = [
  ["agent-quotes-letters", "alarm", 9, "the agent quotes gave up on tasks."],
  [
    "breakers-opened",
    "alarm",
    11,
    "an agent fails so often that its circuit breaker opened; its steps take their fallbacks.",
  ],
  ["coordinator-failed", "ok", 1_440, "the function coordinator crashes, times out or throws."],
  ["inputs-waiting", "ok", 1_440, "inputs wait for the coordinator, so their sessions make no progress."],
  ["parked-letters", "ok", 1_440, "dead letters wait for an operator."],
  [
    "retention-uncalled",
    "insufficient-data",
    5,
    "EventBridge could not invoke the function that expires sessions.",
  ],
  ["unreadable-sessions", "ok", 1_440, "a session\u2019s log cannot be folded, so its doors answer 423."],
] as const;
