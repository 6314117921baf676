import { Env } from "#aws/config.ts";
import { DEFAULT_PREFIX, DEFAULT_TENANT, FunctionSuffix, functionName } from "#aws/names.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { billOf, rowLine, type BillLine } from "./bill.ts";
import type { Meter } from "./meter.ts";
import type { Way } from "../requests/play.ts";
import { measureStreamHour, type StreamHour } from "./stream-hour.ts";
import { playSession, type SessionUse } from "./session.ts";

/** What a million five-agent sessions may cost, in US dollars, without a caller that waits. */
export const MOST_USD = 38;

const ROUNDS = 5;

export interface SessionPrices {
  readonly use: SessionUse;
  readonly lines: readonly BillLine[];
  /** On top, where sessions are listed. */
  readonly row: BillLine;
  readonly waiting: readonly BillLine[];
  readonly byBus: readonly BillLine[];
  /** For as long as somebody follows it. */
  readonly streamHour: StreamHour;
}

/** What a deployment declares that prices personal values: what customers write, and who they are. */
export const PERSONAL_PATHS = "input.text,session.who";

/** Prices the same session on a spine that declares personal paths. */
export async function measurePersonal(cloud: LocalCloud, meter: Meter): Promise<readonly BillLine[]> {
  await playSession(cloud, meter, "price-bus-0", "bus");
  return billOf(await fewestOf(cloud, meter, "request"));
}

/**
 * Prices the five-agent session. Of several rounds the one with the fewest requests stands: what makes more on a busy
 * machine, a lost race or a try that the SDK repeats, is no cost of the design.
 */
export async function measurePrices(cloud: LocalCloud, meter: Meter): Promise<SessionPrices> {
  const fewest = (way: Way): Promise<SessionUse> => fewestOf(cloud, meter, way);
  // The first session pays for what processes do once.
  await playSession(cloud, meter, "price-bus-0", "bus");
  const use = await fewest("request");
  const waiting = billOf(await fewest("waiting"));
  const byBus = billOf(await fewest("bus"));
  const streamHour = await measureStreamHour(cloud, {
    table: tableIn(cloud),
    tenant: DEFAULT_TENANT,
    session: "price-request-1",
  });
  return { use, lines: billOf(use), row: rowLine(use), waiting, byBus, streamHour };
}

/** Of several rounds the one with the fewest requests. */
export async function fewestOf(cloud: LocalCloud, meter: Meter, way: Way): Promise<SessionUse> {
  const uses: SessionUse[] = [];
  for (let round = 1; round <= ROUNDS; round += 1)
    uses.push(await playSession(cloud, meter, `price-${way}-${round}`, way));
  const [least] = uses.toSorted((a, b) => requestsOf(a) - requestsOf(b));
  if (least === undefined) throw new Error("No session was played.");
  return least;
}

const requestsOf = ({ counts }: SessionUse): number => counts.reduce((sum, { count }) => sum + count, 0);

const tableIn = ({ functions }: LocalCloud): string => {
  const stream = functions.get(functionName(DEFAULT_PREFIX, FunctionSuffix.stream));
  const name = stream?.config.environment[Env.table];
  if (name === undefined) throw new Error("The deployment has no function that streams events.");
  return name;
};
