import {
  defineFlow,
  reply,
  sequence,
  type Agent,
  type LaterTask,
  type Contract,
  type Json,
} from "event-spine";
import { defineInterruptible, withApproval } from "event-spine/adapters";
import { createMovableClock, inProcessSpine } from "event-spine/testing";
import * as z from "zod";

export const DESK = defineInterruptible({
  name: "desk",
  output: z.object({ text: z.string() }),
  timeoutMs: 60_000,
});
/** The same, but for an agent that acts on the outside world. */
export const CAREFUL = defineInterruptible({
  name: "desk",
  output: z.object({ text: z.string() }),
  timeoutMs: 60_000,
  effect: "once",
});
export type DeskContract = typeof DESK;

/** A task as a host gives it, for an agent that is run without a spine. */
export function taskOf(over: Partial<LaterTask<never>> = {}): { task: LaterTask<never>; said: string[] } {
  const said: string[] = [];
  const task = {
    context: { input: { text: "Book a seat." } },
    tenant: "here",
    session: "one",
    task: "task-1",
    attempt: 1,
    idempotencyKey: "key-1",
    deadline: Number.MAX_SAFE_INTEGER,
    budget: {},
    signal: new AbortController().signal,
    progress: (piece: unknown) => void said.push(String(piece)),
    signals: Object.assign(() => Promise.resolve([]), {
      async *[Symbol.asyncIterator]() {
        // Nobody tells it anything.
      },
    }),
    later: () => Promise.reject(new Error("Adapters answer at once.")),
    ...over,
  };
  return { task: task as unknown as LaterTask<never>, said };
}

const STEP_MS = 5_000;
/** After so long the host of a task that hangs has answered that it ran out of time. */
const HUNG_MS = 61_000;
const NEVER = new Promise<void>(() => undefined);

/** A spine whose one flow asks the desk. `hangs` resolves when the agent does: then there is nothing more to wait for. */
export function spineAround(agent: Agent, hangs: Promise<void> = NEVER) {
  const contract = agent.contract as Contract;
  const clock = createMovableClock(Date.UTC(2030, 0, 7));
  const plan = sequence(
    withApproval(contract, { ask: "May it pay?", timeoutMs: 3_600_000, rounds: 2 }),
    reply("desk"),
  );
  const flows = [defineFlow({ name: "booking", on: "SeatAsked", plan })];
  const spine = inProcessSpine({ flows, agents: [agent], clock });
  const key = spine.key("one");
  const events = () => spine.reader.events(key);
  const caller = {
    tenant: key.tenant,
    source: "test",
    rights: { send: true, read: true, answer: true, command: true },
  };

  return {
    clock,
    events,
    async ask(): Promise<void> {
      await spine.send("SeatAsked", { text: "Book a seat." }, { session: "one" });
      await Promise.race([spine.idle(), hangs]);
    },
    /** Lets time pass for an agent that hangs, and for what comes after it. */
    async pass(ms: number): Promise<void> {
      await clock.runBy(HUNG_MS);
      for (let passed = HUNG_MS; passed < ms; passed += STEP_MS) {
        await spine.idle();
        await clock.runBy(STEP_MS);
      }
      await spine.idle();
    },
    /** All that the session has, as JSON: what the agent asked is in it. */
    state: async (): Promise<string> => JSON.stringify(await spine.reader.current(key)),
    async answer(value: Json): Promise<void> {
      const asked = (await events()).filter(({ type }) => type === "HumanAsked").at(-1);
      const { ask } = asked?.data as { readonly ask: string };
      await spine.ingress.answerHuman(caller as never, "one", ask, { value });
      await Promise.race([spine.idle(), hangs]);
    },
    async reply(): Promise<Json | undefined> {
      const sent = (await events()).filter(({ type }) => type === "ReplySent").at(-1);
      return (sent?.data as { readonly body?: Json } | undefined)?.body;
    },
    /** Tokens of all answers. */
    async tokens(): Promise<number> {
      const used = (await events()).map(
        ({ data }) => (data as { usage?: { tokens?: number } }).usage?.tokens ?? 0,
      );
      return used.reduce((sum, one) => sum + one, 0);
    },
    close: () => spine.close(),
  };
}
