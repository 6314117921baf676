import type { SessionKey } from "#core/ids.ts";
import type { JsonObject } from "#core/json.ts";
import type { Input } from "#core/session/input.ts";
import type { AnswerMessage } from "#core/session/task-messages.ts";
import { serializeTombstone } from "#core/session/tombstone.ts";
import { createMemoryLetterBox } from "#memory/memory-letter-box.ts";
import type { InboxMessage, CommitRef } from "#ports/queues.ts";
import { createCoordinator } from "#runtime/doors/create-coordinator.ts";
import { createLetterConfirmer } from "#runtime/letters/create-letter-confirmer.ts";
import { createLetterKeeper, type ArrivedLetter } from "#runtime/letters/create-letter-keeper.ts";
import { createRecovery } from "#runtime/letters/create-recovery.ts";
import { createOperator } from "#runtime/letters/create-operator.ts";
import { createRedrive } from "#runtime/letters/create-redrive.ts";
import { createFiling } from "#runtime/letters/filing.ts";
import type { KnownOperator } from "#runtime/letters/known-operator.ts";
import { parseOperatorRequest } from "#runtime/letters/operator-protocol.ts";
import { createWatchLetter } from "#runtime/letters/watch.ts";
import { loadSession } from "#runtime/session/load-session.ts";
import { createBench, digest, KEY, START, tokens, type BenchOptions } from "../engine.ts";

export interface Sent {
  readonly key: SessionKey;
  readonly input: Input;
}

export const OPERATOR: KnownOperator = {
  source: "arn:aws:iam::111122223333:role/operators",
  person: "ada",
  rights: ["operate"],
};

/** Recovery on an engine in memory, whose queues only note what is sent; `trouble` comes before each send to the inbox. */
export function createLetterBench(options: BenchOptions = {}, trouble?: () => Promise<void>) {
  const bench = createBench(options);
  const { engine, clock } = bench;
  const box = createMemoryLetterBox();
  const inputs: Sent[] = [];
  const answers: AnswerMessage[] = [];
  const intake: string[] = [];
  const refs: CommitRef[] = [];
  const started: { readonly name: string; readonly input: JsonObject }[] = [];
  const inbox = {
    send: async (...messages: readonly InboxMessage[]) => {
      await trouble?.();
      inputs.push(...messages);
    },
  };
  const executions = {
    start: (name: string, input: JsonObject) => {
      started.push({ name, input });
      return Promise.resolve("running" as const);
    },
  };
  const stores = engine;
  const common = { digest, tokens, stores, box, clock, inbox, filing: createFiling({ box, clock }) };
  const watch = createWatchLetter({ box, executions, clock });
  const waysBack = {
    toIntake: (body: string) => Promise.resolve(void intake.push(body)),
    toRelay: (some: readonly CommitRef[]) => Promise.resolve(void refs.push(...some)),
  };
  const operator = createOperator({
    ...common,
    redrive: createRedrive({
      ...common,
      watch,
      waysBack,
      answers: { send: (answer) => Promise.resolve(void answers.push(answer)) },
    }),
    waysBack,
    scan: {
      since: (since: number, after?: string) =>
        Promise.resolve(
          after === undefined
            ? { refs: [{ ...KEY, first: since }], after: "second page" }
            : { refs: [{ ...KEY, first: since + 1 }] },
        ),
    },
  });
  const ended: string[] = [];
  const armed: { readonly key: SessionKey; readonly at: number }[] = [];
  const kept: string[] = [];
  const troubled: string[] = [];
  const recovery = createRecovery({
    ...common,
    watch,
    deadlines: { arm: (key, at) => Promise.resolve(void armed.push({ key, at })) },
    onKept: ({ id }, how) => void kept.push(`${id} ${how}`),
    onTrouble: (_error, what) => void troubled.push(what),
  });
  return {
    ...bench,
    box,
    inputs,
    answers,
    intake,
    refs,
    started,
    ended,
    armed,
    kept,
    troubled,
    recovery,
    keep: createLetterKeeper({ ...common, watch }),
    confirm: createLetterConfirmer({ ...common, onEnded: (mark) => void ended.push(mark) }),
    /** As an operator of every tenant, for a reason that does not matter, unless it says otherwise. */
    operate: (request: object, who: KnownOperator = OPERATOR) =>
      operator(parseOperatorRequest({ reason: "a test", ...request }), who),
    /** Hands the inputs to the coordinator, as the inbox would. */
    async deliver() {
      const messages = inputs.splice(0).map(({ key, input }, at) => ({
        id: String(at),
        body: JSON.stringify({ ...key, input }),
      }));
      return createCoordinator(engine).inbox(messages);
    },
    /** All keys of the box. */
    keys: () => box.list("", 1_000),
  };
}

export const DAY = "2030-01-01";
/** The first span of the bench's clock. */
export const BUCKET = `letters-${START / 10_000}`;

export const arrived = (
  queue: string,
  body: unknown,
  id = "m-1",
  more: Partial<ArrivedLetter> = {},
): ArrivedLetter => ({
  queue,
  id,
  body: typeof body === "string" ? body : JSON.stringify(body),
  sentAt: START,
  ...more,
});

export const nameOf = (id: string, sequence = "0"): string => `${START}-${sequence}-${id}`;
export const deadline = (at: number): object => ({ ...KEY, at });

/** Something that is no log, where a session's first commit stands. */
export const DAMAGED = { first: 1, last: 1, text: "no commit", snapshot: false };

/** Puts a tombstone at the end of the session: all that retention leaves of it. */
export async function expire({ engine, log }: Pick<ReturnType<typeof createLetterBench>, "engine" | "log">) {
  const { state, hash } = await loadSession(engine, KEY);
  const first = state.sequence + 1;
  const times = { endedAt: state.time, expiredAt: START, until: START };
  const text = serializeTombstone({ ...KEY, first, previous: hash, ...times });
  await log.append(KEY, { first, last: first, text, snapshot: true });
}
