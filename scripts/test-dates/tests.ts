/**
 * The quick tests that may touch dates: run at every clock. Folders, so that a new test is among them without a line here.
 */
export const QUICK = [
  "test/unit",
  "test/aws",
  "test/contract",
  "test/golden",
  "test/property/sizes",
  "test/scenarios/any-day",
  "test/scenarios/customer-care",
  "test/scenarios/large-views",
  "test/scenarios/replay-contended",
] as const;

/** Those that start the local runtime or commands: run at some clocks. */
export const SLOW = [
  "test/local/alarms",
  "test/local/drill",
  "test/local/limits",
  "test/local/personal",
  "test/local/protocols",
  "test/local/quota",
  "test/local/recovery",
  "test/local/restart",
  "test/local/retention",
  "test/local/signatures",
  "test/local/spine",
  "test/local/state-machines",
  "test/scenarios/spine-command",
  "test/scenarios/start-command",
  "test/scenarios/start-http",
] as const;

const FIXED_DAYS = "its sessions name their days, and the same functions run in what is listed";
const NOTHING_RUNS = "it refuses before anything runs";

/** Tests that could see the machine's clock and are run at no other, each with the reason. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  "test/local/bus": FIXED_DAYS,
  "test/local/faults-": FIXED_DAYS,
  "test/local/functions": "how long a function runs is the machine's time",
  "test/local/mappings": "visibility is counted in seconds",
  "test/local/refused-": NOTHING_RUNS,
  "test/local/replay": FIXED_DAYS,
  "test/local/subscription": FIXED_DAYS,
  "test/local/traces": FIXED_DAYS,
  "test/scenarios/replay": FIXED_DAYS,
  "test/scenarios/dates-command": "it moves clocks itself",
  "test/infra/": "it reads templates, and times of files, which no process' clock moves",
  "test/docs/": "what the samples print is fixed",
};
