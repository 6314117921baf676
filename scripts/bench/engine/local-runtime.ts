import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { Env } from "#aws/config.ts";
import { DEFAULT_PREFIX, DEFAULT_TENANT, FunctionSuffix, functionName, QueueSuffix } from "#aws/names.ts";
import { parseSessionId, parseTenantId } from "#core/ids.ts";
import type { ProcessorUse } from "#local/lambda/lambda-function.ts";
import { countsSince, type RequestCount } from "#local/request-counts.ts";
import { startLocalSpine, type LocalSpine } from "#local/local-spine.ts";
import { post, REPLIED, TAKEN, WHOLE } from "../../requests/play.ts";
import { median } from "../../statistics.ts";

/** Five-agent sessions on the local AWS runtime, by how many are under way at once. */
export interface LocalSpeed {
  readonly atOnce: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  /** Of all functions, a session. */
  readonly functionsCpuMs: number;
  /** Of the process that stands in for AWS and sends the requests, a session. */
  readonly emulatorCpuMs: number;
  /** Runs that took a fallback or failed, which none should. */
  readonly fallbacks: number;
  /** Sessions without a reply after a minute and a half. */
  readonly unanswered: number;
}

export interface LocalReport {
  readonly alone: LocalSpeed;
  readonly atEight: LocalSpeed;
  readonly atSixtyFour: LocalSpeed;
  /** CPU of the door's process for an invocation, and of the SDK's calls that it makes, as the SDK comes; means, ms. */
  readonly door: { readonly wholeMs: number; readonly bareMs: number };
  /** CPU by function: of an invocation, ms. */
  readonly functions: Readonly<Record<string, number>>;
}

const run = promisify(execFile);
/** Whose sessions they are where callers are given no tenant. */
const TENANT = parseTenantId(DEFAULT_TENANT);
const PATIENCE_MS = 90_000;
const LOOK_MS = 10;
/** A client that looks more often would be what is measured. */
const POLL_MS = 1_000;
const DOOR = functionName(DEFAULT_PREFIX, FunctionSuffix.door);
/** Sessions before anything is measured: a function that has served a few runs unoptimized code. */
const WARM = 48;
const BARE_ROUNDS = 300;
const BARE_WARM = 50;

const useOf = ({ cloud }: LocalSpine): ReadonlyMap<string, ProcessorUse> =>
  new Map([...cloud.functions].map(([name, each]) => [name, each.used()]));

const cpuOf = (use: ReadonlyMap<string, ProcessorUse>): number =>
  [...use.values()].reduce((total, { cpuMs }) => total + cpuMs, 0);

/** Measures the app's own template on this machine. */
export async function measureLocalRuntime(
  sessions: number,
  onStep: (what: string) => void,
): Promise<LocalReport> {
  onStep("starting the local runtime");
  const local = await startLocalSpine();
  try {
    await play(local, "warm", WARM, 2);
    onStep("sessions one at a time");
    const before = useOf(local);
    const counted = local.cloud.counts();
    const alone = await play(local, "alone", sessions, 1);
    const functions = perInvocation(before, useOf(local));
    const calls = callsOf(DOOR, before, useOf(local), countsSince(counted, local.cloud.counts()));
    onStep("the door's bare calls");
    const bareMs = await bareCallsMs(local, calls);
    onStep("8 sessions at once");
    const atEight = await play(local, "eight", sessions * 2, 8);
    onStep("64 sessions at once");
    const atSixtyFour = await play(local, "many", sessions * 2, 64);
    const wholeMs = functions[DOOR] ?? NaN;
    return { alone, atEight, atSixtyFour, door: { wholeMs, bareMs }, functions };
  } finally {
    await local.stop();
  }
}

async function play(local: LocalSpine, prefix: string, count: number, atOnce: number): Promise<LocalSpeed> {
  const { cloud } = local;
  const times: number[] = [];
  const cpuBefore = cpuOf(useOf(local));
  const own = process.cpuUsage();
  const begun = performance.now();
  let next = 0;
  const one = async () => {
    while (next < count) {
      const session = `${prefix}-${next}`;
      next += 1;
      const sent = performance.now();
      const replied = await ask(local, session, sent + PATIENCE_MS);
      times.push(replied ? performance.now() - sent : Infinity);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  const seconds = (performance.now() - begun) / 1_000;
  for (const until = performance.now() + PATIENCE_MS; cloud.busy() > 0 && performance.now() < until;)
    await pause(LOOK_MS);
  const { user, system } = process.cpuUsage(own);
  const functionsCpuMs = (cpuOf(useOf(local)) - cpuBefore) / count;
  return {
    atOnce,
    perSecond: count / seconds,
    p50Ms: median(times),
    functionsCpuMs,
    emulatorCpuMs: (user + system) / 1_000 / count,
    fallbacks: await fallbacksOf(local, prefix),
    unanswered: times.filter((ms) => ms === Infinity).length,
  };
}

/**
 * Waits for the reply: as the caller of a held request where there is room for one more, else by looking into the log. Who is told to
 * come again does so, with the same event.
 */
async function ask({ cloud, log }: LocalSpine, session: string, until: number): Promise<boolean> {
  for (;;) {
    if (performance.now() > until) return false;
    const response = await post(cloud, session, WHOLE, true, session);
    await response.arrayBuffer();
    if (response.status === REPLIED) return true;
    if (response.status === TAKEN) break;
    await pause(POLL_MS);
  }
  const key = { tenant: TENANT, session: parseSessionId(session) };
  while (performance.now() < until) {
    const commits = await log.readAfter(key, 0, 1_000);
    if (commits.some(({ text }) => text.includes('"type":"ReplySent"'))) return true;
    await pause(POLL_MS);
  }
  return false;
}

async function fallbacksOf({ log }: LocalSpine, prefix: string): Promise<number> {
  let found = 0;
  for (const key of await log.sessions()) {
    if (!key.session.startsWith(`${prefix}-`)) continue;
    const commits = await log.readAfter(key, 0, 1_000);
    if (commits.some(({ text }) => text.includes('"type":"FallbackTaken"') || text.includes('"failed":true')))
      found += 1;
  }
  return found;
}

function perInvocation(
  before: ReadonlyMap<string, ProcessorUse>,
  after: ReadonlyMap<string, ProcessorUse>,
): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const [name, { invocations, cpuMs }] of after) {
    const earlier = before.get(name) ?? { invocations: 0, cpuMs: 0 };
    if (invocations > earlier.invocations)
      found[name] = (cpuMs - earlier.cpuMs) / (invocations - earlier.invocations);
  }
  return found;
}

/** How often a function makes each kind of call, an invocation. */
type Calls = Readonly<Record<"query" | "put" | "send", number>>;

function callsOf(
  name: string,
  before: ReadonlyMap<string, ProcessorUse>,
  after: ReadonlyMap<string, ProcessorUse>,
  counts: readonly RequestCount[],
): Calls {
  const invocations = (after.get(name)?.invocations ?? 0) - (before.get(name)?.invocations ?? 0);
  const often = (operations: readonly string[]) =>
    counts
      .filter(({ caller, operation }) => caller === name && operations.includes(operation))
      .reduce((total, { count }) => total + count, 0) / invocations;
  return {
    query: often(["Query", "GetItem"]),
    put: often(["PutItem", "UpdateItem"]),
    send: often(["SendMessage", "SendMessageBatch"]),
  };
}

/** What the SDK alone takes for the calls that an answer makes, in a warm process of their own. */
async function bareCallsMs({ cloud }: LocalSpine, calls: Calls): Promise<number> {
  const environment = cloud.functions.get(DOOR)?.config.environment ?? {};
  const table = environment[Env.table] ?? "";
  const deadlines = `${environment[Env.queuePrefix] ?? ""}${QueueSuffix.deadlines}`;
  const script = join(import.meta.dirname, "bare-calls.ts");
  const { stdout } = await run(
    process.execPath,
    [script, table, deadlines, String(BARE_ROUNDS + BARE_WARM)],
    {
      env: { ...process.env, ...cloud.environment },
    },
  );
  // Printed by the script.
  const rounds = stdout
    .trim()
    .split("\n")
    .slice(BARE_WARM)
    .map((line) => JSON.parse(line) as Calls);
  const mean = (kind: keyof Calls) => rounds.reduce((total, each) => total + each[kind], 0) / rounds.length;
  return calls.query * mean("query") + calls.put * mean("put") + calls.send * mean("send");
}
