import { parseTenantId } from "#core/ids.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import { inProcessSpine } from "#testing/in-process/in-process-spine.ts";
import { createHttpIngress } from "#runtime/create-http-ingress.ts";
import { startHttpServer } from "../start/http-server.ts";
import { checkLog } from "../check-log/check-log.ts";
import type { LogReport } from "../check-log/check-log.ts";
import type { LogDump, SentInput } from "../check-log/dump.ts";
import { replayApplication } from "./application.ts";
import { createHttpClient } from "./client.ts";
import type { Client, Reply } from "./client.ts";
import { converse } from "./conversation.ts";
import type { Dialogue } from "./dialogue-schema.ts";
import type { Conversations, Services } from "./dialogues.ts";
import { dumpLog } from "./dump-log.ts";
import { forgetMarkers, NO_ID_WINDOW } from "./forgetful-log.ts";
import { createRandom } from "./random.ts";
import { outcomeOf, runPlainly, userTurns } from "./reference.ts";
import type { TurnOutcome } from "./reference.ts";
import { planResends } from "./resends.ts";
import type { Section } from "./service-contract.ts";
import { asReceived, createTarget } from "./target.ts";
import type { Target } from "./target.ts";

export interface ReplayOptions {
  /** How many dialogues run at once. */
  readonly sessions: number;
  /** Sends all turns of a dialogue at once, numbered by their producer. */
  readonly rush: boolean;
  /** Share of inputs that are sent twice. */
  readonly duplicates: number;
  readonly seed: number;
  /** Breaks a promise of the spine on purpose, to show that the check notices. */
  readonly broken?: "dedup";
  readonly onProgress?: (done: number, all: number) => void;
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
  readonly log: LogReport;
  readonly dump: LogDump;
}

/** A machine that is busy with other things shall leave no gap: every predecessor comes, if late. */
const HELD_MS = 600_000;

/** Runs every dialogue on the in-process spine and, beside it, plainly. */
export async function replay(conversations: Conversations, options: ReplayOptions): Promise<Replay> {
  const { dialogues, services } = conversations;
  const random = createRandom(options.seed);
  const resends = planResends(dialogues, options.duplicates, random);
  const orders = new Map(dialogues.map((one) => [one.dialogue_id, createRandom(random() * 2 ** 32)]));
  const target = createTarget(dialogues);
  const stored = createMemorySessionLog();
  const spine = inProcessSpine({
    ...replayApplication(conversations, target),
    log: options.broken === "dedup" ? forgetMarkers(stored) : stored,
    limits: { heldMs: HELD_MS, ...(options.broken === "dedup" && NO_ID_WINDOW) },
  });
  const tenant = parseTenantId("local");
  const server = await startHttpServer({ port: 0, tenant, handle: createHttpIngress(spine.engine) });
  const client = createHttpClient(server.url, "replay");
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
  await server.close();
  await spine.idle();
  await spine.close();
  const dump = await dumpLog(stored, sent);
  const inputs = dialogues.reduce((sum, dialogue) => sum + userTurns(dialogue).length, 0);
  return { dialogues: played, injected: sent.length - inputs, log: checkLog(dump), dump };
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
  readonly target: Target;
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
      return asReceived(outcomeOf(turn, sections, services), target.receivedIn(id, turn));
    }),
  );
}

function troubleWith(turn: number, reply: Reply | undefined): readonly string[] {
  if (reply === undefined) return [`turn ${turn} had no reply`];
  return reply.failure === undefined ? [] : [`turn ${turn} failed: ${reply.failure}`];
}
