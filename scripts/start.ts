import { isSpineError, messageOf, SpineError } from "#core/errors.ts";
import type { SentInput } from "./check-log/dump.ts";
import { parseArguments, USAGE, type StartArguments } from "./start/arguments.ts";
import { startHttpServer, type RunningHttpServer } from "./start/http-server.ts";
import { invitation } from "./start/invitation.ts";
import { createLocalSpine, LOCAL_TENANT, type LocalSpine } from "./start/local-spine.ts";
import { playSample } from "./start/play-sample.ts";
import { readLog, readStored, reportLog, reportSession, type StoredSession } from "./start/report.ts";
import { SAMPLES, type Sample } from "./start/samples.ts";
import { timeline } from "./start/timeline.ts";

const print = (text: string) => void process.stdout.write(`${text}\n`);
const say = (text: string) => void process.stderr.write(`${text}\n`);
const sessionOf = ({ name }: Sample): string => `sample-${name}`;

async function run(args: StartArguments): Promise<number> {
  // With --json, standard output is for objects only.
  const note = args.json ? say : print;
  const local = await createLocalSpine({
    troubleIn: (session) => SAMPLES.find((sample) => sessionOf(sample) === session)?.trouble,
    onTrouble: (error, what) => say(`${what}: ${messageOf(error)}`),
    ...(args.data !== undefined && { data: args.data }),
  });
  try {
    // The port first: when it is taken nothing has happened yet.
    const server = args.once ? undefined : await listen(local, args.port);
    const sent = local.found > 0 ? await takeUp(local, note) : await play(local, args, note);
    const isSound = await conclude(local, sent, args);
    if (server !== undefined) await untilStopped(server, note);
    return isSound ? 0 : 1;
  } finally {
    await local.close();
  }
}

/** Plays the samples side by side, and tells each as soon as it is its turn. */
async function play(
  local: LocalSpine,
  args: StartArguments,
  note: typeof print,
): Promise<readonly SentInput[]> {
  let firstReplyAt: number | undefined;
  const onReply = () => (firstReplyAt ??= performance.now());
  const playing = SAMPLES.map((sample) => playSample(local.spine, sample, sessionOf(sample), onReply));
  const sent: SentInput[] = [];
  for (const [index, sample] of SAMPLES.entries()) {
    const played = await playing[index];
    sent.push(...(played ?? []));
    const stored = await readStored(local.log, local.spine.key(sessionOf(sample)));
    tellSession(stored, args, sample.about);
  }
  note(`First reply ${Math.round(firstReplyAt ?? 0)} ms after the process began.`);
  return sent;
}

/** Goes on with what a durable log holds; the samples were played when it was new. */
async function takeUp({ spine, found }: LocalSpine, note: typeof print): Promise<readonly SentInput[]> {
  const resumed = await spine.resume();
  note(`The log holds ${found} sessions; ${resumed} of them are unfinished and go on.`);
  return [];
}

function tellSession(stored: StoredSession, { json }: StartArguments, about: string): void {
  if (json) return print(JSON.stringify(reportSession(stored)));
  print(`${timeline(stored.commits, { about, colours: process.stdout.isTTY }).join("\n")}\n`);
}

/** Holds the log against itself and against what was sent. */
async function conclude(
  local: LocalSpine,
  sent: readonly SentInput[],
  { json }: StartArguments,
): Promise<boolean> {
  const sessions = await readLog(local.log);
  if (json && local.found > 0) for (const session of sessions) print(JSON.stringify(reportSession(session)));
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

async function listen({ handle }: LocalSpine, port: number): Promise<RunningHttpServer> {
  try {
    return await startHttpServer({ port, tenant: LOCAL_TENANT, handle });
  } catch (cause) {
    const repair = "Give another one with --port, or 0 for any free one.";
    throw new SpineError(
      "input.malformed",
      `--port: ${port} cannot be used: ${messageOf(cause)}. ${repair}`,
      {
        problems: [{ field: "--port", problem: messageOf(cause), repair }],
        cause,
      },
    );
  }
}

async function untilStopped(server: RunningHttpServer, note: typeof print): Promise<void> {
  note(`\n${invitation(server.url)}`);
  await new Promise<void>((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
  note("\nStopping: requests under way are answered first.");
  await server.close();
}

async function main(): Promise<number> {
  try {
    const args = parseArguments(process.argv.slice(2));
    if (!args.help) return await run(args);
    print(USAGE);
    return 0;
  } catch (error) {
    say(isSpineError(error) ? error.message : String(error instanceof Error ? error.stack : error));
    return 1;
  }
}

// Whoever reads has closed the pipe: they have seen enough.
process.stdout.once("error", () => process.exit());
process.exitCode = await main();
// Timers of deadlines that nobody waits for any more would keep the process alive.
process.exit();
