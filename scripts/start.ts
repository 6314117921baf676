import { isSpineError } from "#core/errors.ts";
import type { SentInput } from "#local/check-log/dump.ts";
import type { LogLine } from "#local/provision/site.ts";
import { print, say } from "#client/printable.ts";
import type { RunningConsole } from "./console/console-server.ts";
import { loopbackSource } from "./console/console-source.ts";
import { quoted } from "#console/model/command-lines.ts";
import { parseArguments, USAGE, type StartArguments } from "./start/arguments.ts";
import { withChatPage } from "./start/chat-page.ts";
import { createForward } from "./start/forward.ts";
import { withStreams } from "./start/forward-streams.ts";
import { createFront } from "./start/front.ts";
import { invitation } from "./start/invitation.ts";
import { startLocalSpine, type LocalSpine } from "#local/local-spine.ts";
import { playSamples } from "./start/play-samples.ts";
import { readLog, readStored, reportLog, reportSession, type StoredSession } from "./start/report.ts";
import { Stopped, stopSignal, unlessStopped, untilStopped } from "./start/stopped.ts";
import { timedEvents, timeline } from "#client/narration/timeline.ts";

type Print = (text: string) => void;

async function run(args: StartArguments, stopped: AbortSignal): Promise<number> {
  // With --json, standard output is for objects only.
  const note = args.json ? say : print;
  const { once, data, retention, personal, traces, throttle } = args;
  // What is written from now on, by functions too, is for this user only.
  process.umask(0o077);
  // The port first: when it is taken nothing has happened yet.
  const front = once ? undefined : await createFront({ port: args.port, data });
  const page =
    front &&
    (await openPage(front.url, args).catch(async (error: unknown) => {
      await front.close();
      throw error;
    }));
  const opening = startLocalSpine({
    onLog: (line) => (line.kind === "output" ? front?.write(line) : tellProgress(line, note)),
    signal: stopped,
    ...(data !== undefined && { data }),
    ...(retention !== undefined && { retention }),
    ...(personal !== undefined && { personal }),
    ...(traces !== undefined && { traces }),
    ...(throttle !== undefined && { throttle }),
  });
  try {
    const local = await unlessStopped(opening, stopped);
    const found = await local.log.sessions();
    front?.open(local, withChatPage(withStreams(createForward(local), local)));
    if (found.length > 0) note(`The log holds ${found.length} sessions; unfinished ones continue.`);
    const plays = (once || args.samples) && found.length === 0;
    const sent = plays ? await unlessStopped(play(local, args, note), stopped) : [];
    if (throttle !== undefined) note(`Throttled requests: ${tally(local.cloud.throttled())}.`);
    const isSound = (!plays && found.length === 0) || (await conclude(local, sent, args, found.length > 0));
    if (front !== undefined) {
      note(`\n${invitation({ ...front, local: data, console: page?.address ?? "", samples: !plays })}`);
      note(`Ready ${Math.round(performance.now())} ms after the process started. Stop with Ctrl-C.`);
      await untilStopped(stopped);
      note("\nStopping after the requests in progress are answered.");
    }
    return isSound ? 0 : 1;
  } finally {
    await page?.close();
    await front?.close();
    // Also when it was stopped half open: what has begun is ended.
    await opening.then((local) => local.stop()).catch(() => undefined);
  }
}

/** The console over this spine. Its page is built when it is first asked for, so that it delays no reply. */
async function openPage(url: string, { consolePort, data }: StartArguments): Promise<RunningConsole> {
  const { serveConsole } = await import("./console/serve-console.ts");
  return serveConsole({
    source: loopbackSource(url, data === undefined ? "" : ` --local ${quoted(data)}`, async (request) => {
      const { createOperate } = await import("#client/operate.ts");
      const { findTarget } = await import("#client/target.ts");
      return createOperate(await findTarget({ local: data }))(request);
    }),
    ...(consolePort !== undefined && { port: consolePort }),
    option: "--console-port",
  });
}

const tally = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([kind, count]) => `${count} × ${kind}`)
    .join(", ") || "nothing";

/** What happens while a spine starts, and whatever goes wrong in it. */
function tellProgress({ from, text, kind }: LogLine, note: Print): void {
  if (kind === "trouble") say(`${from}: ${text}`);
  if (kind === "progress" && (from === "synth" || from === "local")) note(text);
}

/** Plays the samples, and tells each as soon as it is its turn. */
async function play(local: LocalSpine, args: StartArguments, note: Print): Promise<readonly SentInput[]> {
  let firstReplyAt: number | undefined;
  const sent: SentInput[] = [];
  const played = playSamples(local, {
    onReply: () => (firstReplyAt ??= performance.now()),
    onKill: (agent) => note(`The agent ${agent} was killed while working.`),
  });
  for await (const { sample, key, sent: inputs } of played) {
    sent.push(...inputs);
    tellSession(await readStored(local.log, key), args, sample.about);
  }
  note(`First reply ${Math.round(firstReplyAt ?? 0)} ms after the process started.`);
  return sent;
}

function tellSession(stored: StoredSession, { json }: StartArguments, about: string): void {
  if (json) return print(JSON.stringify(reportSession(stored)));
  const lines = timeline(timedEvents(stored.commits), { about, colours: process.stdout.isTTY });
  print(`${lines.join("\n")}\n`);
}

/** Holds the log against itself and against what was sent. */
async function conclude(
  local: LocalSpine,
  sent: readonly SentInput[],
  { json }: StartArguments,
  tellsEach: boolean,
): Promise<boolean> {
  const sessions = await readLog(local.log);
  if (json && tellsEach) for (const session of sessions) print(JSON.stringify(reportSession(session)));
  const { problems, ...report } = reportLog(sessions, sent);
  if (json) print(JSON.stringify(report));
  else {
    const { gaps, duplicates, lost, replies } = report;
    print(
      `${report.sessions} sessions, ${replies} replies, ${gaps} gaps, ${duplicates} duplicates, ${lost} lost.`,
    );
  }
  problems.forEach(say);
  return problems.length === 0;
}

async function main(): Promise<number> {
  try {
    const args = parseArguments(process.argv.slice(2));
    if (!args.help) return await run(args, stopSignal());
    print(USAGE);
    return 0;
  } catch (error) {
    if (error instanceof Stopped) return error.exitCode;
    say(isSpineError(error) ? error.message : String(error instanceof Error ? error.stack : error));
    return 1;
  }
}

// Whoever reads has closed the pipe: they have seen enough.
process.stdout.once("error", () => process.exit());
process.exitCode = await main();
// Timers of deadlines that nobody waits for any more would keep the process alive.
process.exit();
