/** A time and a time zone that the tests are run at. */
export interface TestClock {
  readonly name: string;
  /** When the tests begin, ISO 8601 in UTC. */
  readonly at: string;
  /** @default UTC */
  readonly zone?: string;
  /** Also the slow tests, which start the local runtime and commands, run at it. */
  readonly slow?: true;
}

/** Tests that run over midnight begin so long before it that their processes have started by then. */
export const CLOCKS: readonly TestClock[] = [
  { name: "monday", at: "2027-06-14T10:00:00Z" },
  { name: "tuesday", at: "2027-06-15T10:00:00Z" },
  { name: "wednesday", at: "2027-06-16T10:00:00Z" },
  { name: "thursday", at: "2027-06-17T10:00:00Z" },
  { name: "friday", at: "2027-06-18T10:00:00Z" },
  // The day after is one on which the sample's business is closed.
  { name: "saturday", at: "2027-06-19T10:00:00Z", slow: true },
  { name: "sunday", at: "2027-06-20T10:00:00Z" },
  { name: "leap-day", at: "2028-02-29T10:00:00Z" },
  { name: "new-years-eve", at: "2027-12-31T23:59:40Z", slow: true },
  // Berlin's clocks go from 02:00 to 03:00 in the first night, from 03:00 back to 02:00 in the second.
  { name: "spring-forward", at: "2028-03-26T00:59:50Z", zone: "Europe/Berlin" },
  { name: "fall-back", at: "2028-10-29T00:59:50Z", zone: "Europe/Berlin" },
  // UTC+14: Saturday there, Friday in UTC.
  { name: "kiritimati", at: "2027-06-18T11:00:00Z", zone: "Pacific/Kiritimati", slow: true },
  // UTC-2:30: Saturday there, Sunday in UTC.
  { name: "st-johns", at: "2027-06-20T02:29:40Z", zone: "America/St_Johns" },
];

const PRELOAD = new URL("moved-clock.ts", import.meta.url);

/** The environment in which Node, and whatever it starts, has this clock; beside the given one, which may have one itself. */
export function environmentAt(
  { at, zone = "UTC" }: Pick<TestClock, "at" | "zone">,
  environment: NodeJS.ProcessEnv,
  now: number,
): NodeJS.ProcessEnv {
  const preload = new URL(PRELOAD);
  preload.searchParams.set("ahead", String(Date.parse(at) - now));
  const options = [environment["NODE_OPTIONS"], `--import=${preload.href}`].filter(Boolean).join(" ");
  return { ...environment, TZ: zone, NODE_OPTIONS: options };
}
