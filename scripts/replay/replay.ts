import { checkLog } from "#local/check-log/check-log.ts";
import type { LogReport } from "#local/check-log/check-log.ts";
import type { LogDump, SentInput } from "#local/check-log/dump.ts";
import type { Client, Reply } from "./client.ts";
import { converse } from "./conversation.ts";
import type { Dialogue } from "./dialogue-schema.ts";
import type { Conversations, Services } from "./dialogues.ts";
import { dumpLog } from "./dump-log.ts";
import type { KillGroup, Kills } from "./kills.ts";
import { createRandom } from "#memory/seeded-random.ts";
import { outcomeOf, runPlainly, userTurns } from "./reference.ts";
import type { TurnOutcome } from "./reference.ts";
import { planResends } from "./resends.ts";
import type { Section } from "./service-contract.ts";
import type { OpenSpine, ReplaySpine } from "./spine.ts";
import { asReceived } from "./target.ts";

export interface ReplayOptions {
  /** How many dialogues run at once. */
  readonly sessions: number;
  /** Sends all turns of a dialogue at once, numbered by their producer. */
  readonly rush: boolean;
  /** Share of inputs that are sent twice. */
  readonly duplicates: number;
  readonly seed: number;
  /** Breaks a promise of the spine on purpose, to show that the check notices. In process only. */
  readonly broken?: "dedup";
  /** The seed by which a share of all requests is refused as too many. @default none is refused */
  readonly throttle?: number;
  /** How many processes are killed in the middle of their work. On the local runtime only. @default none */
  readonly kill?: number;
  /** The functions whose processes are killed. @default all of the spine's, and all agents together as one */
  readonly killed?: readonly KillGroup[];
  /** The agents' timeout on the local runtime. @default minutes, or seconds where processes are killed */
  readonly timeoutMs?: number;
  /** File that gets the functions' spans, as OTLP JSON. On the local runtime only. @default none are recorded */
  readonly traces?: string;
  /** How long the local runtime may take to come to rest when all replies are there. @default 60_000 */
  readonly idleWaitMs?: number;
  /** Told how far the start is. */
  readonly onStart?: (text: string) => void;
  readonly onProgress?: (done: number, all: number) => void;
  /** Told of refusals and crashes on the local runtime. */
  readonly onTrouble?: (text: string) => void;
}

/** One dialogue, by the spine and by the plain run. */
export interface PlayedDialogue {
  readonly dialogue: Dialogue;
  readonly outcomes: readonly TurnOutcome[];
  readonly reference: readonly TurnOutcome[];
  /** Turns without a good reply, and why. */
  readonly troubles: readonly string[];
}

export interface Replay {
  readonly dialogues: readonly PlayedDialogue[];
  /** Sendings beyond the first of an input. */
  readonly injected: number;
  /** What was killed, where something was. */
  readonly kills?: Kills;
  readonly log: LogReport;
  readonly dump: LogDump;
}

/** Runs every dialogue on a spine and, beside it, plainly. */
export async function replay(
  conversations: Conversations,
  options: ReplayOptions,
  open: OpenSpine,
): Promise<Replay> {
  const spine = await open(conversations, options);
  try {
    return await play(conversations, options, spine);
  } finally {
    await spine.close();
  }
}

async function play(
  { dialogues, services }: Conversations,
  options: ReplayOptions,
  { tenant, client, target, log, killer, idle }: ReplaySpine,
): Promise<Replay> {
  const random = createRandom(options.seed);
  const resends = planResends(dialogues, options.duplicates, random);
  const orders = new Map(dialogues.map((one) => [one.dialogue_id, createRandom(random() * 2 ** 32)]));
  const inputs = dialogues.reduce((sum, dialogue) => sum + userTurns(dialogue).length, 0);
  const sent: SentInput[] = [];
  const played = await atOnce(options.sessions, dialogues, options.onProgress, async (dialogue) => {
    const own = resends.get(dialogue.dialogue_id) ?? [];
    const order = orders.get(dialogue.dialogue_id) ?? random;
    const transcript = await converse({
      dialogue,
      tenant,
      client,
      rush: options.rush,
      resends: own,
      random: order,
    });
    sent.push(...transcript.sent);
    const outcomes = await outcomesOf(client, { dialogue, services, target, replies: transcript.replies });
    const troubles = userTurns(dialogue).flatMap(({ turn }, at) => troubleWith(turn, transcript.replies[at]));
    return { dialogue, outcomes, reference: runPlainly(dialogue, services), troubles };
  });
  killer?.stop();
  await idle();
  const dump = await dumpLog(log, sent);
  return {
    dialogues: played,
    injected: sent.length - inputs,
    ...(killer !== undefined && { kills: killer.kills }),
    log: checkLog(dump),
    dump,
  };
}

async function atOnce<Item, Result>(
  most: number,
  items: readonly Item[],
  onProgress: ReplayOptions["onProgress"],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  let done = 0;
  const worker = async () => {
    for (const [at, item] of waiting) {
      results[at] = await work(item);
      done += 1;
      onProgress?.(done, items.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  return results;
}

interface Heard {
  readonly dialogue: Dialogue;
  readonly services: Services;
  readonly target: ReplaySpine["target"];
  readonly replies: readonly (Reply | undefined)[];
}

/** What each turn came to, by the context that the session's log gives for its reply. */
async function outcomesOf(client: Client, heard: Heard): Promise<readonly TurnOutcome[]> {
  const { dialogue, services, target, replies } = heard;
  const id = dialogue.dialogue_id;
  return Promise.all(
    userTurns(dialogue).map(async ({ turn }, at) => {
      const reply = replies[at];
      const context = reply === undefined ? {} : await client.contextAt(id, reply.sequence);
      // Of these only services' sections are read; their agents wrote them, and the contracts have checked what.
      const sections = context as Readonly<Record<string, Section>>;
      return asReceived(outcomeOf(turn, sections, services), await target.receivedIn(id, turn));
    }),
  );
}

function troubleWith(turn: number, reply: Reply | undefined): readonly string[] {
  if (reply === undefined) return [`turn ${turn} had no reply`];
  return reply.failure === undefined ? [] : [`turn ${turn} failed: ${reply.failure}`];
}
