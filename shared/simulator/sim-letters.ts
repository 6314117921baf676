import { isSpineError } from "#core/errors.ts";
import { createMemoryLetterBox } from "#memory/memory-letter-box.ts";
import type { Queue } from "#memory/queue/queue.ts";
import type { Executions } from "#ports/clock.ts";
import type { LetterBox } from "#ports/blobs.ts";
import type { ReadyTokens } from "#ports/secrets.ts";
import type { WaysBack } from "#ports/queues.ts";
import { carriedBy } from "#runtime/letters/carried-by.ts";
import { createLetterConfirmer } from "#runtime/letters/create-letter-confirmer.ts";
import type { ArrivedLetter, Kept } from "#runtime/letters/create-letter-keeper.ts";
import { createRecovery, type Recovery } from "#runtime/letters/create-recovery.ts";
import { createRedrive } from "#runtime/letters/create-redrive.ts";
import { createFiling, type Filing } from "#runtime/letters/filing.ts";
import { Mark, markKey, messageIdOf, type LetterName } from "#runtime/letters/letter-name.ts";
import { sealedLetterBox } from "#runtime/sealing/sealed-letter-box.ts";
import { createWatchLetter, readWatch, type Watch } from "#runtime/letters/watch.ts";
import { isRetryable } from "#runtime/session/retryable.ts";
import type { Queues } from "#testing/in-process/in-process-queues.ts";
import { between } from "#memory/seeded-chance.ts";
import { OPERATOR_MS } from "./chaos.ts";
import type { Records } from "./observations.ts";
import type { Personal } from "./personal.ts";
import type { WorkerView } from "./ports.ts";
import type { TimerWatch } from "./timer-watch.ts";
import { OFFERS, Worker, type Ground } from "./worker.ts";

/** What recovery stands on. */
export interface LettersSetup {
  readonly ground: Ground;
  readonly records: Records;
  readonly queues: Queues;
  readonly tokens: ReadyTokens;
  readonly timers: TimerWatch;
  readonly view: (worker: Worker) => WorkerView;
  /** @default the tenant has no personal values */
  readonly personal?: Personal;
}

const CONFIRM_AGAIN_MS = 5_000;
/** Mostly while the inbox still knows what it delivered. */
const LEAST_UNTIL_REDRIVEN_MS = 1_000;
const MOST_UNTIL_REDRIVEN_MS = 400_000;

/** Recovery and the operator: letters are kept, told to their sessions, confirmed, parked, and sent back. */
export class Letters {
  /** The causes of the intake's letters, by their envelopes' ids: none where one was received too often. */
  readonly refused = new Map<string, string | undefined>();
  /** Letters whose groups had later messages: those run before. */
  overtaken = 0;
  readonly #setup: LettersSetup;
  readonly #box: LetterBox;
  readonly #executions = new Set<string>();
  readonly #kept = new Set<string>();
  #calls = 0;

  constructor(setup: LettersSetup) {
    this.#setup = setup;
    const box = createMemoryLetterBox();
    this.#box = setup.personal?.watchBox(box) ?? box;
    this.#countOvertaken(setup.queues.inbox);
  }

  /** What one of recovery's functions runs. */
  recovery(worker: Worker): Recovery {
    return createRecovery({
      ...this.#portsOf(worker),
      onKept: (letter, kept) => {
        // The operator has been called: its session need not hear of a commit that could not be relayed.
        if (carriedBy(letter.queue) === "commit") return;
        if (kept === "lost") this.#noteLost(letter);
        else if (kept !== "returned") this.#note(letter, kept);
      },
    });
  }

  #portsOf(worker: Worker) {
    const { tokens, view } = this.#setup;
    const { engine, inbox, answers, deadlines, sealing } = view(worker);
    const stored: LetterBox = {
      put: (key, text) => worker.call("letters.put", OFFERS.write, () => this.#box.put(key, text)),
      get: (key) => worker.call("letters.get", OFFERS.read, () => this.#box.get(key)),
      list: (prefix, limit, after) =>
        worker.call("letters.list", OFFERS.read, () => this.#box.list(prefix, limit, after)),
      remove: (key) => worker.call("letters.remove", OFFERS.write, () => this.#box.remove(key)),
    };
    const box = sealing === undefined ? stored : sealedLetterBox(stored, sealing);
    const { clock, digest } = engine;
    const watch = createWatchLetter({ box, clock, executions: this.#executionsOf(worker) });
    const filing = this.#filing(createFiling({ box, clock }));
    return {
      ...(sealing !== undefined && { seals: sealing.hasPaths }),
      stores: engine,
      box,
      filing,
      inbox,
      answers,
      deadlines,
      watch: this.#held(watch),
      clock,
      digest,
      tokens,
    };
  }

  /** Parking a letter rings an alarm. */
  #filing({ mark, park, expire }: Filing): Filing {
    return {
      mark: async (name, what, note) => {
        await mark(name, what, note);
        if (what === "recorded") this.#release(name);
      },
      expire: async (name, how) => {
        await expire(name, how);
        this.#release(name);
        this.#forget(name);
      },
      park: async (name, cause) => {
        await park(name, cause);
        this.#hold(name);
        // It goes back as what it was: its session need not hear of the letter.
        this.#forget(name);
        // The alarm rings: somebody sends it back when whatever was wrong is mended.
        this.#setup.ground.scheduler.after(OPERATOR_MS, () => this.#sendBack(name));
      },
    };
  }

  #forget(name: LetterName): void {
    if (name.key !== undefined)
      this.#setup.records.of(name.key.session).letters.delete(`${name.queue} ${messageIdOf(name)}`);
  }

  #held(watch: (name: LetterName) => Promise<void>): (name: LetterName) => Promise<void> {
    return async (name) => {
      await watch(name);
      this.#hold(name);
    };
  }

  /** While a letter is watched over, or an operator is called, its session will get an input. */
  #hold(name: LetterName): void {
    if (name.key !== undefined) this.#setup.timers.expectLetter(name.key.session, name.letter);
  }

  #release({ key, letter }: LetterName): void {
    if (key !== undefined) this.#setup.timers.letterEnded(key.session, letter);
  }

  #executionsOf(worker: Worker): Executions {
    return {
      start: (name, watch) =>
        worker.call("executions.start", OFFERS.write, () => {
          if (!this.#executions.has(name)) {
            this.#executions.add(name);
            this.#planRound(readWatch(watch));
          }
          return Promise.resolve("running");
        }),
    };
  }

  #planRound(watch: Watch): void {
    this.#setup.ground.scheduler.after(watch.waitSeconds * 1_000, () => this.#confirm(watch));
  }

  /** One state of an execution: tried again until it succeeds. */
  #confirm(watch: Watch): void {
    const { ground } = this.#setup;
    const worker = new Worker(`confirmer ${++this.#calls}`, ground);
    worker.start(
      () => createLetterConfirmer(this.#portsOf(worker))(watch),
      (outcome) => {
        if (outcome.type === "error") ground.scheduler.after(CONFIRM_AGAIN_MS, () => this.#confirm(watch));
        else if (outcome.value.next === "page") this.#confirm(outcome.value);
        else if (outcome.value.next === "round") this.#planRound(outcome.value);
      },
    );
  }

  #note({ queue, id, body, sentAt }: ArrivedLetter, kept: Kept): void {
    const { ground, records } = this.#setup;
    const name = `${queue} ${id}`;
    if (this.#kept.has(name)) return;
    this.#kept.add(name);
    // It was read: it names its session.
    const { envelope, ...key } = JSON.parse(body) as NonNullable<LetterName["key"]> & {
      readonly envelope?: { readonly id: string };
    };
    if (envelope !== undefined) records.of(key.session).kept.add(envelope.id);
    if (kept !== "expired") records.of(key.session).letters.add(name);
    const again = ground.chaos.at(`letter ${name}`, ["redriven"]);
    const letter = { letter: `${sentAt}-0-${id}`, queue, key: { tenant: key.tenant, session: key.session } };
    if (again !== undefined) ground.scheduler.after(again.value, () => this.#sendBack(letter));
  }

  /** An event of the bus that nobody takes; an operator may give it another chance, soon. */
  #noteLost({ queue, id, body, sentAt, cause }: ArrivedLetter): void {
    const { ground } = this.#setup;
    const { id: envelope } = JSON.parse(body) as { readonly id: string };
    this.refused.set(envelope, cause);
    const name = `${queue} ${id}`;
    if (this.#kept.has(name)) return;
    this.#kept.add(name);
    if (ground.chaos.at(`letter ${name}`, ["redriven"]) === undefined) return;
    const ms = between(ground.seed, `${name} redriven`, LEAST_UNTIL_REDRIVEN_MS, MOST_UNTIL_REDRIVEN_MS);
    ground.scheduler.after(ms, () => {
      // Whatever becomes of it now must be told again.
      this.refused.delete(envelope);
      this.#sendBack({ letter: `${sentAt}-0-${id}`, queue });
    });
  }

  /** An operator gives a letter another chance, by way of the coordinator. */
  #sendBack(name: LetterName): void {
    const { ground } = this.#setup;
    const worker = new Worker(`operator ${++this.#calls}`, ground);
    worker.start(
      async () => {
        const ports = this.#portsOf(worker);
        const body = (await ports.box.get(markKey(name, Mark.body))) ?? "";
        const { intake, retries, engine } = this.#setup.view(worker);
        const waysBack: WaysBack = {
          toIntake: (text) => intake.send([{ body: text, delaySeconds: 0, redrive: engine.ids.next() }]),
          toRelay: (places) => retries.keep(places, 0).then(() => undefined),
        };
        await createRedrive({ ...ports, waysBack })(name, body);
        this.#release(name);
      },
      (outcome) => {
        if (outcome.type === "error" && mayPass(outcome.error))
          ground.scheduler.after(OPERATOR_MS, () => this.#sendBack(name));
      },
    );
  }

  #countOvertaken(queue: Queue): void {
    const groups = new Map<string, number>();
    queue.watch((change, { groupId = "" }) =>
      groups.set(groupId, (groups.get(groupId) ?? 0) + (change === "came" ? 1 : -1)),
    );
    queue.config.deadLetterQueue?.watch((change, { groupId = "" }) => {
      if (change === "came" && (groups.get(groupId) ?? 0) > 0) this.overtaken += 1;
    });
  }
}

/** A session that cannot be read now may be read by the next version. */
const mayPass = (error: unknown): boolean => isRetryable(error) || isSpineError(error, "session.unreadable");
