/**
 * The quick tests that may touch dates: run at every clock. Folders, so that a new test is among them without a line here.
 */
export const QUICK = [
  "test/unit/agents",
  "test/unit/faults",
  "test/unit/flow/built-contracts",
  "test/unit/local",
  "test/unit/narration",
  "test/unit/quota",
  "test/unit/replay",
  "test/unit/requests",
  "test/unit/returns",
  "test/unit/runtime",
  "test/unit/scoring",
  "test/unit/session",
  "test/unit/spine",
  "test/unit/start",
  "test/aws",
  "test/contract/memory",
  "test/contract/sqlite",
  "test/golden",
  "test/property/sizes",
  "test/scenarios/any-day",
  "test/scenarios/customer-care",
  "test/scenarios/forks",
  "test/scenarios/large-views",
  "test/scenarios/replay-contended",
] as const;

/** Those that start endpoints, the local runtime or commands: run at some clocks. */
export const SLOW = [
  "test/contract/aws",
  "test/local/alarms",
  "test/local/drill",
  "test/local/limits",
  "test/local/made-up-records",
  "test/local/personal",
  "test/local/protocols",
  "test/local/questions",
  "test/local/quota",
  "test/local/recovery",
  "test/local/restart",
  "test/local/retention",
  "test/local/schedules",
  "test/local/signatures",
  "test/local/state-machines",
  "test/scenarios/spine-command",
  "test/scenarios/start-command",
  "test/scenarios/chat-page",
  "test/scenarios/event-stream",
  "test/scenarios/start-http",
] as const;

const FIXED_DAYS = "its sessions name their days, and listed tests run the same functions";
const NOTHING_RUNS = "it is rejected before anything runs";
const NO_DAYS = "nothing in it is a day, and listed tests run the same functions";

/** Tests that could see the machine's clock and are run at no other, each with the reason. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  "test/console/long-session": "its spine has a clock that stands still",
  "test/scenarios/console-command": NO_DAYS,
  "test/local/bus": FIXED_DAYS,
  "test/local/topics": NO_DAYS,
  "test/local/every-way": FIXED_DAYS,
  "test/local/faults-": FIXED_DAYS,
  "test/local/functions": "a function's run time is the machine's time",
  "test/local/group-starts": NO_DAYS,
  "test/local/groups": FIXED_DAYS,
  "test/local/listed": FIXED_DAYS,
  "test/local/live-output": FIXED_DAYS,
  "test/local/streaming": "nothing in it is a day: a function's run time is the machine's time",
  "test/local/large-sessions": NO_DAYS,
  "test/local/mappings": "visibility is counted in seconds",
  "test/local/over-quota": NO_DAYS,
  "test/local/strangers": NOTHING_RUNS,
  "test/local/refused-": NOTHING_RUNS,
  "test/local/replay": FIXED_DAYS,
  "test/local/rights": NO_DAYS,
  "test/local/spine": "it counts requests, which a busy machine repeats, and its sessions name their days",
  "test/local/subscription": FIXED_DAYS,
  "test/local/traces": FIXED_DAYS,
  "test/local/undelivered-events": NO_DAYS,
  "test/local/verify-deployed": FIXED_DAYS,
  "test/scenarios/replay": FIXED_DAYS,
  "test/scenarios/dates-command": "it moves clocks itself",
  "test/infra/": "it reads templates and file times, which no process's clock moves",
  "test/docs/": "the samples print fixed times",
};
